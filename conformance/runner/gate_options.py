"""The options of the gate, said once for `conformance run`, `conformance gate` and a plain pytest, and the policy they make."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.judging.policy.accepted_failures import load
from conformance.judging.policy.baseline import Baseline, baseline_of
from conformance.judging.policy.gate import FAIL_ON, Policy, requirement
from conformance.report.json_file import load as report_in
from conformance.runner.arguments import positive

OPTIONS: Mapping[str, Mapping[str, Any]] = {  # as both argparse and pytest take them
    "--fail-on": {
        "default": "fails",
        "choices": FAIL_ON,
        "help": "exit 1 on a client that fails (fails), or that is degraded too, or on any failure",
    },
    "--require": {
        "action": "append",
        "default": [],
        "metavar": "NAME=LEVEL",
        "help": "exit 1 below it: tool-calling=complete, or a client as roo-code=works; repeatable",
    },
    "--known": {
        "type": Path,
        "metavar": "FILE",
        "help": "known deviations, which do not fail the gate",
    },
    "--allow-flaky": {
        "type": positive,
        "default": 0,
        "metavar": "K",
        "help": "bear what failed in at most K of every three answers to the same question, but not in all (0)",
    },
    "--baseline": {
        "type": Path,
        "metavar": "REPORT",
        "help": "count only what counted in that report.json: no requirement and no severity that is newer",
    },
}


def add_gate_options(command: argparse.ArgumentParser) -> None:
    """Adds them to a command, with the short word for one of them."""
    for name, told in OPTIONS.items():
        command.add_argument(name, **told)
    command.add_argument(
        "--strict",
        dest="fail_on",
        action="store_const",
        const="degraded",
        help="the same as --fail-on degraded",
    )


def policy_of(options: Any) -> Policy:
    """What fails the build, of parsed options; raises UsageError for a level or a file of known deviations that mean nothing."""
    return Policy(
        options.fail_on,
        dict(map(requirement, options.require)),
        load(options.known) if options.known else (),
        options.allow_flaky,
        _baseline(options.baseline) if options.baseline else None,
    )


def _baseline(file: Path) -> Baseline:
    report = report_in(file)
    with told_of(file):
        return baseline_of(report)


@contextmanager
def told_of(file: Path) -> Iterator[None]:
    """Names the file in a UsageError about what is in it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
