"""`conformance explain`: explains a probe, an error message or a log line."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.exit_codes import ExitCode
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    about = "explain a probe with a failing example, or what an error message or log line points to"
    parser = add_command(parsers, "explain", run, about)
    parser.add_argument(
        "words", nargs="+", metavar="PROBE|TEXT", help="id of a probe, or the text that you see, in quotes"
    )


def run(options: argparse.Namespace) -> int:
    """Explains it."""
    from conformance.explain.explain import explained

    print(explained(" ".join(options.words)))
    return ExitCode.OK
