"""Servers written by others, run on loopback: what the suite says about them can be checked by hand."""
