"""The possible outcomes of judging one case of a probe, and how a probe raises them."""

from __future__ import annotations

from enum import StrEnum

from conformance.requirements.requirement import Blame


class Outcome(StrEnum):
    """The outcome of judging one case of a probe; `error` is a bug in the suite, never in the provider."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


MOST_SERIOUS_FIRST = (
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.PASSED,
    Outcome.BLOCKED,
    Outcome.NOT_APPLICABLE,
)  # of several outcomes the first in this order counts


class Blocked(Exception):
    """The requirement could not be judged; the text says why. `by` is who has to change something."""

    def __init__(self, reason: str, by: Blame = Blame.PROVIDER) -> None:
        super().__init__(reason)
        self.by = by


class NotApplicable(Exception):
    """The endpoint does not claim the feature, so it is not judged; the text says why."""
