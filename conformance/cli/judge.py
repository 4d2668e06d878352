"""`conformance judge`: judges traffic that another tool recorded. A file that cannot be read does not stop the others."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.named import clients_named
from conformance.report.formats import render
from conformance.report.output import REPORTS, prepare, write
from conformance.runner.command_line import add_command
from conformance.runner.console import reader_may_leave, show_message
from conformance.runner.values import path
from conformance.traffic.files import files
from conformance.traffic.judge import judge_files

FORMATS = "HAR, vcrpy cassette, output of curl -v, JSON lines of requests and responses, or a folder of these"


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "judge", run, "judge traffic that another tool recorded; sends nothing")
    parser.add_argument("files", nargs="+", type=path, metavar="FILE", help=FORMATS)


def run(options: argparse.Namespace) -> int:
    """Judges the files, writes the report and shows the summary."""
    clients = clients_named(options.client)
    profiles = CURRENT | {client.id: client for client in clients}
    made, unjudged = judge_files(files(options.files), clients, profiles, strict=options.strict)
    for problem in unjudged:
        show_message(problem)
    if not any(file["requests"] for file in made["conversations"]):
        show_message("nothing to judge: no chat completion and no model list")
        return int(made["exit_code"])
    name = f"{made['endpoint']['name']}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    output = prepare(options.output or REPORTS / name)
    write(output, made)
    with reader_may_leave():
        print(f"{render('recorded', made).rstrip()}\nreport: {output}/report.html")
    return int(made["exit_code"])
