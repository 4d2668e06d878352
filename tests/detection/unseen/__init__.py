"""Defects that were written down before any requirement was made for them, one module per area; `../unseen.toml` has their sources."""
