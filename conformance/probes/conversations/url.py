"""Paths that a user reaches by a mistake in the base URL."""

from __future__ import annotations

import json

from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import Ask, Depth, conversation


@conversation("error", once=True)
async def doubled_path(ask: Ask) -> None:
    """POST to a path that has /chat/completions twice."""
    url = ask.endpoint.url("/chat/completions/chat/completions")
    body = {"model": ask.endpoint.model, "messages": [user("Say hello.")]}
    await ask.post(url, json.dumps(body).encode())


@conversation("error", once=True)
async def unknown_path(ask: Ask) -> None:
    """GET of a path that does not exist."""
    await ask.get(ask.endpoint.url("/conformance-no-such-path"))


@conversation("model_list", depth=Depth.QUICK)
async def models(ask: Ask) -> None:
    """GET of the model list."""
    if ask.endpoint.models_url:
        await ask.get(ask.endpoint.models_url)


@conversation("model_list", depth=Depth.THOROUGH, once=True)
async def models_double_slash(ask: Ask) -> None:
    """GET of the model list with a double slash, as from a base URL with a trailing slash."""
    await ask.get(ask.endpoint.url("//models"))
