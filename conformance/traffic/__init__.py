"""Traffic that somebody else recorded, as exchanges that probes can judge: one small module for each format."""
