"""What counted when a report was made: its requirements and severities, to which a newer version of the suite is held. Pure.

A newer suite knows requirements that nobody asked for yesterday, and of known ones that they break a client. Held to a baseline it
counts neither until a team makes a new one, so that its upgrade never fails the provider of yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.errors import UsageError
from conformance.judging.judge import Observation
from conformance.probes.catalogue import RENAMED
from conformance.requirements.conversation import Depth
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Severity

DEPTHS = {depth.name.lower(): depth for depth in Depth}


@dataclass(frozen=True)
class Baseline:
    """How deep that run looked, for which clients, and what each of its requirements meant to every client."""

    depth: Depth
    clients: frozenset[str]
    severities: Mapping[str, Mapping[str, Severity]]

    def check(self, depth: Depth, clients: Iterable[Client]) -> None:
        """Raises UsageError for a run that looks where the baseline did not: all found there would seem new."""
        if depth > self.depth:
            raise UsageError(
                f"--baseline: a run of depth {self.depth.name.lower()}, and this one looks deeper"
            )
        if strange := [client.id for client in clients if client.id not in self.clients]:
            raise UsageError(f"--baseline: a run that was not about {strange[0]}")

    def known(self, observations: Sequence[Observation]) -> list[Observation]:
        """The observations of requirements that counted then, as they counted; an error of ours always does."""
        return [
            replace(
                o,
                requirement=replace(
                    o.requirement, severity=self.severities.get(o.requirement.id, o.requirement.severity)
                ),
            )
            for o in observations
            if o.requirement.id in self.severities or o.outcome is Outcome.ERROR
        ]

    def passed_over(self, observations: Iterable[Observation]) -> list[str]:
        """The requirements that fail and did not count then."""
        failed = [o.requirement.id for o in observations if o.outcome is Outcome.FAILED]
        return [id for id in dict.fromkeys(failed) if id not in self.severities]


def baseline_of(report: Mapping[str, Any]) -> Baseline:
    """The baseline that a report makes; raises UsageError for one that is not of a whole run."""
    if report["depth"] not in DEPTHS or not report["complete"]:
        raise UsageError("not of a whole run, which a baseline has to be")
    return Baseline(
        DEPTHS[report["depth"]],
        frozenset(id for id, client in report["clients"].items() if client["chosen"]),
        {RENAMED.get(id, id): _felt(facts["severity"]) for id, facts in report["probes"].items()},
    )


def _felt(told: Mapping[str, str]) -> dict[str, Severity]:
    return dict.fromkeys(CURRENT, Severity.HARMLESS) | {id: Severity(word) for id, word in told.items()}
