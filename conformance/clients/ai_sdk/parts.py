"""What the AI SDK passes on of one answer, and the rules in which its versions differ.

This is the level of the provider package: `doStream` and `doGenerate`. What a program or Kilo Code makes of it comes after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from conformance.clients.ai_sdk.failure import Failure
from conformance.clients.ai_sdk.tracker import ById, ByIndex, Growing, Tracker
from conformance.clients.reading import Tokens


@dataclass(frozen=True)
class Rules:
    """One version of `@ai-sdk/openai-compatible`.

    `whole_errors`: an error part carries the server's whole error object, not its message alone. `needs_finish`: a stream
    without a finish reason is an error. `json_prefix` stands before the reason in a JSON error. `replaces_empty_ids`: a call
    with the id "" gets a new one where nothing is streamed.
    """

    version: str
    tracker: Callable[[], Tracker]
    whole_errors: bool
    needs_finish: bool
    json_prefix: str
    replaces_empty_ids: bool


V2_0_48 = Rules("2.0.48", ByIndex, False, False, "", False)
V3_0_35 = Rules("3.0.35", ById, True, True, "SyntaxError: ", True)


@dataclass(frozen=True)
class Call:
    """A tool call. `at` is when the SDK hands it on to be run, None when it never does; `pieces` hold its arguments."""

    id: str
    name: str
    input: str
    appears: float
    at: float | None
    pieces: tuple[tuple[float, str], ...] = ()

    @classmethod
    def of(cls, call: Growing) -> Call:
        """A call as far as it arrived."""
        return cls(call.id, call.name, call.arguments, call.appears, call.finished, tuple(call.pieces))

    def arrival(self, size: int) -> float:
        """When the first `size` characters of the arguments had arrived."""
        ends = list(accumulate(len(text) for _, text in self.pieces))
        place = bisect_left(ends, size)
        return self.pieces[place][0] if place < len(ends) else self.appears


@dataclass(frozen=True)
class Parts:
    """Everything handed on, in seconds after the request was sent.

    `calls` are those handed on to be run, in that order; `started` those that appeared. `finish` is the unified reason
    (stop, length, content-filter, tool-calls, error, other), None when the stream broke before. `thrown` says that the last
    of the errors is an exception that ended it.
    """

    text: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    started: tuple[Call, ...] = ()
    finish: str | None = None
    usage: Tokens | None = None
    errors: tuple[Failure, ...] = ()
    thrown: bool = False
    text_at: float | None = None
    reasoning_at: float | None = None
    ended_at: float = 0.0

    @property
    def failure(self) -> Failure | None:
        """The first error."""
        return self.errors[0] if self.errors else None


_UNIFIED = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content-filter",
    "function_call": "tool-calls",
    "tool_calls": "tool-calls",
}


def unified(reason: Any) -> str:
    """The SDK's own name for a finish reason."""
    return _UNIFIED.get(reason, "other") if isinstance(reason, str) else "other"


def tokens(usage: dict[str, Any] | None) -> Tokens | None:
    """The counts of a `usage` object that has the right shape; what is missing in it counts as 0."""
    if usage is None:
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
    counts = (usage.get("prompt_tokens"), usage.get("completion_tokens"), cached, reasoning)
    return Tokens(*(count or 0 for count in counts))
