"""Recorded traffic: the importers, the judging of what they read, and the command."""
