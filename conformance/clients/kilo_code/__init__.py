"""Kilo Code: today's, built on the AI SDK: what it sends, and what it makes of an answer."""
