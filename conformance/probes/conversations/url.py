"""Paths that a user's base URL may lead to by mistake."""

from __future__ import annotations

import json

from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import Ask, Depth, conversation


@conversation("error", once=True)
async def doubled_path(ask: Ask) -> None:
    """POST to the chat path with /chat/completions appended once more."""
    url = ask.endpoint.url("/chat/completions/chat/completions")
    body = {"model": ask.endpoint.model, "messages": [user("Say hello.")]}
    await ask.post(url, json.dumps(body).encode())


@conversation("error", once=True)
async def unknown_path(ask: Ask) -> None:
    """GET of a path that nobody serves."""
    await ask.get(ask.endpoint.url("/conformance-no-such-path"))


@conversation("model_list", depth=Depth.QUICK)
async def models(ask: Ask) -> None:
    """GET of the model list."""
    if ask.endpoint.models_url:
        await ask.get(ask.endpoint.models_url)


@conversation("model_list")
async def models_double_slash(ask: Ask) -> None:
    """GET of the model list with the double slash that a base URL with a trailing slash leads to."""
    await ask.get(ask.endpoint.url("//models"))
