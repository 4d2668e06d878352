"""`conformance history`: the trend of each endpoint, and which run changed what."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.exit_codes import ExitCode
from conformance.history.database import runs
from conformance.history.pages import show
from conformance.history.trend import as_data, page
from conformance.runner.command_line import add_command
from conformance.runner.values import path


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "history", run, "show each endpoint's trend, and which run changed what")
    parser.add_argument("file", type=path, metavar="FILE", help="file that was given to --history")


def run(options: argparse.Namespace) -> int:
    """Shows the trend."""
    found = runs(options.file, options.endpoint)
    show(as_data(found), page(found, options.last), options.format, options.output)
    return ExitCode.OK
