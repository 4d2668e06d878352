"""The endpoint that is judged: its settings, where they come from, and what is wrong with them."""
