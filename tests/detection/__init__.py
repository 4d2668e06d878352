"""Measures detection: how many defects of real servers a run notices, and under the right heading."""
