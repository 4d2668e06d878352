"""The probes: one file per area, `test_<area>.py`, each a plain pytest file without I/O."""
