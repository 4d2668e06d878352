"""`conformance diff`: what changed between two reports."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.errors import UsageError
from conformance.exit_codes import ExitCode
from conformance.history.diff import difference, page
from conformance.history.pages import show
from conformance.judging.policy.baseline import DEPTHS
from conformance.report.json_file import load
from conformance.runner.command_line import add_command
from conformance.runner.values import report_file


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "diff", run, "compare two reports; exits 1 if anything got worse")
    parser.add_argument("old", type=report_file, metavar="OLD", help="the older report.json, or its folder")
    parser.add_argument("new", type=report_file, metavar="NEW", help="the newer one")


def run(options: argparse.Namespace) -> int:
    """Shows the difference."""
    old, new = load(options.old), load(options.new)
    if len({made["depth"] in DEPTHS for made in (old, new)}) > 1:
        raise UsageError(
            f"{options.old}, {options.new}: one is of a run, the other of recorded traffic, which shows less; "
            "compare two of the same kind"
        )
    found = difference(old, new)
    show(found, page(found), options.format, options.output)
    return ExitCode.FAILED if found["worse"] else ExitCode.OK
