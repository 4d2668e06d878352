"""The exit codes of every command, and which of several decides."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; the first six are pytest's own numbers."""

    OK = 0
    FAILED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    WRONG_USAGE = 4
    NOTHING_SELECTED = 5
    NOT_JUDGED = 6


MEANING = {
    ExitCode.OK: "every chosen client works (a degraded client counts as working unless `--strict` is given)",
    ExitCode.FAILED: "a chosen client fails, or a required level is not reached; for `diff`: something got worse",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.INTERNAL_ERROR: "internal error in the suite, please report it",
    ExitCode.WRONG_USAGE: "wrong usage, configuration or input file",
    ExitCode.NOTHING_SELECTED: "no probe was selected",
    ExitCode.NOT_JUDGED: "could not be judged: unreachable, key refused, model unknown, or nothing to judge",
}
_LEAST_SERIOUS_FIRST = (
    ExitCode.OK,
    ExitCode.NOT_JUDGED,
    ExitCode.NOTHING_SELECTED,
    ExitCode.FAILED,
    ExitCode.WRONG_USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL_ERROR,
)


def most_serious(codes: Iterable[int]) -> int:
    """The exit code that stands for several runs."""
    return int(max(map(ExitCode, codes), key=_LEAST_SERIOUS_FIRST.index, default=ExitCode.OK))
