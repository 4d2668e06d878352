"""The OpenAI Python SDK: what it sends, and what it makes of an answer."""
