"""What a requirement is: data about something that must hold, for reports, verdicts and documents alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.clients import CURRENT, Client
from conformance.requirements.categories import Category


class Severity(StrEnum):
    """What a failed requirement means to one client."""

    BREAKS = "breaks"
    DEGRADES = "degrades"
    HARMLESS = "harmless"


class Blame(StrEnum):
    """Who has to change something when a requirement fails."""

    SETTINGS = "settings"
    PROVIDER = "provider"
    MODEL = "model"


BREAKS, DEGRADES, HARMLESS = Severity.BREAKS, Severity.DEGRADES, Severity.HARMLESS
WORST_FIRST = (BREAKS, DEGRADES, HARMLESS)
EVERYONE = "everyone"  # in place of a client: all those that a probe does not name


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that must hold.

    `text` says what must hold and `why` why it matters (paragraphs separated by empty lines). `failure` says what happens
    when it does not hold, as a sentence. `severity` is by client id. `sources` are public references. `evidence` names
    what is looked at: conversations, kinds of exchange, or `talk`; it is empty for a requirement read from a report.
    """

    id: str
    text: str
    why: str
    failure: str
    category: Category
    severity: Mapping[str, Severity]
    remedy: str
    blame: Blame
    sources: tuple[str, ...]
    evidence: tuple[str, ...] = ()

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The conversations, or the kind of exchange, that it is judged on."""
        return self.evidence

    @property
    def area(self) -> str:
        """The part of the id before the dot, which is also the file that the probe is in."""
        return self.id.split(".")[0]


def everyone(severity: Severity) -> dict[Client | str, Severity]:
    """The same severity for every client; combine with `|` to give single clients another one."""
    return {EVERYONE: severity}


def severity_for(client: Client, id: str, said: Mapping[Client | str, Severity]) -> Severity:
    """What the failure of a requirement means to a client.

    The exception in the client's folder counts first, then what the probe says for this client, then the severity of the client
    that reads alike, then what the probe says for everyone. A client that a probe leaves out is not affected.
    """
    if id in client.severities:
        return Severity(client.severities[id])
    if client in said:
        return said[client]
    if client.severities_of != client.id:
        return severity_for(CURRENT[client.severities_of], id, said)
    return said.get(EVERYONE, HARMLESS)
