"""What Cline 3.89.2, before its rebuild on the AI SDK, makes of an answer, and what its user reads. Pure.

It always streams; for an answer to a request without `stream` the same fields of the message are read.
Source: https://github.com/cline/cline/tree/v3.89.2 , `apps/vscode/src/core/api/providers/openai.ts`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.clients import axios, openai_node, timeline
from conformance.clients.cline.assembly import Assembly, Pending, value_of
from conformance.clients.javascript import Thrown, has, maybe, member, text, truthy
from conformance.clients.offered import Offered, offered
from conformance.clients.overflow import CEREBRAS, too_long
from conformance.clients.reading import Listing, Moment, ReadCall, Reading, Tokens
from conformance.evidence.exchange import Exchange

_NO_ANSWER = (
    "Invalid API Response: The provider returned an empty or unparsable response. This is a provider-side issue where "
    "the model failed to generate valid output or returned tool calls that Cline cannot process."
)
_AUTH = range(401, 429)  # statuses that it shows as a problem of the key


def read(exchange: Exchange) -> Reading:
    """The answer to a chat request of Cline, of any kind."""
    turn = _Turn(exchange)
    try:
        turn.take()
    except Thrown as error:
        return _failed(exchange, turn, error)
    except RecursionError:  # values nested deeper than Python's stack
        return _failed(exchange, turn, Thrown("Maximum call stack size exceeded"))
    tools = offered(exchange.request)
    calls = tuple(_finished(call, tools, exchange.seconds) for call in turn.assembly.calls)
    empty = not turn.text and not calls
    complaint = _NO_ANSWER if empty else " ".join(dict.fromkeys(call.problem for call in calls if call.problem))
    return Reading(
        text=turn.text,
        reasoning=turn.reasoning,
        calls=calls,
        tokens=turn.tokens,
        complaint=complaint,
        retried=empty,
        used_no_tool=bool(turn.text and not calls and tools),
        moments=timeline.in_order([*turn.moments, *_watched(turn, calls)], complaint, exchange.seconds),
        ended_at=exchange.seconds,
    )


def listed(exchange: Exchange) -> Listing:
    """The ids that it suggests; every failure is an empty list."""
    return axios.listed(exchange)


class _Turn:
    """What was read so far; `now` is when the last part arrived."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._said: dict[bool, list[str]] = {False: [], True: []}  # text, and reasoning
        self.assembly = Assembly()
        self.tokens: Tokens | None = None
        self.moments: list[Moment] = []
        self.now = 0.0

    @property
    def text(self) -> str:
        """The text that it reads as the answer."""
        return "".join(self._said[False])

    @property
    def reasoning(self) -> str:
        """The text that it reads as reasoning."""
        return "".join(self._said[True])

    @property
    def begun(self) -> bool:
        """True once any part of the answer has arrived."""
        return bool(self.moments or self.assembly.calls)

    def take(self) -> None:
        """Reads everything; raises Thrown where Cline throws."""
        usage: Any = None
        for at, chunk in self._chunks():
            self.now = at
            self._delta(maybe(member(chunk, "choices"), 0, self._place))
            usage = chunk["usage"] if truthy(member(chunk, "usage")) else usage
        if truthy(usage):
            self.tokens = Tokens(
                openai_node.amount(usage, "prompt_tokens"),
                openai_node.amount(usage, "completion_tokens"),
                openai_node.amount(usage, "prompt_tokens_details", "cached_tokens"),
            )

    @property
    def _place(self) -> str:
        return "delta" if self._exchange.request.streamed else "message"

    def _chunks(self) -> Iterable[tuple[float, Any]]:
        if self._exchange.request.streamed:
            return openai_node.stream(self._exchange)
        return [(self._exchange.seconds, openai_node.completion(self._exchange))]

    def _delta(self, delta: Any) -> None:
        if truthy(content := maybe(delta, "content")):
            self._say(False, content)
        if truthy(delta) and has(delta, "reasoning_content") and truthy(delta["reasoning_content"]):
            self._say(True, delta["reasoning_content"])
        if truthy(entries := maybe(delta, "tool_calls")):
            self.assembly.take(entries, self.now)

    def _say(self, reasoning: bool, piece: Any) -> None:
        if not self._said[reasoning]:
            self.moments.append(Moment(self.now, f"the {'reasoning' if reasoning else 'text'} begins"))
        self._said[reasoning].append(text(piece))


def _finished(call: Pending, tools: Mapping[str, Offered], at: float) -> ReadCall:
    """A call at the end of the stream: it runs with what its arguments gave, unless a required one is missing."""
    given = value_of(call.arguments)
    value, tool = given if isinstance(given, dict) else {}, tools.get(text(call.name))
    lacking = [need for need in tool.required if value.get(need, "") == ""] if tool else []
    problem = "" if tool else f"Cline has no tool {text(call.name)}."
    if lacking:
        problem = f"Cline tried to use {call.name} without value for required parameter '{lacking[0]}'. Retrying..."
    runs = None if problem else at
    return ReadCall(call.id, text(call.name), call.arguments, None if problem else value, call.appears, runs, problem)


def _watched(turn: _Turn, calls: tuple[ReadCall, ...]) -> Iterator[Moment]:
    """The visible moments of the calls; only those among `calls` run."""
    for n, call in enumerate(turn.assembly.calls):
        runs = calls[n].runs if calls else None
        yield from timeline.of_call(text(call.name), call.appears, call.pieces, runs)


def _failed(exchange: Exchange, turn: _Turn, error: Thrown) -> Reading:
    """A turn that threw: its calls are not run."""
    at = turn.now if error.at is None else error.at
    shortened = not turn.begun and too_long(error, CEREBRAS)
    complaint = "Cline cuts the conversation down and asks again." if shortened else _words(turn, error)
    return Reading(
        text=turn.text,
        reasoning=turn.reasoning,
        tokens=turn.tokens,
        failure=error.message,
        complaint=complaint,
        retried=shortened or openai_node.asks_again(exchange),
        moments=timeline.in_order([*turn.moments, *_watched(turn, ())], complaint, at),
        ended_at=at,
    )


def _words(turn: _Turn, error: Thrown) -> str:
    """What the user reads; every status from 401 to 428 is shown as a problem of the key."""
    if turn.begun:
        return f"API Streaming Failed: {error.message}"
    hint = " Please check your API key." if error.status in _AUTH else ""
    return f"API Request Failed: {error.message}{hint}"
