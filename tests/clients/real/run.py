"""Compares the readers with the real SDKs: every shape, and every fault of the reference provider.

Prints for each SDK how often they agree, and exits with 1 when they differ anywhere without a reason in `explained.toml`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from conformance.evidence.exchange import Exchange
from conformance.reference import catalogue
from tests.clients.real.columns import COLUMNS, Column
from tests.clients.real.node import Node, node
from tests.clients.real.scenarios import SCENARIOS, evidence, provider
from tests.clients.real.shapes_served import served
from tests.clients.shapes import SHAPES, exchange, question

EXPLAINED = Path(__file__).with_name("explained.toml")
AT_ONCE = 8
Wording = Sequence[Mapping[str, str]]
EXCERPT = 300  # characters of each side that are printed
MADE_UP = re.compile(r"[0-9a-f]{20,}")  # ids, which depend on every byte of a request
TIME = re.compile(r"\b1[789]\d{8}(?:000)?\b")  # in seconds, or by fault in milliseconds


@dataclass(frozen=True)
class Comparison:
    """One answer as one SDK and as its reader have it."""

    column: str
    subject: str
    theirs: str
    ours: str

    @property
    def agree(self) -> bool:
        """True when they are alike."""
        return self.theirs == self.ours


@dataclass
class Reason:
    """Why they may differ: globs of the column and of the subjects. `used` counts how often it was needed."""

    column: str
    subjects: Sequence[str]
    reason: str
    used: int = 0

    def covers(self, one: Comparison) -> bool:
        """True when this is the reason."""
        return fnmatchcase(one.column, self.column) and any(fnmatchcase(one.subject, s) for s in self.subjects)


def main() -> int:
    """Everything; 1 for a difference without a reason, or a reason without a difference."""
    wording, reasons = explanations()
    with node() as running:
        compared = list(of_shapes(running, wording))
    compared += of_faults(wording)
    open_ones = [one for one in compared if not one.agree and not explained(one, reasons)]
    for both, subjects in grouped(open_ones).items():
        print(f"{'; '.join(subjects)}\n{both}")
    for reason in (reason for reason in reasons if not reason.used):
        print(f"needed by nothing any more: {reason.column} {', '.join(reason.subjects)}")
    print("\n".join(summary(compared, open_ones)))
    return 1 if open_ones or not all(reason.used for reason in reasons) else 0


def explanations() -> tuple[list[dict[str, str]], list[Reason]]:
    """What is replaced before comparing, and the reasons to differ."""
    known = tomllib.loads(EXPLAINED.read_text("utf-8"))
    return known["wording"], [Reason(**one) for one in known["explained"]]


def explained(one: Comparison, reasons: Iterable[Reason]) -> bool:
    """True when there is a reason, which is then counted."""
    found = next((reason for reason in reasons if reason.covers(one)), None)
    if found:
        found.used += 1
    return found is not None


def of_shapes(running: Node, wording: Wording) -> Iterator[Comparison]:
    """Each shape, as each SDK that would ask for it has it."""
    with served() as root:
        for name, shape in SHAPES.items():
            body, seen = question(shape), exchange(shape)
            for column in (column for column in COLUMNS if column.takes(body)):
                theirs = column.ask(running, f"{root}/{name}/v1", "key", body)
                yield compare(column, f"shape {name}", theirs, seen, wording)


def of_faults(wording: Wording) -> Iterator[Comparison]:
    """Each fault, and none, shared out among as many processes as this machine has processors."""
    faults, processes = ["", *catalogue()], os.cpu_count() or 1
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for compared in pool.map(of_some, [faults[n::processes] for n in range(processes)], repeat(wording)):
            yield from compared


def of_some(faults: Sequence[str], wording: Wording) -> list[Comparison]:
    """Some faults: every SDK asks a provider of its own, in the same order."""
    with node() as running, ThreadPoolExecutor(AT_ONCE) as pool:
        ours = {fault: pool.submit(evidence, fault) for fault in faults}
        theirs = {(f, c.name): pool.submit(asked, running, c, f) for f in faults for c in COLUMNS}
        return [
            compare(column, f"fault {fault or 'none'}, {scenario}", result, ours[fault].result()[scenario], wording)
            for fault in faults
            for column in COLUMNS
            for scenario, result in theirs[fault, column.name].result().items()
        ]


def asked(running: Node, column: Column, fault: str) -> dict[str, Any]:
    """What one SDK makes of every scenario it can ask."""
    with provider(fault) as base_url:
        mine = [scenario for scenario in SCENARIOS if column.takes(scenario.body)]
        return {s.name: column.ask(running, base_url, s.key, s.body) for s in mine}


def compare(column: Column, subject: str, theirs: Any, seen: Exchange, wording: Wording) -> Comparison:
    """Both sides as text, without what is another one every time."""
    return Comparison(column.name, subject, settled(theirs, wording), settled(column.ours(seen), wording))


def settled(value: Any, wording: Wording) -> str:
    """As JSON: ids numbered in the order in which they come, times gone, an engine's own words replaced."""
    ids: dict[str, str] = {}
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = MADE_UP.sub(lambda found: ids.setdefault(found[0], f"id{len(ids)}"), TIME.sub("TIME", text))
    for one in wording:
        text = re.sub(one["pattern"], one["becomes"], text)
    return text


def grouped(open_ones: Iterable[Comparison]) -> dict[str, list[str]]:
    """The subjects of each difference."""
    found: dict[str, list[str]] = {}
    for one in open_ones:
        found.setdefault(difference(one), []).append(one.subject)
    return found


def difference(one: Comparison) -> str:
    """Both sides from shortly before they differ."""
    at = next((n for n, (a, b) in enumerate(zip(one.theirs, one.ours, strict=False)) if a != b), 0)
    start = max(0, at - EXCERPT // 3)
    theirs, ours = (side[start : start + EXCERPT] for side in (one.theirs, one.ours))
    return f"  {one.column}\n  theirs {theirs}\n  ours   {ours}"


def summary(compared: Sequence[Comparison], open_ones: Sequence[Comparison]) -> Iterator[str]:
    """One line for each SDK."""
    for column in COLUMNS:
        mine = [one for one in compared if one.column == column.name]
        alike, left = sum(one.agree for one in mine), sum(one.column == column.name for one in open_ones)
        rest = len(mine) - alike - left
        because = f", {rest} with a reason" if rest else ""
        yield f"{column.name}: {alike} of {len(mine)}{because}{f', {left} DIFFER' if left else ''}"


if __name__ == "__main__":
    sys.exit(main())
