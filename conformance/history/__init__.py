"""Several reports together: differences, comparisons, and the history of an endpoint."""
