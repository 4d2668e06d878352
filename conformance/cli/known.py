"""`conformance known add`: accepts failures of a report, so that they no longer fail the gate."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conformance.errors import UsageError
from conformance.exit_codes import ExitCode
from conformance.judging.policy.accepted_failures import AcceptedFailure
from conformance.judging.policy.accepted_failures import add as add_to_file
from conformance.report.json_file import load
from conformance.report.stored import depth_of
from conformance.runner.command_line import add_command
from conformance.runner.from_options import naming
from conformance.runner.values import report_file


def add(parsers: Any) -> None:
    """Adds the command."""
    about = "accept failures of a report, so that they no longer fail the gate"
    parser = add_command(parsers, "known", run, about)
    parser.add_argument("action", choices=["add"])
    parser.add_argument(
        "report", type=report_file, metavar="REPORT", help="report.json that has the failures, or its folder"
    )


def run(options: argparse.Namespace) -> int:
    """Adds the failures to the file of accepted failures."""
    made = load(options.report)
    with naming(options.report):
        depth = depth_of(made)
    if options.until and options.until < datetime.now(UTC).date():
        raise UsageError(f"--until {options.until}: that day has passed")
    model, clients = made["endpoint"]["model"], frozenset(_chosen(made))
    one = AcceptedFailure("", options.reason, options.owner, "", model, options.until, depth=depth, clients=clients)
    entries = [replace(one, probe=id, flaky=_flaky(made, id)) for id in _accepted(made, options.probe)]
    added = add_to_file(options.known, entries)
    print(f"{options.known}: {', '.join(entry.what for entry in added) or 'nothing to add'}")
    return ExitCode.OK


def _chosen(made: Mapping[str, Any]) -> list[str]:
    return [id for id, client in made["clients"].items() if client["chosen"]]


def _accepted(made: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """The ids of the probes to accept: those named, or all that affect a chosen client.

    Raises UsageError for a named one that did not fail.
    """
    failed = [o for o in made["observations"] if o["outcome"] == "failed"]
    ids = list(dict.fromkeys(o["probe"] for o in failed))
    for id in named:
        if id not in ids:
            shown = ", ".join(ids[:12]) or "none"
            raise UsageError(f"--probe {id[:80]}: did not fail in that report (failed: {shown})")
    felt = [o["probe"] for o in failed if any(o["severity"].get(id, "harmless") != "harmless" for id in _chosen(made))]
    return list(named) or list(dict.fromkeys(felt))


def _flaky(made: Mapping[str, Any], probe: str) -> bool:
    """True for a failure seen in some of the repeated answers, and in no case in all of them."""
    often = [o.get("times") for o in made["observations"] if (o["probe"], o["outcome"]) == (probe, "failed")]
    return all(times and times["failed"] < times["judged"] for times in often)
