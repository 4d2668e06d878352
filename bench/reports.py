"""How long the commands about stored reports take: a comparison of a hundred, a difference, the gate, a long history.

    python bench/reports.py [DEPTH]

The reports are those of a run against the reference provider of that depth (thorough), with its largest evidence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from conformance.history import database as history

COMMAND = (sys.executable, "-m", "conformance")
REPORTS, RUNS = 100, 1000
MOST = {"compare": 4.0, "history": 3.0}  # seconds of processor, which on an idle machine is what a user waits


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when nothing takes longer than it may."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good, bad = (made(folder, *arguments[:1], fault=fault) for fault in ("", "delta-without-index"))
        copies = copied(folder, good)
        past = piled_up(folder / "runs.db", good)
        print(f"a report          {good.stat().st_size / 1e6:.1f} MB")
        taken = {
            "compare": timed("compare", *map(str, copies)),
            "diff": timed("diff", str(good), str(bad)),
            "gate": timed("gate", str(bad), "--fail-on", "any"),
            "history": timed("history", str(past), "--format", "html", "--last", str(RUNS)),
        }
    for what, (wall, processor) in taken.items():
        limit = f", at most {MOST[what]}" if what in MOST else ""
        print(f"{what:<17} {processor:.2f} s of processor{limit}; {wall:.2f} s of wall time")
    return int(any(taken[what][1] > limit for what, limit in MOST.items()))


def made(folder: Path, depth: str = "thorough", *, fault: str) -> Path:
    """The report.json of a run against the reference provider."""
    output = folder / (fault or "sound")
    spoiled = ["--fault", fault] if fault else []
    demo = [*COMMAND, "demo", "--depth", depth, "--output", str(output), *spoiled]
    subprocess.run(demo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603 our own
    return output / "report.json"


def copied(folder: Path, report: Path) -> list[Path]:
    """So many files of it."""
    text = report.read_text("utf-8")
    files = [folder / f"{n}.json" for n in range(REPORTS)]
    for file in files:
        file.write_text(text, "utf-8")
    return files


def piled_up(file: Path, report: Path) -> Path:
    """A history of so many runs."""
    run = json.loads(report.read_text("utf-8"))
    for n in range(RUNS):
        history.append(file, run | {"started": f"2026-{n:04}"})
    return file


def timed(*arguments: str) -> tuple[float, float]:
    """Seconds of wall time and of processor time that a command takes."""
    before, began = os.times(), time.monotonic()
    done = subprocess.run([*COMMAND, *arguments], stdout=subprocess.DEVNULL, check=False)  # noqa: S603 our own words
    wall, after = time.monotonic() - began, os.times()
    assert done.returncode in (0, 1), f"{arguments[0]} ended with {done.returncode}"
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, spent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
