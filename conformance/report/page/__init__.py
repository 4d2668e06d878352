"""The HTML page: its templates, and what each part of it shows."""
