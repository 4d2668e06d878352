"""What a conversation is: a function that asks the endpoint something and leaves evidence for many probes.

Conversations ask little, probes judge much. A conversation declares beforehand what it may cost and which kind of
exchange it hopes for, so that a run can be planned, collected and parametrized without sending anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Any, Protocol, TypeVar

from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange


class Depth(IntEnum):
    """How much a run may ask: adopt-or-not, the default, or everything."""

    QUICK = 1
    STANDARD = 2
    THOROUGH = 3


class Key(Enum):
    """Which key a request carries when it is not a text of the conversation's own."""

    OWN = "the endpoint's"
    NONE = "no header at all"


class Ask(Protocol):
    """What a conversation gets: sends one request and returns the exchange, which is also kept as evidence."""

    endpoint: Endpoint
    tries: int
    exchanges: list[Exchange]
    earlier: Mapping[str, Sequence[Exchange]]
    profiles: Mapping[str, Client]

    async def send(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Exchange:
        """POSTs this very chat completion request as a client that sends these headers."""
        ...

    async def chat(self, *, key: str | Key = ..., **fields: Any) -> Exchange:
        """POSTs a chat completion request; `model` is filled in. A text as `key` replaces the endpoint's own."""
        ...

    async def leave(self, **fields: Any) -> None:
        """POSTs a streamed chat completion request, and hangs up when the answer begins: nothing of it is evidence."""
        ...

    async def together(self, *asked: Awaitable[Exchange]) -> None:
        """Has several requests under way at once, and waits for all of them."""
        ...

    async def get(self, url: str, *, key: str | Key = ...) -> Exchange:
        """GETs this very URL."""
        ...

    async def post(self, url: str, body: bytes, *, key: str | Key = ...) -> Exchange:
        """POSTs these bytes as JSON to this very URL."""
        ...


ANYTHING = "anything"  # expected of a conversation that promises no kind of exchange, but may leave any
REPEATS = 3  # of most conversations in a thorough run, for defects that show now and then
OVERFILL = 1.3  # how much longer than the context window an overflowing prompt is
WELL_FILLED = 0.6  # how much of it a long prompt takes that any window of that size has to hold
Script = Callable[[Ask], Awaitable[None]]


@dataclass(frozen=True)
class Conversation:
    """One conversation: what it hopes for (`expects`, a kind of exchange) and its ceilings.

    `requests` and `tokens` (completion tokens over all requests) are upper bounds. `timed` conversations run alone at
    the end because their arrival times are judged. `needs` says what an endpoint must declare, "" for nothing. `client` is
    the id of the client whose own request it is, "" for everybody's. `after` names those it has to wait for, as far as
    they take place; their exchanges are `Ask.earlier`. `fills` is the share of the context window that its prompt takes.
    What is asked `once` is never repeated: it is answered alike every time, or costs too much.
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
    needs: str = ""
    client: str = ""
    after: tuple[str, ...] = ()
    fills: float = 0.0
    once: bool = False
    repeats: int = 1

    def repeated(self, times: int) -> Conversation:
        """The same conversation held so many times in a row, all of it kept as evidence."""
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
        """About how many prompt tokens it sends to this endpoint; those that fill the window depend on it."""
        return int((endpoint.context_window or 0) * self.fills) * self.repeats or self.prompt_tokens

    @property
    def asks(self) -> str:
        """The first line of the docstring: what is asked."""
        return (self.script.__doc__ or "").strip().split("\n")[0]


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

    `requests` counts one try; a conversation of several tries costs `tries` times as much at most. `more` are the other
    members of a Conversation.
    """

    def declare(script: ScriptT) -> ScriptT:
        most: dict[str, Any] = {
            "requests": requests * tries,
            "tokens": tokens * tries,
            "prompt_tokens": prompt_tokens * tries,
        }
        made = Conversation(script.__name__, script, expects, depth, tries=tries, **most, **more)
        script.__conversation__ = made  # type: ignore[attr-defined]
        return script

    return declare


def conversation_of(function: object) -> Conversation | None:
    """The conversation that a function was declared as, or None."""
    found = getattr(function, "__conversation__", None)
    return found if isinstance(found, Conversation) else None


def unmet(conversation: Conversation, endpoint: Endpoint) -> str:
    """Why the endpoint gives the conversation nothing to ask, or "" when it does."""
    lacking = {
        "key": endpoint.key is None and "no key is configured, so there is no key check to judge",
        "images": not endpoint.images and "images are not configured (images), so none is sent",
        "no images": endpoint.images and "images are configured, so those that are asked for are judged",
        "context_window": endpoint.context_window is None
        and "no context window is configured (context_window), so its end cannot be asked for",
    }
    return lacking.get(conversation.needs) or ""
