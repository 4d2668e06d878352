"""Kilo Code before its rebuild, a relative of Roo Code: what it sends, and what it makes of an answer."""
