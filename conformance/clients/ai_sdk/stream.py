"""A streamed answer as the AI SDK reads it, event by event.

Source: https://github.com/vercel/ai/blob/main/packages/openai-compatible/src/chat/openai-compatible-chat-language-model.ts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clients.ai_sdk import failure, json_text, shape
from conformance.clients.ai_sdk.failure import Failure
from conformance.clients.ai_sdk.parts import Call, Parts, Rules, tokens, unified
from conformance.clients.ai_sdk.transport import PACKED, broken_off, refused, terminated
from conformance.clients.javascript import Thrown
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Ended, Exchange
from conformance.evidence.sse import SseEvent, read_events

DONE = "[DONE]"
INVALID = "AI_InvalidResponseDataError"
_ERROR_MEMBERS = ("message", "type", "param", "code")


def streamed(exchange: Exchange, rules: Rules, *, to_first_error: bool = False) -> Parts:
    """What `doStream` passes on; `to_first_error` for a caller that stops there."""
    if (failed := refused(exchange)) is not None:
        return Parts(errors=(failed,), thrown=True, ended_at=exchange.seconds)
    reading = _Stream(rules)
    for event in _events(exchange):
        reading.take(event)
        if reading.thrown or (to_first_error and reading.errors):
            return reading.parts(event.at)
    if _breaks_off(exchange):
        reading.throw(terminated(exchange))
    else:
        reading.flush(exchange.seconds)
    return reading.parts(exchange.seconds)


def _events(exchange: Exchange) -> Iterator[SseEvent]:
    """The events that reach the SDK. Its parser waits for the character after a CR, so a CR at the very end is lost."""
    if exchange.undecodable in PACKED:
        return
    size = len(exchange.body)
    cut = exchange.body.endswith(b"\r")
    for event in read_events(exchange.chunks).dispatched:
        if not (cut and event.end == size):
            yield event


def _breaks_off(exchange: Exchange) -> bool:
    """A stream that says it is done but stays open is awaited, and then it is whole."""
    if exchange.ended is not Ended.TIMED_OUT or exchange.undecodable:
        return broken_off(exchange)
    events = read_events(exchange.chunks).dispatched
    return not (events and events[-1].data == DONE)


class _Stream:
    """One stream while it is read."""

    def __init__(self, rules: Rules) -> None:
        self.errors: list[Failure] = []
        self.thrown = False
        self._rules = rules
        self._calls = rules.tracker()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._text_at: float | None = None
        self._reasoning_at: float | None = None
        self._finish: str | None = None if rules.needs_finish else "other"
        self._ended = False
        self._usage: dict[str, Any] | None = None

    def take(self, event: SseEvent) -> None:
        """One event."""
        if event.data == DONE:
            return
        try:
            value = json_text.parse(event.data)
        except NotJson as error:
            self._fail(failure.not_json(event.data, error, self._rules.json_prefix, event.at))
            return
        if issues := shape.EVENT(value):
            meant_an_error = isinstance(value, dict) and "error" in value and "choices" not in value
            self._fail(failure.misfit(value, issues, event.at, alternative=int(meant_an_error)))
        elif "error" in value:
            self._take_error(value, event.at)
        else:
            self._take_chunk(value, event.at)

    def _fail(self, failed: Failure) -> None:
        self._finish = "error"
        self.errors.append(failed)

    def throw(self, failed: Failure) -> None:
        """An exception, after which nothing comes."""
        self.errors.append(failed)
        self.thrown = True

    def _take_error(self, value: dict[str, Any], at: float) -> None:
        """A chunk with the key `error`, whatever its value: null is an error, too."""
        error = value["error"]
        if self._rules.whole_errors:
            if shape.CHUNK(value):
                error = {key: error[key] for key in _ERROR_MEMBERS if key in error}
            self._fail(failure.part(error, at))
        elif error is None:
            words = "Cannot read properties of null (reading 'message')"
            self.throw(failure.plain("TypeError", words, at))
        elif isinstance(error, dict) and "message" in error:
            self._fail(failure.part(error["message"], at))
        else:
            self._fail(failure.plain("", "undefined", at))

    def _take_chunk(self, value: dict[str, Any], at: float) -> None:
        if value.get("usage") is not None:
            self._usage = value["usage"]
        choice = value["choices"][0] if value["choices"] else {}
        if choice.get("finish_reason") is not None:
            self._finish = unified(choice["finish_reason"])
        delta = choice.get("delta") or {}
        self._take_words(delta, at)
        handed_on = len(self._calls.finished)
        try:
            for entry in delta.get("tool_calls") or []:
                self._calls.take(entry, at)
        except Thrown as error:
            del self._calls.finished[handed_on:]  # an exception discards the rest of its chunk
            self.throw(failure.plain(INVALID, error.message, at))

    def _take_words(self, delta: dict[str, Any], at: float) -> None:
        thought = delta.get("reasoning_content")
        if thought := delta.get("reasoning") if thought is None else thought:
            self._reasoning.append(thought)
            self._reasoning_at = at if self._reasoning_at is None else self._reasoning_at
        if text := delta.get("content"):
            self._text.append(text)
            self._text_at = at if self._text_at is None else self._text_at

    def flush(self, at: float) -> None:
        """The stream has ended."""
        try:
            self._calls.flush(at)
        except Thrown as error:
            self.throw(failure.plain(INVALID, error.message, at))
            return
        if self._finish is None:
            words = "Response stream ended without a finish reason."
            self._fail(failure.plain(INVALID, words, at))
        self._ended = True

    def parts(self, at: float) -> Parts:
        """What was passed on so far."""
        return Parts(
            text=json_text.joined("".join(self._text)),
            reasoning=json_text.joined("".join(self._reasoning)),
            calls=tuple(map(Call.of, self._calls.finished)),
            started=tuple(map(Call.of, self._calls.started)),
            finish=self._finish if self._ended else None,
            usage=tokens(self._usage) if self._ended else None,
            errors=tuple(self.errors),
            thrown=self.thrown,
            text_at=self._text_at,
            reasoning_at=self._reasoning_at,
            ended_at=at,
        )
