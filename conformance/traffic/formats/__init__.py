"""The formats of recorded traffic, one module each."""
