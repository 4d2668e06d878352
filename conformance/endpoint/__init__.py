"""The endpoint to judge: its settings, their sources, and the checks of what a user typed."""
