"""Prints how many known defects a run notices, and how many legitimate forms it flags.

    python -m tests.detection.run            prints the figures and whatever falls short of them
    python -m tests.detection.run --write    writes them down as well, for the documents to quote

Exit code 1 when the target is missed. A test compares the figures with those that are written down.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance.reference import catalogue as faults
from conformance.reference import known_variations
from tests.detection import unseen_defects
from tests.detection.judging import in_category, noticed
from tests.detection.records import FIGURES, Record, records
from tests.sweep import GROUPS, Sweep

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


def measure(sweep: Sweep) -> Figures:
    """The figures of all runs."""
    spoiled = {name: sweep.fault(name) for name in faults()}
    varied = {name: sweep.variation(name) for name in known_variations()}
    shown = [record for record in records() if record.faults]
    beyond = {name: run.failed.keys() - faults()[name].caught_by for name, run in spoiled.items()}
    return Figures(
        defects=shown,
        unnoticed=[_line(record) for record in shown if not noticed(record, spoiled)],
        elsewhere=[_line(record) for record in shown if not in_category(record, spoiled)],
        missed=[name for name, run in spoiled.items() if not faults()[name].caught_by <= run.failed.keys()],
        beyond=_named(beyond),
        flagged=_named({name: run.felt for name, run in varied.items()}),
        errors=_named({name: run.errors for name, run in (spoiled | varied).items()}),
    )


def _line(record: Record) -> str:
    why = f" (argued: {record.argued})" if record.argued else ""
    return f"{record.source} {record.slug}, {record.category}{why}"


def _named(found: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{name}: {', '.join(sorted(ids))}" for name, ids in found.items() if ids]


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
        "noticed under another heading, or by no requirement that affects a client": figures.elsewhere,
        "missed by a requirement that the fault names": figures.missed,
        "tripping more": figures.beyond,
        "flagged": figures.flagged,
        "internal errors": figures.errors,
    }
    return "".join(
        f"{line}\n" for what, names in named.items() if names for line in (f"{what}:", *(f"  {n}" for n in names))
    )


def main(arguments: Sequence[str]) -> int:
    """Prints the figures; 0 when the target is reached, else 1."""
    with tempfile.TemporaryDirectory() as made, ProcessPoolExecutor(os.cpu_count()) as pool:
        sweep = Sweep(Path(made))
        list(pool.map(sweep.fault, faults(), chunksize=4))
        list(pool.map(sweep.variations, *zip(*GROUPS, strict=True)))
        figures = measure(sweep)
        unseen = unseen_defects.measure(pool)
    said = summary(figures) + unseen_defects.summary(unseen)
    print(said + shortfalls(figures), end="")
    print(
        "unseen, and not noticed under their heading:", *(one.key for one in unseen if not one.in_category), sep="\n  "
    )
    if "--write" in arguments:
        FIGURES.write_text(said, encoding="utf-8")
    return 0 if figures.reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
