"""Several reports together: two compared, several endpoints compared, and the history of an endpoint."""
