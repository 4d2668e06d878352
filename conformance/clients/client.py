"""What a client is: a frozen profile of one published version, made of functions that act as its code does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.clients.own_turns import OwnTurn
from conformance.clients.reading import Listing, Reading
from conformance.clients.settings import SettingsPage
from conformance.clients.symptom import Symptom
from conformance.clients.talk import Options, Prompt
from conformance.clients.url import Rule
from conformance.evidence.exchange import Exchange

Body = dict[str, Any]
Severity = Literal["breaks", "degrades", "harmless"]
NO_SETTINGS = SettingsPage(names={})


@dataclass(frozen=True)
class Retries:
    """What a client retries by itself: up to `times` times, after these statuses and after a lost connection.

    `statuses` holds single codes, and 5 for every code from 500 on. `longest_wait` is the longest Retry-After in seconds that it
    obeys, None for any.
    """

    times: int
    statuses: tuple[int, ...]
    longest_wait: float | None
    connection: bool = True

    def covers(self, status: int) -> bool:
        """True if the client retries after that status."""
        return status in self.statuses or (status >= 500 and 5 in self.statuses)

    @property
    def summary(self) -> str:
        """The same in words."""
        codes = ["500 and above" if status == 5 else str(status) for status in self.statuses]
        lost = " and a lost connection" if self.connection else ""
        obeyed = "of any length" if self.longest_wait is None else f"up to {self.longest_wait:g} s"
        return f"retries up to {self.times} times after {', '.join(codes)}{lost}; obeys Retry-After {obeyed}"


@dataclass(frozen=True)
class Client:
    """One client at one version.

    `id` is stable over versions and names the folder (`my-client` is in `my_client/`). `sdk` names the library that speaks HTTP
    for it. `as_of` is when it was published or measured (ISO 8601, as exact as is known). `sources` are where the knowledge
    comes from, the code first. `chat` and `models` make URLs of a base URL as typed; `models` and `listed` are None for a
    client that lists no models. `headers` are those beside Authorization. `turn` is the body of a turn; `small` that of the
    request beside it (a title, an enhanced prompt), None for a client that makes none. `read` says what the client makes of an
    answer to a chat request, of any status, streamed or not.

    A `library` has no requests of its own: its programs stream or not, and force calls, as their authors like. `streaming` is false
    for the profile of a user who turned streaming off.

    `order` is the place in reports and lists, the lowest first. `judged_by_default` clients are those of a run without
    `--client`. `severities_of` is the id of the client whose severities hold for this one: its own if probes say them, else a
    client that reads answers alike; `severities` are the exceptions, by the id of the requirement. `symptoms` are the client's
    words for `conformance explain`.
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
    library: bool = False
    streaming: bool = True
    order: int = 1_000
    judged_by_default: bool = False
    settings: SettingsPage = field(default=NO_SETTINGS, compare=False)
    turns: tuple[OwnTurn, ...] = field(default=(), compare=False)
    symptoms: tuple[Symptom, ...] = field(default=(), compare=False)
    severities_of: str = ""
    severities: Mapping[str, Severity] = field(default_factory=dict, compare=False)

    @property
    def source(self) -> str:
        """Where the code is."""
        return self.sources[0]

    @property
    def profile(self) -> str:
        """Id and version, which name this profile."""
        return f"{self.id}@{self.version}"
