"""Settings in the form in which each client takes them: lines of its page, its configuration file, or code.

Keys are told by the variable that holds them and headers by their names, so that what is pasted holds no secret. The file:
https://github.com/Kilo-Org/kilocode/blob/main/packages/opencode/src/config/provider.ts
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from conformance.endpoint.config import Endpoint
from conformance.judging.client_settings.names import ANY_KEY, LOOK_UP, NAMES, NOT_KNOWN

HEADER = "<its value>"

Values = Mapping[str, str]


def pasted(client: str, endpoint: Endpoint, values: Values) -> str:
    """The settings of a client, ready to paste; "" without a base URL: what stands in its place would get the key."""
    if "base_url" not in values:
        return ""
    if client == "kilo-code":
        return json.dumps(_kilo_code(endpoint, values), indent=2, ensure_ascii=False)
    if client == "openai-python":
        return _python(endpoint, values)
    if client == "ai-sdk":
        return _ai_sdk(endpoint, values)
    page = (f"{NAMES[client][name]}: {value}" for name, value in values.items())
    return "\n".join(["API Provider: OpenAI Compatible", *page])


def _kilo_code(endpoint: Endpoint, values: Values) -> dict[str, Any]:
    """Kilo Code's file. It takes pairs only whole; 0 is what it takes itself for the half that is left out."""
    pairs = {
        "limit": _pair(values, context="context_window", output="max_output_tokens"),
        "cost": _pair(values, input="input_price", output="output_price"),
    }
    model: dict[str, Any] = {"name": endpoint.model, **{name: pair for name, pair in pairs.items() if pair}}
    if "image" in values.get("images", ""):
        model |= {"attachment": True, "modalities": {"input": ["text", "image"], "output": ["text"]}}
    key = {"apiKey": values["api_key"]} if "api_key" in values else {}
    more = key | _parameters(values, "queryParams") | _headers(endpoint, "headers")
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": values["base_url"], **more},
        "models": {endpoint.model: model},
    }
    return {"$schema": "https://app.kilo.ai/config.json", "provider": {provider_id(endpoint): provider}}


def _pair(values: Values, **halves: str) -> dict[str, int | float | str]:
    """Both halves of a pair as numbers, one that must be looked up as these words; {} when nothing is known."""
    told = {half: values.get(name, NOT_KNOWN) for half, name in halves.items()}
    return {half: _number(v) for half, v in told.items()} if set(told.values()) != {NOT_KNOWN} else {}


def _number(value: str) -> int | float | str:
    if value == LOOK_UP:
        return value
    number = 0.0 if value == NOT_KNOWN else float(value)
    return int(number) if number.is_integer() else number


def provider_id(endpoint: Endpoint) -> str:
    """The endpoint's name as Kilo Code takes it. One that begins with openai would have it ask again after a 404."""
    id = re.sub(r"[^a-z0-9_-]+", "-", endpoint.name.lower()).strip("-") or "endpoint"
    return f"my-{id}" if id.startswith("openai") else id


def _parameters(values: Values, name: str) -> dict[str, dict[str, str]]:
    given = dict(parse_qsl(values.get("query", ""), keep_blank_values=True))
    return {name: given} if given else {}


def _headers(endpoint: Endpoint, name: str) -> dict[str, dict[str, str]]:
    return {name: dict.fromkeys(endpoint.headers, HEADER)} if endpoint.headers else {}


def _python(endpoint: Endpoint, values: Values) -> str:
    more = _parameters(values, "default_query") | _headers(endpoint, "default_headers")
    key = values["api_key"] if values["api_key"] != ANY_KEY else '"none"'
    client = [f"base_url={_quoted(values['base_url'])},", f"api_key={key},"]
    client += [f"{name}={_quoted(value)}," for name, value in more.items()]
    call = [f"model={_quoted(endpoint.model)},", "messages=messages,", "tools=tools,"]
    call += [f"max_completion_tokens={values['max_output_tokens']},"] if "max_output_tokens" in values else []
    call += ["stream=True,"] if values.get("streaming") == "True" else []
    return "\n".join(
        [
            *("import os", "", "from openai import OpenAI", ""),
            *("client = OpenAI(", *(f"    {line}" for line in client), ")"),
            *("answer = client.chat.completions.create(", *(f"    {line}" for line in call), ")"),
        ]
    )


def _ai_sdk(endpoint: Endpoint, values: Values) -> str:
    more = _parameters(values, "queryParams") | _headers(endpoint, "headers")
    options = [f"name: {_quoted(endpoint.name)},", f"baseURL: {_quoted(values['base_url'])},"]
    options += [f"apiKey: {values['api_key']},"] if "api_key" in values else []
    options += [f"{name}: {_quoted(value)}," for name, value in more.items()]
    cap = f", maxOutputTokens: {values['max_output_tokens']}" if "max_output_tokens" in values else ""
    return "\n".join(
        [
            'import { createOpenAICompatible } from "@ai-sdk/openai-compatible";',
            *('import { streamText } from "ai";', ""),
            "const provider = createOpenAICompatible({",
            *(f"  {line}" for line in options),
            *("  includeUsage: true,", "});"),
            f"const answer = streamText({{ model: provider({_quoted(endpoint.model)}), messages, tools{cap} }});",
        ]
    )


def _quoted(value: Any) -> str:
    """As JSON, which Python and TypeScript read alike."""
    return json.dumps(value, ensure_ascii=False)
