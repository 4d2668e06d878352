"""What is compared: for each SDK, what it made of an answer and what its reader makes of the same, in one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.clients import axios, openai_node
from conformance.clients.ai_sdk.completion import completed
from conformance.clients.ai_sdk.parts import V2_0_48, V3_0_35, Rules
from conformance.clients.ai_sdk.stream import streamed
from conformance.clients.javascript import Thrown
from conformance.clients.openai_python import reading
from conformance.clients.openai_python.models import Model
from conformance.clients.openai_python.response import open_answer, parsed
from conformance.clients.openai_python.streaming import Stream
from conformance.clients.reading import Listing, Reading, Tokens
from conformance.evidence.exchange import Exchange, shown
from tests.clients.real import openai_python
from tests.clients.real.node import Node

Body = dict[str, Any] | None
Ask = Callable[[Node, str, str, Body], Any]  # base URL, key, body


@dataclass(frozen=True)
class Column:
    """One SDK: how it is asked, what its reader makes of the evidence, and which requests it can make."""

    name: str
    ask: Ask
    ours: Callable[[Exchange], Any]
    takes: Callable[[Body], bool]


def is_chat(body: Body) -> bool:
    return body is not None


def is_stream(body: Body) -> bool:
    return body is not None and body.get("stream") is True


def is_list(body: Body) -> bool:
    return body is None


# OpenAI Node SDK, and axios, with which the same clients ask for the list of models


def node_theirs(node: Node, base_url: str, key: str, body: Body) -> Any:
    """Chunks or value, and what was thrown."""
    seen = node.ask("openai-node", base_url, key, body)
    return {**seen, "error": seen["error"] and [seen["error"]["message"], seen["error"]["status"]]}


def node_ours(exchange: Exchange) -> Any:
    """The same of our own."""
    seen: dict[str, Any] = {"chunks": []} if exchange.request.streamed else {"value": None}
    try:
        if exchange.request.streamed:
            for _, chunk in openai_node.stream(exchange):
                seen["chunks"].append(chunk)
        else:
            seen["value"] = openai_node.completion(exchange)
    except Thrown as error:
        return seen | {"error": [error.message, error.status]}
    return seen | {"error": None}


def axios_theirs(node: Node, base_url: str, key: str, body: Body) -> Any:
    """The ids that can be chosen."""
    return node.ask("axios", base_url, key, body)


def axios_ours(exchange: Exchange) -> Any:
    """The same of our own."""
    return list(axios.listed(exchange).ids)


# AI SDK


def ai_theirs(sdk: str) -> Ask:
    """What one version hands on."""

    def ask(node: Node, base_url: str, key: str, body: Body) -> Any:
        seen = node.ask(sdk, base_url, key, body)
        counts = seen["usage"] or {}
        usage = [counts.get(name) or 0 for name in ("prompt", "completion", "cached", "reasoning")]
        return {**seen, "thrown": seen["thrown"] is not None, "usage": usage}

    return ask


def ai_ours(rules: Rules) -> Callable[[Exchange], Any]:
    """The same of our own."""

    def read(exchange: Exchange) -> Any:
        parts = (streamed if exchange.request.streamed else completed)(exchange, rules)
        counts = parts.usage or Tokens()
        return {
            "text": parts.text,
            "reasoning": parts.reasoning,
            "calls": [[call.id, call.name, call.input] for call in parts.calls],
            "finish": parts.finish,
            "usage": [counts.prompt, counts.completion, counts.cached, counts.reasoning],
            "errors": [failure.message for failure in parts.errors],
            "thrown": parts.thrown,
        }

    return read


# OpenAI Python SDK


def python_theirs(form: str) -> Ask:
    """What a program of that form has in the end, or the last line of its traceback."""

    def ask(_: Node, base_url: str, key: str, body: Body) -> Any:
        seen = openai_python.ask(form, base_url, key, body)
        if seen["error"]:
            return {"error": seen["error"]["line"]}
        calls = [[id, as_text(name), as_text(arguments)] for id, name, arguments in seen.get("calls", ())]
        return seen | ({"calls": calls, "text": str(seen["text"])} if "calls" in seen else {})

    return ask


def as_text(value: Any) -> str:
    """As readers tell it, which have texts only."""
    return value if isinstance(value, str) else shown(value)


def python_ours(read: Callable[[Exchange], Reading]) -> Callable[[Exchange], Any]:
    """The same of our own."""

    def program(exchange: Exchange) -> Any:
        seen = read(exchange)
        if seen.failure:
            return {"error": seen.complaint}
        calls = [[call.id, call.name, call.arguments] for call in seen.calls]
        return {"error": None, "text": seen.text, "calls": calls, "finish": seen.finish}

    return program


def python_chunks(exchange: Exchange) -> Any:
    """Chunks, or the completion, or the last line of a traceback."""
    try:
        if exchange.request.streamed:
            return {"error": None, "chunks": [plain(chunk) for chunk in Stream(exchange)]}
        open_answer(exchange, streamed=False)
        return {"error": None, "value": plain(parsed(exchange, "ChatCompletion"))}
    except Exception as error:
        return {"error": reading.last_line(error)}


def plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Model) else value


def python_list(exchange: Exchange) -> Any:
    """The ids, or the last line of a traceback."""
    found: Listing = reading.listed(exchange)
    return {"error": found.complaint} if found.complaint else {"error": None, "value": list(found.ids)}


COLUMNS = (
    Column("openai-node 5.12.2", node_theirs, node_ours, is_chat),
    Column("axios 1.12.2", axios_theirs, axios_ours, is_list),
    Column("ai-sdk 2.0.48", ai_theirs("ai-sdk-2"), ai_ours(V2_0_48), is_chat),
    Column("ai-sdk 3.0.35", ai_theirs("ai-sdk-3"), ai_ours(V3_0_35), is_chat),
    Column("openai-python 3.54.0 chunks", python_theirs("raw"), python_chunks, is_chat),
    Column("openai-python 3.54.0 loop", python_theirs("loop"), python_ours(reading.read), is_chat),
    Column("openai-python 3.54.0 stream()", python_theirs("stream()"), python_ours(reading.read_helper), is_stream),
    Column("openai-python 3.54.0 models", python_theirs("raw"), python_list, is_list),
)
