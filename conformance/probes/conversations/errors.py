"""Requests that are wrong on purpose, and requests at the edge of what a server takes."""

from __future__ import annotations

import json

from conformance.conversation import OVERFILL, Ask, conversation
from conformance.probes.conversations.offered import user

OVER_A_MEGABYTE = 1_200_000


@conversation("error")
async def malformed_json(ask: Ask) -> None:
    """A body that is not JSON."""
    await ask.post(ask.endpoint.chat_url, b'{"model": "x", "messages": [')


@conversation("error")
async def bad_messages(ask: Ask) -> None:
    """Messages that are a number."""
    await ask.chat(messages=42)


@conversation("response", tokens=32)
async def large_output_cap(ask: Ask) -> None:
    """max_tokens 32000, which Kilo Code sends for every model whose limit it does not know."""
    await ask.chat(messages=[user("Say hello in one short sentence.")], max_tokens=32_000)


@conversation("response", tokens=16)
async def large_body(ask: Ask) -> None:
    """A request body of more than a megabyte; the bulk is blanks between JSON tokens, which cost nothing."""
    fields = {"model": ask.endpoint.model, "max_tokens": 16, "messages": [user("Say hello.")]}
    body = json.dumps(fields).encode()
    await ask.post(ask.endpoint.chat_url, body[:-1] + b" " * OVER_A_MEGABYTE + b"}")


@conversation("error", needs="context_window", tokens=16)
async def overflow(ask: Ask) -> None:
    """A prompt a third longer than the configured context window."""
    words = int((ask.endpoint.context_window or 0) * OVERFILL)  # one token each with every common tokenizer
    await ask.chat(messages=[user("Answer with one word. " + "ready " * words)], max_tokens=16)
