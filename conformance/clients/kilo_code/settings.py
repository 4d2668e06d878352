"""Kilo Code's settings: a provider in its configuration file.

Sources: https://github.com/Kilo-Org/kilocode/blob/main/packages/kilo-docs/pages/code-with-ai/agents/custom-models.md and
https://github.com/Kilo-Org/kilocode/blob/main/packages/opencode/src/config/provider.ts
"""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.clients.settings import LOOK_UP, NOT_KNOWN, SettingsPage, Values, headers, parameters
from conformance.endpoint.config import Endpoint


def _file(endpoint: Endpoint, values: Values) -> str:
    """Its file. Kilo Code accepts `limit` and `cost` only with both halves, and assumes 0 for a missing half."""
    pairs = {
        "limit": _pair(values, context="context_window", output="max_output_tokens"),
        "cost": _pair(values, input="input_price", output="output_price"),
    }
    model: dict[str, Any] = {"name": endpoint.model, **{name: pair for name, pair in pairs.items() if pair}}
    if "image" in values.get("images", ""):
        model |= {"attachment": True, "modalities": {"input": ["text", "image"], "output": ["text"]}}
    key = {"apiKey": values["api_key"]} if "api_key" in values else {}
    more = key | parameters(values, "queryParams") | headers(endpoint, "headers")
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": values["base_url"], **more},
        "models": {endpoint.model: model},
    }
    file = {"$schema": "https://app.kilo.ai/config.json", "provider": {provider_id(endpoint): provider}}
    return json.dumps(file, indent=2, ensure_ascii=False)


def _pair(values: Values, **halves: str) -> dict[str, int | float | str]:
    """Both halves of a pair as numbers, or LOOK_UP for one that must be looked up; {} if neither is known."""
    given = {half: values.get(name, NOT_KNOWN) for half, name in halves.items()}
    return {half: _number(v) for half, v in given.items()} if set(given.values()) != {NOT_KNOWN} else {}


def _number(value: str) -> int | float | str:
    if value == LOOK_UP:
        return value
    number = 0.0 if value == NOT_KNOWN else float(value)
    return int(number) if number.is_integer() else number


def provider_id(endpoint: Endpoint) -> str:
    """The endpoint's name in the form that Kilo Code accepts. It retries after a 404 if the name begins with openai."""
    id = re.sub(r"[^a-z0-9_-]+", "-", endpoint.name.lower()).strip("-") or "endpoint"
    return f"my-{id}" if id.startswith("openai") else id


SETTINGS = SettingsPage(
    names={
        "file": "file",
        "base_url": "options.baseURL",
        "query": "options.queryParams",
        "api_key": "options.apiKey",
        "headers": "options.headers",
        "model": "models",
        "context_window": "limit.context",
        "max_output_tokens": "limit.output",
        "images": "modalities.input",
        "input_price": "cost.input",
        "output_price": "cost.output",
    },
    spelled={"on": "text, image", "off": "text"},
    fixed={"file": ("~/.config/kilo/kilo.jsonc", "a project's own file cannot read keys with {env:...}")},
    paste=_file,
    key="{{env:{}}}",
    key_required=False,
    unasked_cap=r"(?i)^(?!.*gpt-5)",
    without_window="no conversation is ever shortened",
)
