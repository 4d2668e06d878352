"""`conformance compare`: several endpoints or models side by side."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.clients import CURRENT
from conformance.errors import check_known
from conformance.exit_codes import ExitCode
from conformance.history.compare import comparison, page
from conformance.history.pages import show
from conformance.report.summary import conclusions
from conformance.runner.command_line import add_command
from conformance.runner.values import report_file


def add(parsers: Any) -> None:
    """Adds the command."""
    about = "compare endpoints or models side by side, the best first"
    parser = add_command(parsers, "compare", run, about)
    parser.add_argument("reports", type=report_file, nargs="+", metavar="REPORT", help="a report.json, or its folder")


def run(options: argparse.Namespace) -> int:
    """Shows the comparison."""
    check_known("client", [options.client], CURRENT)
    found = comparison([(str(file), conclusions(file)) for file in options.reports], options.client)
    show(found, page(found), options.format, options.output)
    return ExitCode.OK
