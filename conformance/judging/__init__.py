"""From evidence to conclusions: what each probe saw, what it means to each client, and what a build makes of it."""
