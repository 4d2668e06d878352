"""What a user types into each client's settings: what was found to work, and what to avoid. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.clients.advice import Typed, advice
from conformance.clients.client import Client
from conformance.clients.url import parsed
from conformance.config import Endpoint
from conformance.probe import Outcome

KEY = "the key in {}"


@dataclass(frozen=True)
class Setting:
    """One setting as the client calls it, a value for it, and why."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class ClientSettings:
    """The settings of one client: those to use, those to avoid, and the former in the client's own form, ready to paste."""

    use: tuple[Setting, ...] = ()
    avoid: tuple[Setting, ...] = ()
    paste: str = ""


@dataclass(frozen=True)
class Found:
    """What a run found out that settings depend on: outcomes by probe id, and the limit that the server told, if any."""

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    told_limit: int | None = None

    def holds(self, probe: str) -> bool | None:
        """Whether a requirement holds; None when it was not judged."""
        return {Outcome.PASSED: True, Outcome.FAILED: False}.get(self.outcomes.get(probe, Outcome.BLOCKED))


VALUES = (
    "base_url model streaming r1_format prompt_caching max_output_tokens context_window images input_price output_price"
).split()
PAGE = {  # of Roo Code and its relatives
    "base_url": "Base URL",
    "model": "Model ID",
    "streaming": "Enable streaming",
    "r1_format": "Enable R1 model parameters",
    "prompt_caching": "Prompt caching",
    "max_output_tokens": "Max output tokens",
    "context_window": "Context window size",
    "images": "Image support",
    "input_price": "Input price",
    "output_price": "Output price",
}
NAMES: dict[str, dict[str, str]] = {
    "roo-code": PAGE,
    "kilo-code-legacy": PAGE,
    "cline": {name: told for name, told in PAGE.items() if name not in ("streaming", "prompt_caching")},
    "kilo-code": {
        "base_url": "options.baseURL",
        "model": "models",
        "max_output_tokens": "limit.output",
        "context_window": "limit.context",
        "images": "modalities.input",
        "input_price": "cost.input",
        "output_price": "cost.output",
    },
    "openai-python": {"base_url": "base_url", "model": "model", "streaming": "stream"},
    "ai-sdk": {"base_url": "baseURL", "model": "model"},
}


def settings_for(client: Client, endpoint: Endpoint, found: Found) -> ClientSettings:
    """The settings of one client for this endpoint."""
    names = NAMES[client.id]
    values = {name: told for name, told in _values(client, endpoint, found).items() if name in names}
    use = tuple(Setting(names[name], value, why) for name, (value, why) in values.items() if value)
    avoid = tuple(
        Setting(names[name], value, why)
        for name, value, why in _avoided(client, endpoint, found)
        if name in names
    )
    return ClientSettings(
        use, avoid, pasted(client, endpoint, {n: value for n, (value, _) in values.items() if value})
    )


def _values(client: Client, endpoint: Endpoint, found: Found) -> dict[str, tuple[str, str]]:
    """A value and its reason for every setting; "" for one that is to be left alone."""
    return {
        "base_url": _base(client, endpoint),
        "model": (endpoint.model, "the id that was judged"),
        "streaming": _streaming(client, endpoint, found),
        "r1_format": ("off", "the usual messages are taken"),
        "prompt_caching": ("off", "no marks are needed for it to work"),
        "max_output_tokens": _output(endpoint),
        "context_window": _window(endpoint, found),
        "images": _images(endpoint, found),
        "input_price": _price(endpoint.input_price),
        "output_price": _price(endpoint.output_price),
    }


def _base(client: Client, endpoint: Endpoint) -> tuple[str, str]:
    """The base URL that leads the client to what was judged; the one as typed when it does."""
    for base in (endpoint.base_url, Typed(endpoint.base_url).root):
        if client.chat(base, endpoint.model).url == parsed(endpoint.chat_url).url:
            return base, f"leads to {endpoint.chat_url}"
    return "", ""


def _streaming(client: Client, endpoint: Endpoint, found: Found) -> tuple[str, str]:
    turn, plain = found.holds(f"client.{client.id}-turn"), found.holds(f"client.{client.id}-plain")
    if turn is False and plain:
        return "off", "the streamed turn fails, the one without streaming works"
    if not endpoint.streaming:
        return "off", "as configured here"
    return "on", "the streamed turn works" if turn else "not judged with this client's own turn"


def _output(endpoint: Endpoint) -> tuple[str, str]:
    if endpoint.max_output_tokens is not None:
        return str(endpoint.max_output_tokens), "as configured here (max_output_tokens)"
    return "", ""


def _window(endpoint: Endpoint, found: Found) -> tuple[str, str]:
    if endpoint.context_window is not None:
        return str(endpoint.context_window), "as configured here (context_window)"
    return (str(found.told_limit), "the server told this limit") if found.told_limit else ("", "")


def _images(endpoint: Endpoint, found: Found) -> tuple[str, str]:
    if not endpoint.images:
        return "off", "not configured here (images), so not judged"
    return (
        ("off", "a picture was refused")
        if found.holds("client.roo-code-picture") is False
        else ("on", "as configured here (images)")
    )


def _price(price: float | None) -> tuple[str, str]:
    return (
        (f"{price:g}", "as configured here, in US dollars per million tokens")
        if price is not None
        else ("", "")
    )


def _avoided(client: Client, endpoint: Endpoint, found: Found) -> Iterator[tuple[str, str, str]]:
    if (base := _base(client, endpoint)[0]) != endpoint.base_url:
        why = (advice(endpoint.base_url) or ["it leads this client elsewhere"])[0]
        yield (
            "base_url",
            endpoint.base_url,
            why if base else f"{why} No base URL leads this client to {endpoint.chat_url}.",
        )
    if found.holds(f"client.{client.id}-plain") is False:
        yield "streaming", "off", "the turn without streaming fails"
    for name, probe in (("r1_format", "r1"), ("prompt_caching", "cached")):
        if found.holds(f"client.{client.id}-{probe}") is False:
            yield name, "on", "the turn in that form fails"
    if found.holds("limits.large-output-cap") is False:
        yield (
            "max_output_tokens",
            "32000",
            "so large a cap is refused; Kilo Code sends it for every model without a limit",
        )


def pasted(client: Client, endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """The settings in the form in which the client takes them: lines of its page, its configuration file, or code."""
    variable = endpoint.api_key_env or "API_KEY"
    if client.id == "kilo-code":
        return json.dumps(_kilo_configuration(endpoint, values, variable), indent=2)
    if client.id == "openai-python":
        return f'client = OpenAI(base_url="{values.get("base_url", "")}", api_key=os.environ["{variable}"])'
    if client.id == "ai-sdk":
        options = f'name: "{endpoint.name}", baseURL: "{values.get("base_url", "")}", apiKey: process.env.{variable}'
        return f"createOpenAICompatible({{ {options}, includeUsage: true }})"
    names = NAMES[client.id]
    lines = [f"{names[name]}: {value}" for name, value in values.items()]
    return "\n".join([*lines[:1], f"API key: {KEY.format(variable)}", *lines[1:]])


def _kilo_configuration(endpoint: Endpoint, values: Mapping[str, str], variable: str) -> dict[str, Any]:
    limit = {"context": values.get("context_window"), "output": values.get("max_output_tokens")}
    cost = {"input": values.get("input_price"), "output": values.get("output_price")}
    model: dict[str, Any] = {
        "limit": {name: int(value) for name, value in limit.items() if value},
        "cost": {name: float(value) for name, value in cost.items() if value},
    }
    if values.get("images") == "on":
        model["modalities"] = {"input": ["text", "image"], "output": ["text"]}
    kept = {name: value for name, value in model.items() if value}
    options = {"baseURL": values.get("base_url", ""), "apiKey": f"{{env:{variable}}}"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {endpoint.model: kept}}
    return {"provider": {endpoint.name: provider}}
