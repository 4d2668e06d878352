"""How many known defects a run notices, and how many legitimate forms it leaves in peace.

    python -m tests.detection.run            prints the figures and whatever falls short of them
    python -m tests.detection.run --write    writes them down as well, for the README to quote

Ends with 1 when they are below the target or not those that are written down.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from conformance.reference import catalogue as faults
from conformance.reference import known_variations
from tests.detection.judging import Run, in_category, noticed, run_with_fault, run_with_variation
from tests.detection.records import FIGURES, Record, records

CATEGORY_TARGET = 0.95  # of the defects; all of them have to be noticed, and no variation may be flagged


@dataclass(frozen=True)
class Figures:
    """The measure of detection: defects that can be shown on a wire, and the names of what fell short."""

    defects: Sequence[Record]
    unnoticed: Sequence[str]
    elsewhere: Sequence[str]
    missed: Sequence[str]
    beyond: Sequence[str]
    flagged: Sequence[str]
    errors: Sequence[str]

    @property
    def in_category(self) -> float:
        """The share of defects that are noticed under the heading of their record."""
        return 1 - len(self.elsewhere) / len(self.defects)

    @property
    def reached(self) -> bool:
        """True when the target is reached."""
        short = (*self.unnoticed, *self.missed, *self.flagged, *self.errors)
        return not short and self.in_category >= CATEGORY_TARGET


def measure(spoiled: Sequence[Run], varied: Sequence[Run]) -> Figures:
    """The figures of all runs."""
    runs = {run.name: run for run in spoiled}
    shown = [record for record in records() if record.faults]
    return Figures(
        defects=shown,
        unnoticed=[_told(record) for record in shown if not noticed(record, runs)],
        elsewhere=[_told(record) for record in shown if not in_category(record, runs)],
        missed=[run.name for run in spoiled if not faults()[run.name].caught_by <= run.failed],
        beyond=[_beyond(run) for run in spoiled if run.failed - faults()[run.name].caught_by],
        flagged=[f"{run.name}: {', '.join(sorted(run.felt))}" for run in varied if run.felt],
        errors=[f"{run.name}: {', '.join(run.errors)}" for run in (*spoiled, *varied) if run.errors],
    )


def _told(record: Record) -> str:
    why = f" (argued: {record.argued})" if record.argued else ""
    return f"{record.source} {record.slug}, {record.category}{why}"


def _beyond(run: Run) -> str:
    return f"{run.name}: {', '.join(sorted(run.failed - faults()[run.name].caught_by))}"


def summary(figures: Figures) -> str:
    """The figures in four lines."""
    known, shown = len(records()), len(figures.defects)
    left = sum(record.verdict == "pass" for record in records())
    off = known - shown - left
    seen, right = shown - len(figures.unnoticed), shown - len(figures.elsewhere)
    return (
        f"known defects: {known}, of which {off} do not show on a wire and {left} are forms of sound servers\n"
        f"noticed: {seen} of {shown} ({seen / shown:.0%}), under the right heading: {right} ({right / shown:.1%})\n"
        f"faults: {len(faults())}, missed {len(figures.missed)}, "
        f"tripping more than the requirements they name {len(figures.beyond)}\n"
        f"variations: {len(known_variations())}, flagged {len(figures.flagged)}\n"
    )


def shortfalls(figures: Figures) -> str:
    """The names of whatever fell short."""
    named = {
        "not noticed": figures.unnoticed,
        "noticed under another heading, or by no requirement that a client feels": figures.elsewhere,
        "missed by a requirement that the fault names": figures.missed,
        "tripping more": figures.beyond,
        "flagged": figures.flagged,
        "errors of ours": figures.errors,
    }
    return "".join(
        f"{line}\n"
        for what, names in named.items()
        if names
        for line in (f"{what}:", *(f"  {n}" for n in names))
    )


def all_runs(workers: int) -> tuple[list[Run], list[Run]]:
    """A run for every fault, and one for every variation."""
    with ProcessPoolExecutor(workers) as pool:

        def each(run: Callable[[str], Run], names: Sequence[str]) -> list[Run]:
            return list(pool.map(run, names, chunksize=4))

        return each(run_with_fault, [*faults()]), each(run_with_variation, [*known_variations()])


def main(arguments: Sequence[str]) -> int:
    """Prints the figures; 0 when the target is reached and the figures are those that are written down, else 1."""
    figures = measure(*all_runs(os.cpu_count() or 2))
    told = summary(figures)
    print(told + shortfalls(figures), end="")
    if "--write" in arguments:
        FIGURES.write_text(told, encoding="utf-8")
    elif told != FIGURES.read_text("utf-8"):
        print(
            f"the figures have moved: `nox -s detection -- --write`, then `nox -s documents` ({FIGURES.name})"
        )
        return 1
    return 0 if figures.reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
