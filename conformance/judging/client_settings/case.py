"""What decides the settings of one client: the client, the endpoint, and what a run found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.requirements import Outcome


@dataclass(frozen=True)
class Found:
    """What a run found out that settings depend on: outcomes by probe id, and verdicts by client id.

    A verdict is the one for a user whose base URL leads to the judged URL. `told_limit` is the context window in tokens, if
    the server says it. `cap_refusal` is the server's answer to a limit of 32000 tokens, "" if it accepted that.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    told_limit: int | None = None
    cap_refusal: str = ""

    def holds(self, probe: str) -> bool | None:
        """Whether a requirement holds; None if it was not judged."""
        return {Outcome.PASSED: True, Outcome.FAILED: False}.get(self.outcomes.get(probe, Outcome.BLOCKED))


@dataclass(frozen=True)
class Case:
    """One client, the endpoint, and what a run found out."""

    client: Client
    endpoint: Endpoint
    found: Found

    def own(self, turn: str) -> bool | None:
        """Whether the client's own turn of that kind works; None if it was not judged."""
        return self.found.holds(f"client.{self.client.id}-{turn}")

    @property
    def names(self) -> Mapping[str, str]:
        """The client's names of its settings."""
        return self.client.settings.names

    @property
    def cap(self) -> str:
        """The field with which this client limits its answers."""
        return self.client.settings.cap

    @property
    def works(self) -> bool | None:
        """Whether the client's usual turn works as it is; None if it was not judged."""
        return False if self.own("request") is False else self.own("turn")

    @property
    def judged(self) -> str:
        """What that turn shows about a setting that was used in it."""
        if self.works is None:
            return "not judged in this run"
        if not self.works:
            return "used when its own turn failed"
        sound = self.found.verdicts.get(self.client.id) in ("works", "degraded")
        return "found to work" if sound else "its own turn succeeds, but see the verdict"

    @property
    def too_large(self) -> bool:
        """True if the server refuses the limit of 32000 tokens that Kilo Code sends if it knows no other."""
        return bool(self.found.cap_refusal) or self.found.holds("limits.max-tokens") is False
