"""Chat answers as views of an exchange: what a careful, neutral reader makes of a completion or a stream.

The views repair nothing and drop nothing. A value of an unexpected type is missing from the convenient properties
(`text`, `calls`, `usage`) but stays in the raw ones, which the probes judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.evidence.calls import Call, Json, ToolDelta, assembled, group_by_call, joined, object_or_empty
from conformance.evidence.exchange import Exchange, parse_json
from conformance.evidence.sse import SseEvent, SseStream, read_events

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")


@dataclass(frozen=True)
class Piece:
    """One data object of a stream, and when it was complete; `value` is a JSON object."""

    at: float
    value: Json


@dataclass(frozen=True)
class Delta:
    """One `delta` of the first choice; `finish` is the finish_reason of that choice."""

    at: float
    value: Json
    finish: Any


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """The text of a content: a string, or the text parts of a list."""
    if isinstance(value, str):
        return value
    return "".join(_text(object_or_empty(part).get("text")) for part in _list(value))


@dataclass(frozen=True)
class Reply:
    """What streamed and plain answers have in common, so that most probes judge both alike."""

    exchange: Exchange

    @property
    def tools(self) -> dict[str, Json]:
        """The function tools offered in the request, by name."""
        offered = [
            object_or_empty(object_or_empty(t).get("function")) for t in _list(self.exchange.request.field("tools"))
        ]
        return {f["name"]: f for f in offered if isinstance(f.get("name"), str)}

    @property
    def capped(self) -> bool:
        """True when the request limited the length of the answer."""
        return any(self.exchange.request.field(name) for name in ("max_tokens", "max_completion_tokens", "stop"))

    @property
    def text(self) -> str:
        """The visible answer."""
        raise NotImplementedError

    @property
    def reasoning(self) -> str:
        """The reasoning text in any of its known fields."""
        raise NotImplementedError

    @property
    def calls(self) -> tuple[Call, ...]:
        """The native tool calls, assembled."""
        raise NotImplementedError

    @property
    def finish_reason(self) -> Any:
        """The last finish_reason that was not null."""
        raise NotImplementedError

    @property
    def usage(self) -> Json | None:
        """The last usage object."""
        raise NotImplementedError


@dataclass(frozen=True)
class Completion(Reply):
    """A 2xx answer to a request without `stream: true`."""

    @property
    def value(self) -> Json:
        """The body as an object; empty when it is not one."""
        return object_or_empty(self.exchange.json)

    @property
    def choice(self) -> Json:
        """`choices[0]`, empty when there is none."""
        choices = _list(self.value.get("choices"))
        return object_or_empty(choices[0]) if choices else {}

    @property
    def message(self) -> Json:
        """`choices[0].message`, empty when there is none."""
        return object_or_empty(self.choice.get("message"))

    @property
    def text(self) -> str:
        return _text(self.message.get("content"))

    @property
    def reasoning(self) -> str:
        return _text(self.message.get("reasoning_content")) or _text(self.message.get("reasoning"))

    @property
    def raw_calls(self) -> Any:
        """`message.tool_calls`, unchanged."""
        return self.message.get("tool_calls")

    @property
    def calls(self) -> tuple[Call, ...]:
        entries = [self.raw_calls] if isinstance(self.raw_calls, dict) else _list(self.raw_calls)
        return tuple(_whole_call(object_or_empty(entry)) for entry in entries)

    @property
    def finish_reason(self) -> Any:
        return self.choice.get("finish_reason")

    @property
    def usage(self) -> Json | None:
        usage = self.value.get("usage")
        return usage if isinstance(usage, dict) else None


def _whole_call(entry: Json) -> Call:
    function = object_or_empty(entry.get("function"))
    return Call(function.get("name"), function.get("arguments"), entry.get("id"))


@dataclass(frozen=True)
class Stream(Reply):
    """A 2xx answer to a request with `stream: true`, even when it is not a stream."""

    @cached_property
    def sse(self) -> SseStream:
        """The body read as an event stream."""
        return read_events(self.exchange.chunks)

    @cached_property
    def events(self) -> tuple[SseEvent, ...]:
        """All events, including those without data and an unterminated last one."""
        return self.sse.events

    @property
    def done(self) -> bool:
        """True when `[DONE]` was sent."""
        return any(event.data.strip() == "[DONE]" for event in self.events)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The events whose data is one JSON object."""
        values = ((event.at, parse_json(event.data)) for event in self.events if event.has_data)
        return tuple(Piece(at, value) for at, value in values if isinstance(value, dict))

    @cached_property
    def errors(self) -> tuple[SseEvent, ...]:
        """The events that report an error, in any of the shapes that servers use."""
        return tuple(event for event in self.events if _is_error(event))

    @property
    def healthy(self) -> tuple[Piece, ...]:
        """The pieces that are not errors."""
        return tuple(piece for piece in self.pieces if not piece.value.get("error"))

    @cached_property
    def choices(self) -> tuple[tuple[Piece, Json], ...]:
        """The first choice of every piece, with its piece: clients read no other."""
        firsts = ((piece, _list(piece.value.get("choices"))[:1]) for piece in self.pieces)
        return tuple((piece, c) for piece, first in firsts for c in first if isinstance(c, dict))

    @property
    def other_choices(self) -> tuple[Json, ...]:
        """The choices after the first one, where no client looks."""
        return tuple(c for p in self.pieces for c in _list(p.value.get("choices"))[1:] if isinstance(c, dict))

    @cached_property
    def deltas(self) -> tuple[Delta, ...]:
        """The deltas of the first choice."""
        return tuple(
            Delta(piece.at, choice["delta"], choice.get("finish_reason"))
            for piece, choice in self.choices
            if isinstance(choice.get("delta"), dict)
        )

    @property
    def text(self) -> str:
        return joined(_text(delta.value.get("content")) for delta in self.deltas)

    @property
    def reasoning(self) -> str:
        return "".join(_text(d.value.get("reasoning_content")) or _text(d.value.get("reasoning")) for d in self.deltas)

    @cached_property
    def tool_deltas(self) -> tuple[ToolDelta, ...]:
        """Every entry of every `delta.tool_calls` list of the first choice, in order."""
        return tuple(ToolDelta(n, *rest) for n, rest in enumerate(_tool_entries(self.deltas)))

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return tuple(assembled(group) for group in group_by_call(self.tool_deltas))

    @property
    def finish_reasons(self) -> tuple[Any, ...]:
        """Every finish_reason of the first choice that is not null, in order."""
        found = (c.get("finish_reason") for _, c in self.choices)
        return tuple(reason for reason in found if reason is not None)

    @property
    def finish_reason(self) -> Any:
        return self.finish_reasons[-1] if self.finish_reasons else None

    @property
    def usages(self) -> tuple[Json, ...]:
        """Every usage object, in order."""
        return tuple(u for p in self.pieces if isinstance(u := p.value.get("usage"), dict))

    @property
    def usage(self) -> Json | None:
        return self.usages[-1] if self.usages else None


def _is_error(event: SseEvent) -> bool:
    if event.event == "error":
        return True
    value = parse_json(event.data)
    return isinstance(value, dict) and bool(value.get("error"))


def _tool_entries(deltas: tuple[Delta, ...]) -> Iterator[tuple[float, Any, bool]]:
    finished = False
    for delta in deltas:
        raw = delta.value.get("tool_calls")
        for entry in [raw] if isinstance(raw, dict) else _list(raw):
            yield delta.at, entry, finished
        finished = finished or delta.finish is not None
