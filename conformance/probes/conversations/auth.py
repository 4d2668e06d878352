"""Requests without the right key: each must be refused."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from conformance.endpoint.wrong_keys import OTHER_SHAPE, longer, other_case, other_ending, wrong_key_like
from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import Ask, Depth, Key, conversation

QUESTION = [user("Say hello.")]
OTHER_ROUTES = ("/invocations", "/v1/messages")  # vLLM's for SageMaker, and many servers' for Anthropic's clients


@conversation("error", needs="key")
async def wrong_key(ask: Ask) -> None:
    """Chat with a wrong key of the right shape."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=wrong_key_like(ask.endpoint.key or ""))


@conversation("error", needs="key", depth=Depth.QUICK)
async def wrong_key_stream(ask: Ask) -> None:
    """Streamed chat with a key whose last character is wrong."""
    await ask.chat(messages=QUESTION, max_tokens=16, stream=True, key=other_ending(ask.endpoint.key or ""))


@conversation("error", needs="key")
async def other_shape_key(ask: Ask) -> None:
    """Chat with a wrong key that does not look like this provider's keys."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=OTHER_SHAPE)


@conversation("error", needs="key", depth=Depth.THOROUGH, once=True)
async def accented_key(ask: Ask) -> None:
    """Chat with a key that contains a non-ASCII letter, as after careless copying."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=wrong_key_like(ask.endpoint.key or "") + "é")


@conversation("error", needs="key", depth=Depth.THOROUGH, once=True)
async def other_case_key(ask: Ask) -> None:
    """Chat with the right key, its capitals and small letters swapped."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=other_case(ask.endpoint.key or ""))


@conversation("error", needs="key", depth=Depth.THOROUGH, once=True)
async def longer_key(ask: Ask) -> None:
    """Chat with the right key and one more character at its end."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=longer(ask.endpoint.key or ""))


@conversation("error", needs="key", depth=Depth.QUICK)
async def no_key(ask: Ask) -> None:
    """Chat without an Authorization header."""
    await ask.chat(messages=QUESTION, max_tokens=16, key=Key.NONE)


@conversation("error", needs="key", once=True)
async def no_key_stream(ask: Ask) -> None:
    """Streamed chat without an Authorization header."""
    await ask.chat(messages=QUESTION, max_tokens=16, stream=True, key=Key.NONE)


@conversation("error", needs="key", once=True)
async def empty_token(ask: Ask) -> None:
    """Chat with `Authorization: Bearer` and no token, as clients with an empty key field send it."""
    await ask.chat(messages=QUESTION, max_tokens=16, key="")


@conversation("response", needs="key")
async def models_wrong_key(ask: Ask) -> None:
    """GET of the model list with a wrong key."""
    if ask.endpoint.models_url:
        await ask.get(ask.endpoint.models_url, key=wrong_key_like(ask.endpoint.key or ""))


@conversation("response", needs="key", depth=Depth.THOROUGH, requests=len(OTHER_ROUTES), once=True)
async def other_routes(ask: Ask) -> None:
    """POST without a key to routes where some servers offer the same model to other clients."""
    parts = urlsplit(ask.endpoint.base_url)
    body = json.dumps({"model": ask.endpoint.model, "messages": QUESTION, "max_tokens": 16}).encode()
    for route in OTHER_ROUTES:
        await ask.post(f"{parts.scheme}://{parts.netloc}{route}", body, key=Key.NONE)
