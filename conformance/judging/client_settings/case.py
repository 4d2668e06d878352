"""What the settings of one client are decided by: the client, the endpoint, and what a run found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.requirements.outcome import Outcome


@dataclass(frozen=True)
class Found:
    """What a run found out that settings depend on: outcomes by probe id, and verdicts by client id.

    A verdict is the one for a user whose base URL leads to what was judged. `told_limit` is the context window in tokens that
    the server told, if any; `cap_refusal` what it said to a cap of 32000 tokens, "" when it took that.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    told_limit: int | None = None
    cap_refusal: str = ""

    def holds(self, probe: str) -> bool | None:
        """Whether a requirement holds; None when it was not judged."""
        return {Outcome.PASSED: True, Outcome.FAILED: False}.get(self.outcomes.get(probe, Outcome.BLOCKED))


@dataclass(frozen=True)
class Case:
    """One client, the endpoint, and what was found: what a value is decided by."""

    client: Client
    endpoint: Endpoint
    found: Found

    def own(self, turn: str) -> bool | None:
        """Whether the client's own turn of that kind was taken and could be used; None when it was not judged."""
        return self.found.holds(f"client.{self.client.id}-{turn}")

    @property
    def works(self) -> bool | None:
        """Whether the client's usual turn works as it is; None when it was not judged."""
        taken, read = self.own("request"), self.own("turn")
        return False if taken is False else read

    @property
    def judged(self) -> str:
        """What can be said for a setting that was in force during that turn."""
        if self.works is None:
            return "not judged in this run"
        if not self.works:
            return "in force when its own turn failed"
        sound = self.found.verdicts.get(self.client.id) in ("works", "degraded")
        return "found to work" if sound else "its own turn goes through, but see the verdict"

    @property
    def too_large(self) -> bool:
        """True when the server does not take the cap of 32000 tokens that Kilo Code sends when it knows no limit."""
        return bool(self.found.cap_refusal) or self.found.holds("limits.max-tokens") is False
