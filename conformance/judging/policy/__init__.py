"""What fails a build: the gate, accepted failures and the baseline."""
