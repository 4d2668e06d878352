"""`conformance report`: shows a stored report in another format."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.exit_codes import ExitCode
from conformance.report.formats import files, render
from conformance.report.json_file import load
from conformance.report.output import prepare, show_text, write_text
from conformance.runner.command_line import add_command
from conformance.runner.values import report_file


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "report", run, "show a stored report in another format")
    parser.add_argument("file", type=report_file, metavar="REPORT", help="report.json, or its folder")


def run(options: argparse.Namespace) -> int:
    """Prints it, or writes it to a file; several documents go to a folder."""
    made = load(options.file)
    several = files(options.format, made) if options.output else None
    if several is None:
        show_text(render(options.format, made), options.output)
    for name, text in (several or {}).items():
        write_text(prepare(options.output) / name, text)
    return ExitCode.OK
