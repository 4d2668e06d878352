"""The AI SDK with its provider for OpenAI-compatible endpoints: what it sends, and what it makes of an answer."""
