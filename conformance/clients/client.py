"""What a client is: a frozen profile of one published version, made of functions that do as its code does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.clients.reading import Listing, Reading
from conformance.clients.talk import Options, Prompt
from conformance.clients.url import Rule
from conformance.evidence.exchange import Exchange

Body = dict[str, Any]


@dataclass(frozen=True)
class Retries:
    """What a client asks again by itself: so many times more, after these statuses and after a lost connection.

    `statuses` holds single codes and 5 for every code from 500 on. `longest_wait` is how many seconds of a Retry-After it
    obeys, None for any.
    """

    times: int
    statuses: tuple[int, ...]
    longest_wait: float | None
    connection: bool = True

    def covers(self, status: int) -> bool:
        """True when an answer with that status is asked for again."""
        return status in self.statuses or (status >= 500 and 5 in self.statuses)

    @property
    def told(self) -> str:
        """The same in words."""
        codes = ["500 and above" if status == 5 else str(status) for status in self.statuses]
        lost = " and a lost connection" if self.connection else ""
        obeyed = "however long it is" if self.longest_wait is None else f"up to {self.longest_wait:g} s"
        return f"asks {self.times} times more after {', '.join(codes)}{lost}; obeys Retry-After {obeyed}"


@dataclass(frozen=True)
class Client:
    """One client at one version.

    `id` is stable over versions; `sdk` names the library that speaks HTTP for it; `as_of` is when it was
    published or measured (ISO 8601, as exact as is known);
    `sources` are where the knowledge was taken from. `chat` and `models` make URLs of a base URL as typed; `models` and
    `listed` are None for a client that lists none. `headers` are those beside Authorization. `turn` is the body of an agent's
    turn; `small` that of the request beside it (a title, an enhanced prompt), None for a client that makes none. `read` tells
    what it makes of an answer to a chat request, of any status, streamed or not.
    """

    id: str
    name: str
    version: str
    as_of: str
    sdk: str
    sources: tuple[str, ...]
    chat: Rule
    models: Rule | None
    headers: Callable[[Options], Mapping[str, str]]
    turn: Callable[[Options, Prompt], Body]
    small: Callable[[Options, str], Body] | None
    read: Callable[[Exchange], Reading]
    listed: Callable[[Exchange], Listing] | None
    retries: Retries

    @property
    def source(self) -> str:
        """The first of the sources: where the code is."""
        return self.sources[0]

    @property
    def profile(self) -> str:
        """Id and version, which name this profile for ever."""
        return f"{self.id}@{self.version}"
