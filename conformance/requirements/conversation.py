"""What a conversation is: a function that sends requests to the endpoint and leaves evidence for many probes.

Conversations ask little, probes judge much. A conversation declares in advance what it may cost and which kind of
exchange it expects, so that a run can be planned, collected and parametrized without sending anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Any, Protocol, TypeVar

from conformance.clients.client import Client
from conformance.clients.fields import Part
from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange


class Depth(IntEnum):
    """How much a run may ask: enough to adopt a provider or not, the default, or everything."""

    QUICK = 1
    STANDARD = 2
    THOROUGH = 3


class Key(Enum):
    """Which key a request carries, unless the conversation gives one as text."""

    OWN = "the endpoint's"
    NONE = "no header at all"


class Ask(Protocol):
    """What a conversation gets: it sends requests and returns the exchanges, which are kept as evidence."""

    endpoint: Endpoint
    tries: int
    exchanges: list[Exchange]
    earlier: Mapping[str, Sequence[Exchange]]
    profiles: Mapping[str, Client]

    @property
    def dialect(self) -> Sequence[Part]:
        """The parts that this endpoint does not take: `chat` leaves them out."""
        ...

    def learn(self, parts: Sequence[Part]) -> None:
        """Sets the parts that this endpoint does not take."""
        ...

    async def send(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Exchange:
        """POSTs exactly this chat completion request, with the headers of a client."""
        ...

    async def chat(self, *, key: str | Key = ..., **fields: Any) -> Exchange:
        """POSTs a chat completion request in the endpoint's dialect; `model` is filled in. A text as `key` replaces its own."""
        ...

    async def leave(self, **fields: Any) -> None:
        """POSTs a streamed chat completion request and hangs up when the answer begins; it leaves no evidence."""
        ...

    async def together(self, *asked: Awaitable[Exchange]) -> None:
        """Sends several requests at once and waits for all of them."""
        ...

    async def get(self, url: str, *, key: str | Key = ...) -> Exchange:
        """GETs exactly this URL."""
        ...

    async def post(self, url: str, body: bytes, *, key: str | Key = ...) -> Exchange:
        """POSTs these bytes as JSON to exactly this URL."""
        ...


PREFLIGHT = "preflight"  # the conversation that comes first and can call off the rest
ANYTHING = "anything"  # expected of a conversation that may leave any kind of exchange, or none
REPEATS = 3  # of most conversations in a thorough run, to catch intermittent defects
OVERFILL = 1.3  # how much longer than the context window an overflowing prompt is
MOST_SPARE = 8  # requests of a run that look for what is refused
WELL_FILLED = 0.6  # the share of the context window that a long prompt takes; it must fit
Script = Callable[[Ask], Awaitable[None]]


@dataclass(frozen=True)
class Conversation:
    """One conversation: the kind of exchange that it expects, and its limits.

    `requests` and `tokens` (completion tokens over all requests) are upper bounds. `timed` conversations run alone at
    the end because their arrival times are judged. `early` ones come first, for the others are asked in the dialect that they
    find; `about` names the fields that a conversation is about, which it sends whatever the dialect. `spare` ones send only what a
    refusal calls for, and share MOST_SPARE requests. `needs` says what an endpoint must declare, "" for nothing. `client`
    is the id of the client whose request it sends, "" for none. `after` names the conversations to wait for, if they run;
    their exchanges are `Ask.earlier`. `fills` is the share of the context window that its prompt takes. `once` means that
    it is never repeated: the answer is the same every time, or it costs too much. `asks` says in one line what is asked.
    """

    name: str
    script: Script
    expects: str
    depth: Depth
    requests: int
    tokens: int
    prompt_tokens: int
    tries: int
    timed: bool = False
    early: bool = False
    spare: bool = False
    about: tuple[str, ...] = ()
    needs: str = ""
    client: str = ""
    after: tuple[str, ...] = ()
    fills: float = 0.0
    once: bool = False
    repeats: int = 1
    asks: str = ""

    def repeated(self, times: int) -> Conversation:
        """The same conversation, held this many times in a row; all exchanges are kept as evidence."""
        if self.once:
            return self
        return replace(
            self,
            repeats=times,
            requests=self.requests * times,
            tokens=self.tokens * times,
            prompt_tokens=self.prompt_tokens * times,
        )

    def prompt_tokens_for(self, endpoint: Endpoint) -> int:
        """About how many prompt tokens it sends to this endpoint; a prompt that fills the context window depends on it."""
        return int((endpoint.context_window or 0) * self.fills) * self.repeats or self.prompt_tokens


def most_requests(asked: Iterable[Conversation]) -> int:
    """How many requests these conversations send at most, those included that look for what is refused."""
    asked = list(asked)
    spare = sum(c.requests for c in asked if c.spare)
    return sum(c.requests for c in asked if not c.spare) + min(spare, MOST_SPARE)


ScriptT = TypeVar("ScriptT", bound=Script)


def conversation(
    expects: str,
    *,
    depth: Depth = Depth.STANDARD,
    requests: int = 1,
    tokens: int = 64,
    prompt_tokens: int = 200,
    tries: int = 1,
    **more: Any,
) -> Callable[[ScriptT], ScriptT]:
    """Declares the decorated coroutine function a conversation named like the function.

    The limits are for one try; a conversation with several `tries` costs at most that many times as much. `more` are the
    other members of a Conversation.
    """

    def declare(script: ScriptT) -> ScriptT:
        most: dict[str, Any] = {
            "requests": requests * tries,
            "tokens": tokens * tries,
            "prompt_tokens": prompt_tokens * tries,
        }
        asks = (script.__doc__ or "").strip().split("\n")[0]
        made = Conversation(script.__name__, script, expects, depth, tries=tries, asks=asks, **most, **more)
        script.__conversation__ = made  # type: ignore[attr-defined]
        return script

    return declare


def conversation_of(function: object) -> Conversation | None:
    """The conversation that a function is declared as, or that this is; None for anything else."""
    found = getattr(function, "__conversation__", function)
    return found if isinstance(found, Conversation) else None


def unmet(conversation: Conversation, endpoint: Endpoint) -> str:
    """Why the conversation does not apply to the endpoint, or "" when it does."""
    lacking = {
        "key": endpoint.key is None and "no key is configured, so key checks are skipped",
        "images": not endpoint.images and "`images` is not configured, so no image is sent",
        "no images": endpoint.images and "`images` is configured; this request is for endpoints without images",
        "context_window": endpoint.context_window is None
        and "`context_window` is not configured, so its limit cannot be tested",
    }
    return lacking.get(conversation.needs) or ""
