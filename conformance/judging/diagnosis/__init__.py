"""Why tool calls are missing or come as text: the model or the provider, and which setting fixes it. Pure."""
