"""What was seen of one case of one requirement. Data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.requirements import WORST_FIRST, Blame, Outcome, Requirement, Severity


@dataclass(frozen=True)
class Observation:
    """The result of judging one case.

    `actual` is what was seen when it failed, `reason` why it was blocked, not applicable, or an internal error.
    `exchanges` are the ids of the exchanges looked at, a failing one first. `times` is (failed, judged): each repetition of
    its conversation counts once. `severity` is what a failure means to each client that sends such requests and reads such
    answers; it is that of the requirement for an observation that is no failure. `failing` are the exchanges that fail by themselves,
    `refusal` the words with which the server refused the request, where that is the failure.
    """

    requirement: Requirement
    case: str
    outcome: Outcome
    actual: str = ""
    reason: str = ""
    blocked_by: Blame | None = None
    exchanges: tuple[str, ...] = ()
    times: tuple[int, int] = (0, 0)
    felt: Mapping[str, Severity] | None = None
    failing: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def severity(self) -> Mapping[str, Severity]:
        """What it means to each client, by id."""
        return self.requirement.severity if self.felt is None else self.felt


def together(observations: Sequence[Observation]) -> Mapping[str, Severity] | None:
    """What several observations of one requirement mean to each client: the worst of each; None for those of no failure."""
    felt = [o.severity for o in observations if o.outcome is Outcome.FAILED]
    return {id: min((one[id] for one in felt), key=WORST_FIRST.index) for id in felt[0]} if felt else None
