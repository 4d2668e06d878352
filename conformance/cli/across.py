"""The commands about several reports: what each takes and does. Whatever is wrong with a file is a UsageError, in one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.clients import CURRENT
from conformance.errors import UsageError, unknown
from conformance.history import compare, diff, trend
from conformance.history import database as history
from conformance.judging.policy import accepted_failures as known
from conformance.judging.policy.baseline import DEPTHS
from conformance.report import json_file
from conformance.report.output import show_text
from conformance.report.stored import decide_again, depth_of
from conformance.report.summary import conclusions
from conformance.report.tables import Page, as_html, as_json, as_markdown, as_terminal
from conformance.runner.arguments import positive
from conformance.runner.gate_options import add_gate_options, policy_of, told_of

FORMS: Mapping[str, Callable[[Page], str]] = {
    "terminal": as_terminal,
    "markdown": as_markdown,
    "html": as_html,
}


def add_commands(verbs: Any) -> None:
    """Adds the commands to the command line."""
    two = verbs.add_parser(
        "diff", help="what is otherwise in a newer report; exit 1 when something got worse"
    )
    two.add_argument("old", type=Path, metavar="OLD", help="an older report.json")
    two.add_argument("new", type=Path, metavar="NEW", help="a newer one")
    _form_options(two, *FORMS, "json")
    two.set_defaults(run=diff_reports)
    _compare_command(verbs)
    _gate_command(verbs)
    _known_command(verbs)
    _history_command(verbs)


def _gate_command(verbs: Any) -> None:
    again = verbs.add_parser(
        "gate", help="decide about a stored report by another policy; nothing is sent, the exit code says it"
    )
    again.add_argument("report", type=Path, metavar="REPORT", help="the report.json of a run")
    add_gate_options(again)
    again.set_defaults(run=gate_report)


def _known_command(verbs: Any) -> None:
    add = verbs.add_parser("known", help="take note of failures, so that they do not fail the gate")
    add.add_argument("action", choices=["add"])
    add.add_argument("report", type=Path, metavar="REPORT", help="the report.json that has them")
    add.add_argument(
        "--probe",
        action="append",
        default=[],
        metavar="ID",
        help="only this one; repeatable (all that hurt a chosen client)",
    )
    add.add_argument("--reason", required=True, metavar="TEXT", help="why they are borne")
    add.add_argument("--owner", required=True, metavar="NAME", help="who looks after them")
    add.add_argument("--until", type=known.day, metavar="DATE", help="the last day, as 2027-01-31")
    add.add_argument(
        "--known", type=Path, default=Path("known.toml"), metavar="FILE", help="file to add to (known.toml)"
    )
    add.set_defaults(run=add_known)


def _history_command(verbs: Any) -> None:
    past = verbs.add_parser("history", help="the trend of each endpoint, and which run changed what")
    past.add_argument("file", type=Path, metavar="FILE", help="the file that runs were appended to")
    past.add_argument("--endpoint", metavar="NAME", help="only this one")
    past.add_argument("--last", type=positive, default=20, metavar="N", help="runs to show of each (20)")
    _form_options(past, *FORMS, "json")
    past.set_defaults(run=show_history)


def _compare_command(verbs: Any) -> None:
    many = verbs.add_parser("compare", help="several endpoints or models side by side, the best first")
    many.add_argument("reports", type=Path, nargs="+", metavar="REPORT", help="their report.json")
    many.add_argument(
        "--client", default="roo-code", metavar="ID", help="for which client to order them (roo-code)"
    )
    _form_options(many, *FORMS, "json")
    many.set_defaults(run=compare_reports)


def _form_options(command: argparse.ArgumentParser, *forms: str) -> None:
    command.add_argument("--format", default="terminal", choices=forms)
    command.add_argument("--output", type=Path, metavar="FILE", help="where to write it")


def diff_reports(options: argparse.Namespace) -> int:
    """`conformance diff OLD NEW`."""
    old, new = json_file.load(options.old), json_file.load(options.new)
    if len({made["depth"] in DEPTHS for made in (old, new)}) > 1:
        raise UsageError(
            f"{options.old}, {options.new}: a run and recorded traffic, which says less: compare like with like"
        )
    found = diff.difference(old, new)
    _show(found, diff.page(found), options)
    return int(found["worse"])


def gate_report(options: argparse.Namespace) -> int:
    """`conformance gate REPORT`."""
    policy, made = policy_of(options), json_file.load(options.report)
    with told_of(options.report):
        gate = decide_again(made, policy, datetime.now(UTC).date())
    print(gate.summary)
    return gate.code


def add_known(options: argparse.Namespace) -> int:
    """`conformance known add REPORT`."""
    made = json_file.load(options.report)
    with told_of(options.report):
        depth = depth_of(made)
    if options.until and options.until < datetime.now(UTC).date():
        raise UsageError(f"--until {options.until}: that day is over")
    model = made["endpoint"]["model"]
    seen = frozenset(id for id, client in made["clients"].items() if client["chosen"])
    told = known.AcceptedFailure(
        "", options.reason, options.owner, "", model, options.until, depth=depth, clients=seen
    )
    entries = [replace(told, probe=id, flaky=_flaky(made, id)) for id in _wanted(made, options.probe)]
    added = known.add(options.known, entries)
    print(f"{options.known}: {', '.join(entry.what for entry in added) or 'nothing to add'}")
    return 0


def _wanted(made: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """The failed requirements that are meant; raises UsageError for a named one that did not fail."""
    chosen = {id for id, client in made["clients"].items() if client["chosen"]}
    failed = [o for o in made["observations"] if o["outcome"] == "failed"]
    for id in named:
        if id not in (ids := list(dict.fromkeys(o["probe"] for o in failed))):
            raise UsageError(
                f"--probe {id[:80]}: did not fail in that report (failed: {', '.join(ids[:12]) or 'none'})"
            )
    felt = [
        o["probe"] for o in failed if any(o["severity"].get(id, "harmless") != "harmless" for id in chosen)
    ]
    return list(named) or list(dict.fromkeys(felt))


def _flaky(made: Mapping[str, Any], probe: str) -> bool:
    """True for a failure that was seen in some of several answers to the same question, and in no case in all of them."""
    often = [o.get("times") for o in made["observations"] if (o["probe"], o["outcome"]) == (probe, "failed")]
    return all(times and times["failed"] < times["judged"] for times in often)


def show_history(options: argparse.Namespace) -> int:
    """`conformance history FILE`."""
    found = history.runs(options.file, options.endpoint)
    _show(trend.as_data(found), trend.page(found, options.last), options)
    return 0


def compare_reports(options: argparse.Namespace) -> int:
    """`conformance compare REPORT...`."""
    if options.client not in CURRENT:
        raise unknown("client", options.client, CURRENT)
    found = compare.comparison([(str(file), conclusions(file)) for file in options.reports], options.client)
    _show(found, compare.page(found), options)
    return 0


def _show(found: Mapping[str, Any], page: Page, options: argparse.Namespace) -> None:
    """Shows the page, or what it was made of as JSON."""
    text = as_json(found) if options.format == "json" else FORMS[options.format](page)
    show_text(text, options.output)
