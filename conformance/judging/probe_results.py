"""All observations of one probe, reduced to what verdicts need. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.judging.judge import Observation
from conformance.requirements.areas import WHOLE_TURNS, rank
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame, Requirement, Severity

EACH = 3  # exchanges of one failed case, an offending one first


@dataclass(frozen=True)
class Tally:
    """All observations of one probe, reduced to what verdicts need; `exchanges` are those of the cases that failed."""

    requirement: Requirement
    outcomes: frozenset[Outcome]
    actual: str
    exchanges: tuple[str, ...]
    blocked: str
    blocked_by: frozenset[Blame | None]

    @property
    def failed(self) -> bool:
        """True when any case failed."""
        return Outcome.FAILED in self.outcomes

    @property
    def passed(self) -> bool:
        """True when at least one case passed and none failed."""
        return Outcome.PASSED in self.outcomes and not self.failed

    @property
    def unjudged(self) -> bool:
        """True when no case passed or failed and something other than the model's freedom stood in the way."""
        judged = self.outcomes & {Outcome.PASSED, Outcome.FAILED}
        return not judged and Outcome.BLOCKED in self.outcomes and bool(self.blocked_by - {Blame.MODEL, None})


def tally(observations: Iterable[Observation]) -> list[Tally]:
    """One tally per probe, by area: whole turns come last, for what fails in them has mostly failed on its own before."""
    by_probe: dict[str, list[Observation]] = {}
    for observation in observations:
        by_probe.setdefault(observation.requirement.id, []).append(observation)
    return sorted((_tally(group) for group in by_probe.values()), key=lambda t: rank(t.requirement.area))


def causes(failed: Sequence[Tally]) -> list[Tally]:
    """The failed requirements without the whole turns, unless nothing but turns has failed."""
    return [t for t in failed if t.requirement.area != WHOLE_TURNS] or list(failed)


def _tally(group: Sequence[Observation]) -> Tally:
    return Tally(
        group[0].requirement,
        frozenset(o.outcome for o in group),
        next((o.actual for o in group if o.outcome is Outcome.FAILED), ""),
        tuple(id for o in group if o.outcome is Outcome.FAILED for id in o.exchanges[:EACH]),
        next((o.reason for o in group if o.outcome is Outcome.BLOCKED), ""),
        frozenset(o.blocked_by for o in group),
    )


def not_met(failed: Tally) -> str:
    """One sentence: the requirement that does not hold and what was seen instead."""
    return f"not met: {failed.requirement.text.rstrip('.')} ({failed.actual})"


def hurts(requirement: Requirement, clients: Iterable[Client]) -> bool:
    """True when failing the requirement breaks or degrades one of these clients."""
    return any(requirement.severity[c.id] is not Severity.HARMLESS for c in clients)
