"""All observations of one requirement reduced to one result. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.judging.observation import Observation, together
from conformance.requirements import MOST_SERIOUS_FIRST, Blame, Outcome, Requirement, Severity
from conformance.requirements.areas import WHOLE_TURNS, rank

EACH = 3  # exchanges of one failed case, the failing one first


@dataclass(frozen=True)
class Result:
    """What all cases of one requirement came out as.

    `actual` is what was seen in the first case that failed, `exchanges` the ids of the exchanges of all cases that failed.
    `blocked` says why the first blocked case was blocked, `blocked_by` who was in the way of each. `severity` is what the
    failures mean to each client, by id; that of the requirement where none failed.
    """

    requirement: Requirement
    outcomes: frozenset[Outcome]
    actual: str
    exchanges: tuple[str, ...]
    blocked: str
    blocked_by: frozenset[Blame | None]
    severity: Mapping[str, Severity]

    @property
    def outcome(self) -> Outcome:
        """The most serious outcome of its cases."""
        return min(self.outcomes, key=MOST_SERIOUS_FIRST.index)

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
        """True when no case passed or failed, and the reason is not that the model did something else."""
        judged = self.outcomes & {Outcome.PASSED, Outcome.FAILED}
        return not judged and Outcome.BLOCKED in self.outcomes and bool(self.blocked_by - {Blame.MODEL, None})

    def has(self, severity: Severity, client: Client) -> bool:
        """True when it failed and that means this much to the client."""
        return self.failed and self.severity[client.id] is severity

    @property
    def headline(self) -> str:
        """What happens, without a full stop."""
        return (self.requirement.failure or self.requirement.text).rstrip(".")

    @property
    def sentence(self) -> str:
        """What happens, and what was seen."""
        return f"{self.headline} ({self.actual})" if self.actual else self.headline


def results_of(observations: Iterable[Observation]) -> list[Result]:
    """One result for each requirement, by area. Whole turns come last: what fails in them mostly fails by itself before."""
    groups: dict[str, list[Observation]] = {}
    for observation in observations:
        groups.setdefault(observation.requirement.id, []).append(observation)
    return sorted(map(_result, groups.values()), key=lambda result: rank(result.requirement.area))


def _result(cases: Sequence[Observation]) -> Result:
    failed = [case for case in cases if case.outcome is Outcome.FAILED]
    return Result(
        cases[0].requirement,
        frozenset(case.outcome for case in cases),
        failed[0].actual if failed else "",
        tuple(id for case in failed for id in case.exchanges[:EACH]),
        next((case.reason for case in cases if case.outcome is Outcome.BLOCKED), ""),
        frozenset(case.blocked_by for case in cases),
        together(failed) or cases[0].requirement.severity,
    )


def without_turns(failed: Sequence[Result]) -> list[Result]:
    """The failed requirements without whole turns, which are never the cause, unless only turns failed."""
    return [result for result in failed if result.requirement.area != WHOLE_TURNS] or list(failed)


def affects(one: Requirement | Result, clients: Iterable[Client]) -> bool:
    """True when a failure of the requirement, or what was seen of it, breaks or degrades one of these clients."""
    return any(one.severity[c.id] is not Severity.HARMLESS for c in clients)
