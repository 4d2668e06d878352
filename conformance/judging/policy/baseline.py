"""A baseline: what counted when an older report was made, so that a newer suite fails no build by itself. Pure.

A newer suite has new requirements and may find an old one more severe. With a baseline neither counts until the team makes
a new baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.errors import UsageError
from conformance.judging.observation import Observation
from conformance.probes.catalogue import RENAMED
from conformance.requirements import Outcome, Severity
from conformance.requirements.conversation import Depth

DEPTHS = {depth.name.lower(): depth for depth in Depth}


@dataclass(frozen=True)
class Baseline:
    """The depth of that run, its clients, and the severity of each requirement for every client."""

    depth: Depth
    clients: frozenset[str]
    severities: Mapping[str, Mapping[str, Severity]]

    def check(self, depth: Depth, clients: Iterable[Client]) -> None:
        """Raises UsageError for a run that looks where the baseline did not: all failures there would seem new."""
        if depth > self.depth:
            raise UsageError(
                f"--baseline: that run was of depth {self.depth.name.lower()}; use that depth, or make a new baseline"
            )
        if strange := [client.id for client in clients if client.id not in self.clients]:
            raise UsageError(f"--baseline: that run did not judge client {strange[0]}; make a new baseline with it")

    def counted(self, observations: Sequence[Observation]) -> tuple[Observation, ...]:
        """The observations of requirements that counted then, with their severity of then; an internal error always counts."""
        return tuple(
            replace(
                o,
                requirement=replace(
                    o.requirement, severity=self.severities.get(o.requirement.id, o.requirement.severity)
                ),
            )
            for o in observations
            if o.requirement.id in self.severities or o.outcome is Outcome.ERROR
        )

    def newer(self, observations: Iterable[Observation]) -> list[str]:
        """The ids of requirements that fail and did not count then."""
        failed = [o.requirement.id for o in observations if o.outcome is Outcome.FAILED]
        return [id for id in dict.fromkeys(failed) if id not in self.severities]


def baseline_of(report: Mapping[str, Any]) -> Baseline:
    """The baseline in a report; raises UsageError when that is not the report of a complete run."""
    if report["depth"] not in DEPTHS or not report["complete"]:
        raise UsageError("a baseline must be the report of a complete run")
    return Baseline(
        DEPTHS[report["depth"]],
        frozenset(id for id, client in report["clients"].items() if client["chosen"]),
        {RENAMED.get(id, id): _severities(facts["severity"]) for id, facts in report["probes"].items()},
    )


def _severities(severity: Mapping[str, str]) -> dict[str, Severity]:
    return dict.fromkeys(CURRENT, Severity.HARMLESS) | {id: Severity(word) for id, word in severity.items()}
