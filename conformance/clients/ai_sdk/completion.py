"""An answer that is not streamed, as the AI SDK reads it (`doGenerate`)."""

from __future__ import annotations

from typing import Any

from conformance.clients.ai_sdk import failure, json_text, shape
from conformance.clients.ai_sdk.failure import Failure
from conformance.clients.ai_sdk.parts import Call, Parts, Rules, tokens, unified
from conformance.clients.ai_sdk.transport import body_text, broken_off, refused, unread
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Exchange

NEW_ID = "(an id of the SDK's own)"  # it is random


def completed(exchange: Exchange, rules: Rules) -> Parts:
    """What `doGenerate` returns, or in `errors` what it throws."""
    failed = refused(exchange) or _unreadable(exchange)
    if failed is not None:
        return Parts(errors=(failed,), thrown=True, ended_at=exchange.seconds)
    value = json_text.parse(body_text(exchange))
    if not value["choices"]:
        words = "Cannot read properties of undefined (reading 'message')"
        thrown = failure.plain("TypeError", words, exchange.seconds)
        return Parts(errors=(thrown,), thrown=True, ended_at=exchange.seconds)
    return _parts(value, rules, exchange.seconds)


def _unreadable(exchange: Exchange) -> Failure | None:
    """The same message for everything that is wrong with the JSON."""
    if broken_off(exchange):
        return unread("Failed to process successful response", exchange)
    try:
        value = json_text.parse(body_text(exchange))
    except NotJson:
        return unread("Invalid JSON response", exchange)
    return unread("Invalid JSON response", exchange) if shape.COMPLETION(value) else None


def _parts(value: dict[str, Any], rules: Rules, at: float) -> Parts:
    choice = value["choices"][0]
    message = choice["message"]
    thought = message.get("reasoning_content")
    reasoning = (message.get("reasoning") if thought is None else thought) or ""
    text = message.get("content") or ""
    calls = tuple(_call(entry, rules, at) for entry in message.get("tool_calls") or [])
    return Parts(
        text=json_text.joined(text),
        reasoning=json_text.joined(reasoning),
        calls=calls,
        started=calls,
        finish=unified(choice.get("finish_reason")),
        usage=tokens(value.get("usage")),
        text_at=at if text else None,
        reasoning_at=at if reasoning else None,
        ended_at=at,
    )


def _call(entry: dict[str, Any], rules: Rules, at: float) -> Call:
    id = entry.get("id")
    if id is None or (rules.replaces_empty_ids and not id):
        id = NEW_ID
    id, name, text = map(json_text.joined, (id, entry["function"]["name"], entry["function"]["arguments"]))
    return Call(id, name, text, at, at, ((at, text),))
