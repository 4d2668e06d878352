"""Recorded traffic of other programs, as exchanges that probes can judge: one small module for each format."""
