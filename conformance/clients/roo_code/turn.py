"""One turn of Roo Code or the older Kilo Code: what its provider code reads from the chunks or the completion. Pure.

Source: https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/api/providers/openai.ts
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.clients import openai_node, timeline
from conformance.clients.index_tracker import IndexTracker
from conformance.clients.javascript import Thrown, each, has, identity, maybe, member, nullish, text, truthy
from conformance.clients.offered import offered
from conformance.clients.reading import Moment, ReadCall, Tokens
from conformance.clients.roo_code.calls import NO_ID, check
from conformance.clients.roo_code.fork import Fork
from conformance.clients.think_tag import Piece, ThinkTag
from conformance.evidence.exchange import Exchange

_O_SERIES = ("o1", "o3", "o4")  # anywhere in the model id


class Turn:
    """What was read so far; `take` reads the answer and raises Thrown where the client throws.

    `now` is when the last part arrived; `begun` is true once the client got any part, `ended` when it got all.
    """

    def __init__(self, exchange: Exchange, fork: Fork) -> None:
        self._exchange, self._fork = exchange, fork
        self._tools = offered(exchange.request)
        self._tracker = IndexTracker(fork.coerces_ids)
        self._said: dict[bool, list[str]] = {False: [], True: []}  # text, and reasoning
        self.tokens: Tokens | None = None
        self.calls: tuple[ReadCall, ...] = ()
        self.moments: list[Moment] = []
        self.now = 0.0
        self.begun = self.ended = False

    @property
    def text(self) -> str:
        """The text that it reads as the answer."""
        return "".join(self._said[False])

    @property
    def reasoning(self) -> str:
        """The text that it reads as reasoning."""
        return "".join(self._said[True])

    def take(self) -> None:
        """Reads everything, streamed or not as requested."""
        model = self._exchange.request.field("model")
        if not self._exchange.request.streamed:
            self._completion()
        elif isinstance(model, str) and any(part in model for part in _O_SERIES):
            self._o_series()
        else:
            self._stream()

    def end(self) -> None:
        """Ends the answer: the calls of a stream are finished, and run."""
        self.now, self.ended = self._exchange.seconds, True
        for call in self._tracker.calls:
            self._finish(call.id, call.name, call.arguments, call.appears)
        if any(call.id is not None and not isinstance(call.id, str) for call in self.calls):
            raise Thrown("id.replace is not a function")  # when it writes the call into its history

    def watched(self) -> Iterator[Moment]:
        """Its visible moments, in no order."""
        yield from self.moments
        runs = {identity(call.id): call.runs for call in self.calls}
        for call in self._tracker.calls:
            yield from timeline.of_call(text(call.name), call.appears, call.pieces, runs.get(identity(call.id)))

    def _stream(self) -> None:
        tag, usage = ThinkTag(), None
        for at, chunk in openai_node.stream(self._exchange):
            self.now = at
            delta = maybe(member(chunk, "choices"), 0, "delta")
            delta = {} if nullish(delta) else delta
            if truthy(content := member(delta, "content")):
                self._say(tag.cut(content))
            fields = [field for field in self._fork.streamed_reasoning if has(delta, field) and truthy(delta[field])]
            self._say((True, text(delta[field])) for field in fields[:1])
            self._call(delta)
            usage = chunk["usage"] if truthy(member(chunk, "usage")) else usage
        self._say(tag.rest())
        if truthy(usage):
            self._count(usage)

    def _o_series(self) -> None:
        """For these ids reasoning is not separated, and the usage of all chunks is added up."""
        for at, chunk in openai_node.stream(self._exchange):
            self.now = at
            delta = maybe(member(chunk, "choices"), 0, "delta")
            if truthy(delta):
                if truthy(content := member(delta, "content")):
                    self._say([(False, text(content))])
                self._call(delta)
            if truthy(usage := member(chunk, "usage")):
                self._count({key: maybe(usage, key) for key in ("prompt_tokens", "completion_tokens")})

    def _completion(self) -> None:
        answer = openai_node.completion(self._exchange)
        self.now = self._exchange.seconds
        choices = member(answer, "choices")
        message = maybe(member(choices, 0) if self._fork.needs_choices else maybe(choices, 0), "message")
        field = self._fork.whole_reasoning
        if field and isinstance(thought := maybe(message, field), str) and thought:
            self._say([(True, thought)])
        if truthy(called := maybe(message, "tool_calls")):
            for call in each(called, "message.tool_calls"):
                self._call_whole(call)
        content = maybe(message, "content")
        self._say([(False, text(content))] if truthy(content) else [])
        self._count(maybe(answer, "usage"))

    def _say(self, pieces: Iterable[Piece]) -> None:
        for reasoning, piece in pieces:
            self.begun = True
            if not self._said[reasoning]:
                self.moments.append(Moment(self.now, f"the {'reasoning' if reasoning else 'text'} begins"))
            self._said[reasoning].append(piece)

    def _call(self, delta: Any) -> None:
        if truthy(entries := maybe(delta, "tool_calls")):
            for entry in each(entries, "delta.tool_calls"):
                self._tracker.take(entry, self.now)
                self.begun = True

    def _call_whole(self, call: Any) -> None:
        """A call of a completion: without a type it is ignored, and one that does not fit is dropped silently."""
        if member(call, "type") != "function":
            return
        function, called = member(call, "function"), member(call, "id")
        name, arguments = member(function, "name"), member(function, "arguments")
        if check(name, arguments, self._tools.values(), self._fork.minimum)[1]:
            return
        self.begun = True
        finished = self._finish(called, name, arguments, self.now)
        self.moments += timeline.of_call(name, self.now, [(self.now, arguments)], finished.runs)

    def _finish(self, called: Any, name: Any, arguments: str, appears: float) -> ReadCall:
        value, problem = check(name, arguments, self._tools.values(), self._fork.minimum)
        if not truthy(called):
            called, value, problem = None, None, NO_ID
        runs = None if problem else self.now
        self.calls += (finished := ReadCall(called, text(name), arguments, value, appears, runs, problem),)
        return finished

    def _count(self, usage: Any) -> None:
        """Adds what a usage says."""
        before = self.tokens or Tokens()
        prompt, completion, cached = (openai_node.amount(usage, key) for key in _COUNTED)
        self.tokens = Tokens(before.prompt + prompt, before.completion + completion, before.cached + cached)


_COUNTED = ("prompt_tokens", "completion_tokens", "cache_read_input_tokens")
