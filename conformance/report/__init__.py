"""The report of a run: built once, stored as JSON, rendered in every format."""
