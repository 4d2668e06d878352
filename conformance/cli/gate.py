"""`conformance gate`: decides about a stored report again, perhaps by another policy."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from conformance.report.json_file import load
from conformance.report.stored import decide_again
from conformance.runner.command_line import add_command
from conformance.runner.from_options import naming, policy_from
from conformance.runner.values import report_file


def add(parsers: Any) -> None:
    """Adds the command."""
    about = "apply a policy to a stored report; sets the exit code, sends nothing"
    parser = add_command(parsers, "gate", run, about)
    parser.add_argument("report", type=report_file, metavar="REPORT", help="report.json of a run, or its folder")


def run(options: argparse.Namespace) -> int:
    """Prints what the gate says; its exit code is the command's."""
    policy, made = policy_from(options), load(options.report)
    with naming(options.report):
        gate = decide_again(made, policy, datetime.now(UTC).date())
    print(gate.summary)
    return gate.code
