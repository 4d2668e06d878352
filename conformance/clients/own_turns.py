"""What a client's folder says about its own turns: what is asked, and what must hold of the answers. Data.

The room `probes` makes a conversation of each turn and a probe of each requirement. The client's own code makes the requests
and reads the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.clients.agent_texts import ENVIRONMENT, READS, TASK, compact, excerpt_of, request_for
from conformance.clients.agent_tools import TOOLS
from conformance.clients.reading import ReadCall, Reading
from conformance.clients.talk import Assistant, Result, Said, Tool, User
from conformance.evidence.exchange import Exchange

FEW = TOOLS[:6]  # the tools of a small program
LOOK = "Look at the timeline of the turn, and first fix what other requirements report about the same answer."
ACCEPT = "Accept or ignore the part of the request that is named: the client has no setting that leaves it out."


@dataclass(frozen=True, kw_only=True)
class TurnRequirement:
    """Something that must hold of one turn, with the id `client.<client>-<slug>`. Only its own client is affected.

    `accepted` requires that every request of the turn is accepted. `brings` is what the client must get from the answers: calls
    that it can run, words for its user, or nothing that is judged here. `read` replaces the client's usual reader.
    """

    slug: str
    text: str
    failure: str
    why: str = ""
    category: Literal["tool-calling-errors", "unexpected-results"] = "tool-calling-errors"
    severity: Literal["breaks", "degrades", "harmless"] = "breaks"
    remedy: str = LOOK
    accepted: bool = True
    brings: Literal["calls", "words", ""] = "calls"
    read: Callable[[Exchange], Reading] | None = None


@dataclass(frozen=True, kw_only=True)
class OwnTurn:
    """One conversation in the exact form of one client, named `<client>_<name>`.

    It is one of three: work of several `wishes`, each answered before the next is said; a turn after the history `said`; or the
    `small` request beside a turn, about this text. `requests` is the most that it sends. `options` differ from the user's.
    `thorough` turns are left out of shallower runs, and nobody looks for the part of them that is refused. `needs` says what an
    endpoint must declare.
    """

    name: str
    asks: str
    requirements: tuple[TurnRequirement, ...]
    wishes: tuple[str, ...] = ()
    said: Callable[[], Sequence[Said]] | None = None
    small: str = ""
    tools: tuple[Tool, ...] = TOOLS
    options: Mapping[str, Any] = field(default_factory=dict)
    requests: int = 1
    thorough: bool = False
    needs: str = ""


def read_before(id: str, *, in_between: str = "") -> Sequence[Said]:
    """A history with one call in it, whose id another provider made; `in_between` is said before the next wish."""
    call = ReadCall(id, "read_file", compact(READS[0]), READS[0])
    asked = User((f"<task>\n{TASK} {request_for(READS[0])}\n</task>", ENVIRONMENT))
    seen = Assistant("", (call,), "The file is long, so I begin at its top.")
    words = [Assistant(in_between)] if in_between else []
    wish = User((request_for(READS[1]), ENVIRONMENT))
    return [asked, seen, Result(id, excerpt_of(call.value or {})), *words, wish]


def of_a_program() -> Sequence[Said]:
    """The history of a program that somebody wrote on an SDK."""
    return read_before("call_conformance1", in_between="These are the first forty lines.")
