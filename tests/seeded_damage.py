"""Breaks the program on purpose, in twenty ways and one at a time in a copy, and checks that the tests notice.

    python -m tests.seeded_damage          every mutation; exit code 1 when no test fails under one of them
    python -m tests.seeded_damage 3 7      these alone

For each mutation the tests run that should catch it: those of the quick set first, then those of the full set.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import ROOT, environment

COPIED = ("conformance", "schemas", "cassettes", "tests")
FAULTS = "tests/test_faults.py"
SETS = {"quick": "not full", "full": "full"}


@dataclass(frozen=True)
class Mutation:
    """One text in one file of `conformance/`, what is put in its place, and the tests that should fail then."""

    file: str
    text: str
    becomes: str
    tests: str


MUTATIONS = (
    Mutation("evidence/sse.py", "event.has_data and event.terminated", "event.has_data", "tests/evidence"),
    Mutation("evidence/calls.py", 'key = delta.get("index")', "key = 0", f"tests/evidence {FAULTS}"),
    Mutation("evidence/redaction.py", "if self._forms and (", "if not self._forms and (", "tests/evidence"),
    Mutation("evidence/arrival.py", "sizes[delta.at] +=", "sizes[0.0] +=", "tests/evidence"),
    Mutation("clients/index_tracker.py", "if truthy(slot.name) and not", "if not", "tests/clients"),
    Mutation("probes/test_toolstream_index.py", "isinstance(id, str) and id,", "True,", FAULTS),
    Mutation("probes/test_stream.py", 'assert kind == "text/event-stream"', "assert kind", FAULTS),
    Mutation("probes/test_usage.py", "total >= prompt + completion", "total >= prompt", FAULTS),
    Mutation("probes/test_auth.py", "(400, 403) and names_key", "(400, 403) or names_key", FAULTS),
    Mutation("judging/judge.py", '"mostly" if 2 * k > n', '"mostly" if k > n', "tests/judging"),
    Mutation("judging/judge.py", "and low < 0.5 < high", "and low < 0.5", "tests/judging"),
    Mutation("judging/verdict.py", "if unjudged or incomplete:", "if unjudged:", "tests/judging"),
    Mutation("judging/policy/gate.py", "ExitCode.NOT_JUDGED if Verdict.UNKNOWN in verdicts else ", "", "tests/judging"),
    Mutation("judging/root_causes.py", "felt.get(c) is not", "felt.get(c) is", "tests/judging"),
    Mutation("judging/policy/gate.py", "failed * REPEATS <=", "failed <=", "tests/judging"),
    Mutation("judging/policy/accepted_failures.py", " and not self.flaky", "", "tests/judging"),
    Mutation(
        "wire/http.py", "within(limits.after_done, anext", "within(limits.silence, anext", "tests/wire/test_limits.py"
    ),
    Mutation("wire/asking.py", "max(0.0, float(said))", "float(said)", "tests/wire/test_asking.py"),
    Mutation("wire/cassette.py", 'if key != "digest"}', 'if key == "digest"}', "tests/wire/test_cassette.py"),
    Mutation("history/diff.py", "apart > _SHARE * min", "apart > 0 * min", "tests/history"),
)


def main(numbers: Sequence[str]) -> int:
    """Prints a line for each mutation; 1 when one goes unnoticed."""
    chosen = [int(number) for number in numbers] or range(1, len(MUTATIONS) + 1)
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="damage-") as made:
        copy = Path(made)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        for number in chosen:
            mutation = MUTATIONS[number - 1]
            noticed = caught_by(mutation, copy)
            unnoticed += not noticed
            print(
                f"{number} | {mutation.file} | {mutation.text} -> {mutation.becomes} | {noticed or 'UNNOTICED'}",
                flush=True,
            )
    return int(bool(unnoticed))


def caught_by(mutation: Mutation, copy: Path) -> str:
    """The set and the first test that fails under it; "" when none does."""
    file = copy / "conformance" / mutation.file
    sound = file.read_text("utf-8")
    if sound.count(mutation.text) != 1:
        raise SystemExit(f"{mutation.file} must hold {mutation.text!r} once; bring the mutation up to date")
    file.write_text(sound.replace(mutation.text, mutation.becomes), encoding="utf-8")
    try:
        found = ((name, first_failure(mutation, copy, marks)) for name, marks in SETS.items())
        return next((f"{name}: {test}" for name, test in found if test), "")
    finally:
        file.write_text(sound, encoding="utf-8")


def first_failure(mutation: Mutation, copy: Path, marks: str) -> str:
    """The first of its tests that fails; "" when all pass, or none has these marks."""
    quiet = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-m", marks)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *mutation.tests.split()],
        cwd=copy,
        env=environment(PYTHONPATH=str(copy)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0] if failed else f"pytest ended with {done.returncode}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
