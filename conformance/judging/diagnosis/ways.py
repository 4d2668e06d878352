"""The ways of asking for a tool call (automatic, required, named; streamed or plain), and what came of each.

The model does not know how its answer is sent or who reads it. So calls that come in one way and not in another show
whether the server or the model is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from conformance.evidence.calls import object_or_empty
from conformance.evidence.chat import Reply
from conformance.evidence.exchange import Ended, Exchange
from conformance.evidence.kinds import as_reply
from conformance.evidence.markup import Family, unasked_call

AUTO, REQUIRED, NAMED = "auto", "required", "named"


@dataclass(frozen=True)
class Way:
    """How a call was asked for: `choice` is auto, required or named."""

    choice: str
    streamed: bool

    @property
    def forced(self) -> bool:
        """True when the model has no choice."""
        return self.choice != AUTO

    @property
    def words(self) -> str:
        """The way in words."""
        choice = self.choice if self.forced else "automatic"
        return f"{'streamed' if self.streamed else 'plain'} {choice}"


@dataclass(frozen=True)
class Came:
    """What came of the requests of one way: native calls, the forms of printed calls, answers in words, refusals.

    Words count only where a call was forced: with auto the model may answer in words. A call of another function than the
    named one counts as words.
    """

    native: int = 0
    printed: tuple[Family, ...] = ()
    words: int = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: Came) -> Came:
        return Came(
            self.native + other.native,
            self.printed + other.printed,
            self.words + other.words,
            self.refused + other.refused,
        )


def way_of(exchange: Exchange) -> Way | None:
    """The way a chat request asks for calls; None when it offers no tools or forbids calls."""
    request = exchange.request
    if not request.is_chat or not request.field("tools"):
        return None
    choice = request.field("tool_choice")
    choice_name = NAMED if isinstance(choice, dict) else AUTO if choice is None else choice
    return Way(choice_name, request.streamed) if choice_name in (AUTO, REQUIRED, NAMED) else None


def ways(exchanges: Iterable[Exchange]) -> dict[Way, Came]:
    """What came of each way that these exchanges took."""
    found: dict[Way, Came] = {}
    for exchange in exchanges:
        if way := way_of(exchange):
            found[way] = found.get(way, Came()) + _came(exchange, way)
    return found


def _came(exchange: Exchange, way: Way) -> Came:
    reply = as_reply(exchange)
    if reply is None:
        refused = exchange.status is not None and 400 <= exchange.status < 500
        return Came(refused=(exchange.summary,)) if refused else Came()
    if reply.calls:
        return Came(native=1) if _as_named(reply) else Came(words=1)
    printed = unasked_call(reply.text, reply) or unasked_call(reply.reasoning, reply)
    if printed:
        return Came(printed=(printed.family,))
    return Came(words=int(way.forced and exchange.ended is Ended.COMPLETE and bool(reply.text)))


def _as_named(reply: Reply) -> bool:
    """False when a function was named and another was called."""
    choice = object_or_empty(reply.exchange.request.field("tool_choice"))
    named = object_or_empty(choice.get("function")).get("name")
    return named is None or any(str(call.name).strip() == named for call in reply.calls)


@dataclass(frozen=True)
class Difference:
    """What all failing ways have in common and no working way has, in words: `short` ways fail, `good` ways work.

    `of_transport`: the same calls work when only the way of sending differs, which the model does not know.
    """

    short: str
    good: str
    of_transport: bool


_SIDES: tuple[tuple[str, str, Callable[[Way], bool]], ...] = (
    ("streamed", "plain", lambda way: way.streamed),
    ("plain", "streamed", lambda way: not way.streamed),
    ("automatic", "forced", lambda way: not way.forced),
    ("forced", "automatic", lambda way: way.forced),
    ("named", "other", lambda way: way.choice == NAMED),
    ("required", "other", lambda way: way.choice == REQUIRED),
)


def difference(short: Collection[Way], good: Collection[Way]) -> Difference | None:
    """How the failing ways differ from the working ones; None when one way does both, or either is missing."""
    if not short or not good or set(short) & set(good):
        return None
    of_transport = all(replace(way, streamed=not way.streamed) in good for way in short)
    for name, others, holds in _SIDES:
        if all(map(holds, short)) and not any(map(holds, good)):
            return Difference(name, others, of_transport)
    return Difference(" and ".join(sorted({way.words for way in short})), "other", of_transport)


def native_in(came: Mapping[Way, Came]) -> list[Way]:
    """The ways in which native calls came."""
    return [way for way, what in came.items() if what.native]
