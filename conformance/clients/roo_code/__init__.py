"""Roo Code: what it sends, and what it makes of an answer."""
