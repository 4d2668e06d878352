"""One run from options to report, and several runs side by side."""
