"""Explanations: one probe with a failing example, an error text, or the catalogue as lists."""
