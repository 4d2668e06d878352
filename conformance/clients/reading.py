"""What a client makes of one answer: what it reads from it, when, and what its user sees. Pure data.

A reader is a function from an exchange to a `Reading`. It does what the client's code does with these bytes, including its
mistakes and its tolerance; it never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Ending(StrEnum):
    """How an answer ends for a client."""

    ANSWER = "answer"  # text reaches the user
    CALLS = "calls"  # every call that came can be run
    BROKEN = "broken"  # there are calls, and at least one of them cannot be run
    EMPTY = "empty"  # neither text nor a call reaches the client
    FAILED = "failed"  # the client gives up with an error


@dataclass(frozen=True)
class ReadCall:
    """One tool call as the client has it at the end of the answer.

    `arguments` is the text that the client assembled, `value` what it gives to the tool (None if it cannot be run).
    `appears` and `runs` are seconds after the request was sent; `runs` is None for a call that does not run.
    `problem` says in the client's words why it does not run.
    """

    id: Any
    name: str
    arguments: str
    value: dict[str, Any] | None = None
    appears: float = 0.0
    runs: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Tokens:
    """What the client counts for its display of tokens and cost."""

    prompt: int | float = 0
    completion: int | float = 0
    cached: int | float = 0
    reasoning: int | float = 0


@dataclass(frozen=True)
class Moment:
    """Something the user can see happen, `at` seconds after the request was sent."""

    at: float
    what: str


@dataclass(frozen=True)
class Reading:
    """One answer as one client reads it.

    `failure` is the error in the client's own words, "" if there is none. `complaint` is what the user reads if
    anything is wrong, "" if nothing is. `retried` says that the client retries by itself before it says so.
    `used_no_tool` is true if tools were offered and text came: only an agent's turn makes that a complaint.
    `ended_at` is when the client considers the answer complete. `finish` is the finish reason as the client passes it on.
    """

    text: str = ""
    reasoning: str = ""
    calls: tuple[ReadCall, ...] = ()
    finish: str | None = None
    tokens: Tokens | None = None
    failure: str = ""
    complaint: str = ""
    retried: bool = False
    used_no_tool: bool = False
    moments: tuple[Moment, ...] = ()
    ended_at: float = 0.0

    @property
    def ending(self) -> Ending:
        """How the answer ends for the client."""
        if self.failure:
            return Ending.FAILED
        if any(call.problem for call in self.calls):
            return Ending.BROKEN
        if self.calls:
            return Ending.CALLS
        return Ending.ANSWER if self.text else Ending.EMPTY


@dataclass(frozen=True)
class Listing:
    """The model ids that a client offers its user, and what the user reads if there are none for a reason."""

    ids: tuple[str, ...] = ()
    complaint: str = ""
