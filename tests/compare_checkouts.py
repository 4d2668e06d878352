"""Compares the conclusions of two checkouts: every fault, every variation and every committed cassette.

    python -m tests.compare_checkouts OLD NEW [--depth standard] [--only NAME ...] [--keep FOLDER]

Run it before and after a change that should alter no verdict. Both checkouts judge the same things, each with its own
program. Words, times and ids may differ; outcomes, verdicts, levels, categories, severities, exit codes and the order of
the advice may not. What differs is judged once more, alone, because a busy machine can time out.
Exit code 1 when something still differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PATIENCE = "5"  # seconds of silence; some faults never answer
DRIVER = """
import contextlib, io, sys
from conformance.cli import main
for line in sys.stdin:
    name, *arguments = line.split()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main(arguments)
    print(name, code, flush=True)
"""
LISTS = """
from conformance.reference import catalogue, known_variations
print(*catalogue()); print(*known_variations())
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judges everything in both checkouts and prints what differs."""
    options = _parser().parse_args(arguments)
    cases = _cases(options.old, options.depth)
    if options.only:
        cases = {name: case for name, case in cases.items() if name in options.only}
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        differing = _compare(options.old, options.new, cases, folder, processes=options.processes)
        again = {name: cases[name] for name in differing}
        differing = _compare(options.old, options.new, again, folder / "again", processes=1)
    for name, lines in differing.items():
        print(f"{name}:", *lines[:20], sep="\n    ")
    print(f"{len(cases)} compared, {len(differing)} differ")
    return int(bool(differing))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("old", type=Path, help="a checkout")
    parser.add_argument("new", type=Path, help="another one")
    parser.add_argument("--depth", default="standard")
    parser.add_argument("--only", nargs="*", default=[], help="names of faults, variations and cassettes")
    parser.add_argument("--keep", type=Path, help="keep the conclusions here, and use those that are there")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser


def _cases(checkout: Path, depth: str) -> dict[str, list[str]]:
    """The arguments of the command for each thing to judge, by name."""
    faults, variations = (line.split() for line in _python(checkout, LISTS).splitlines())
    demo = ["demo", "--depth", depth, "--patience", PATIENCE]
    cassettes = [file.parent for file in sorted(checkout.glob("cassettes/*/recording.json"))]
    return {
        **{f"fault:{name}": [*demo, "--fault", name] for name in faults},
        **{f"variation:{name}": [*demo, "--variation", name] for name in variations},
        **{f"cassette:{folder.name}": ["replay", f"cassettes/{folder.name}"] for folder in cassettes},
    }


def _python(checkout: Path, code: str) -> str:
    done = subprocess.run(  # noqa: S603 a fixed command
        [sys.executable, "-c", code],
        cwd=checkout,
        env=_environment(checkout),
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def _environment(checkout: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(checkout.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}


def _compare(
    old: Path, new: Path, cases: Mapping[str, list[str]], folder: Path, *, processes: int
) -> dict[str, list[str]]:
    """What differs, by case."""
    sides = [_judge_all(checkout, cases, folder / side, processes) for side, checkout in (("old", old), ("new", new))]
    before, after = sides
    return {name: list(_differences(before[name], after[name])) for name in cases if before[name] != after[name]}


def _judge_all(
    checkout: Path, cases: Mapping[str, list[str]], folder: Path, processes: int
) -> dict[str, dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in cases if not _kept(folder, name).exists()]
    shares = [missing[n::processes] for n in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda names: _judge(checkout, cases, names, folder), shares))
    return {name: json.loads(_kept(folder, name).read_text("utf-8")) for name in cases}


def _kept(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(':', '-')}.json"


def _judge(checkout: Path, cases: Mapping[str, list[str]], names: Sequence[str], folder: Path) -> None:
    """Judges these cases one after the other in one process, and keeps what each concluded."""
    with (
        tempfile.TemporaryDirectory() as made,
        subprocess.Popen(  # noqa: S603 a fixed command
            [sys.executable, "-c", DRIVER],
            cwd=checkout,
            env=_environment(checkout),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        for n, name in enumerate(names):
            output = Path(made) / str(n)
            print(name, *cases[name], "--output", output, file=process.stdin, flush=True)
            code = int(process.stdout.readline().split()[1])
            report = output / "report.json"
            concluded = conclusions(json.loads(report.read_text("utf-8"))) if report.exists() else {}
            _kept(folder, name).write_text(json.dumps({"exit": code, **concluded}), encoding="utf-8")
            report.unlink(missing_ok=True)
        process.stdin.close()


def conclusions(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a report concludes, without words, times and ids."""
    return {
        "exit_code": report["exit_code"],
        "complete": report["complete"],
        "clients": {id: [c["verdict"], c["chosen"], c["because"]] for id, c in report["clients"].items()},
        "tools": [report["tool_calling"][name] for name in ("level", "blame", "because")],
        "categories": {id: [c["status"], c["probes"]] for id, c in report["categories"].items()},
        "first": [[s[name] for name in ("probe", "blame", "clients", "cases", "with")] for s in report["first"]],
        "probes": {
            id: [p[name] for name in ("category", "blame", "severity") if name in p]
            for id, p in report["probes"].items()
        },
        "observations": {
            f"{o['probe']}[{o['case']}]": [o["outcome"], o["category"], o["severity"]] for o in report["observations"]
        },
        "settings": {
            id: [[row["name"] for row in s[name]] for name in ("use", "avoid")] for id, s in report["settings"].items()
        },
        "conversations": [c["name"] for c in report["conversations"]],
    }


def _differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where two values differ, a line each."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(old.get(key), new.get(key), f"{path}/{key}")
    elif old != new:
        yield f"{path}: {json.dumps(old)} -> {json.dumps(new)}"


if __name__ == "__main__":
    sys.exit(main())
