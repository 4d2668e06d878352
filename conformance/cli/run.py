"""`conformance run`: judges an endpoint, or several."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.clients import AGENTS, Client
from conformance.endpoint.config import Endpoint
from conformance.exit_codes import ExitCode
from conformance.report.formats import render
from conformance.requirements.conversation import Conversation, unmet
from conformance.runner import isolation, multiple
from conformance.runner.command_line import add_command
from conformance.runner.console import reader_may_leave, show_message
from conformance.runner.from_options import endpoint_from, settings_from
from conformance.runner.plan import MOST_REQUESTS, planned, recorder_for
from conformance.runner.progress import Progress
from conformance.runner.settings import Settings

WITHOUT_REPORT: Mapping[int, str] = {
    ExitCode.INTERRUPTED: "interrupted before anything was judged",
    ExitCode.NOTHING_SELECTED: "nothing was selected: no probe or case matches",
}


def add(parsers: Any) -> None:
    """Adds the command."""
    more = "Arguments after -- are passed to pytest."
    parser = add_command(parsers, "run", run, "judge an endpoint, or several", more)
    parser.add_argument("name", nargs="*", help="name of an endpoint in conformance.toml")


def run(options: argparse.Namespace) -> int:
    """Judges the endpoint; several, in a process each."""
    if options.all or len(options.name) > 1:
        return multiple.run(options)
    endpoint = endpoint_from(options, options.name[0] if options.name else None)
    return judge_endpoint(endpoint, options, AGENTS)


def judge_endpoint(endpoint: Endpoint, options: argparse.Namespace, clients: tuple[Client, ...]) -> int:
    """Runs the probes against an endpoint, for these clients unless others are named; records it if asked to."""
    settings = settings_from(options, endpoint, clients)
    settings = replace(settings, pytest_args=pytest_args(options.keyword, options))
    if options.plan:
        return show_plan(settings)
    if options.record is None:
        return judge(settings, options)
    with recorder_for(options.record, settings, options.keyword) as recorder:
        return judge(replace(settings, recorder=recorder), options)


def pytest_args(keyword: str, options: argparse.Namespace) -> tuple[str, ...]:
    """The arguments for pytest: the expression of `-k`, and those after `--`."""
    return (*(("-k", keyword) if keyword else ()), *options.pytest_args)


def judge(settings: Settings, options: argparse.Namespace) -> int:
    """Runs the probes, and shows the summary and where the report is."""
    progress = Progress(sys.stderr)
    with progress:
        code, made, settings = isolation.main(replace(settings, progress=progress.settled))
    if made and settings.recorder:
        settings.recorder.finish(made["started"], made["seconds"])
    if made:
        with reader_may_leave():
            _show(made, settings)
            if options.print_settings:
                print(f"\n{render('settings', made)}", end="")
    elif code in WITHOUT_REPORT:
        show_message(WITHOUT_REPORT[code])
    return code


def _show(made: dict[str, Any], settings: Settings) -> None:
    terminal = sys.stdout.isatty()
    width = min(os.get_terminal_size().columns, 120) if terminal else 80
    print(render("terminal", made, width=width, colour=terminal and "NO_COLOR" not in os.environ).rstrip())
    if made["gate"]:
        print(made["gate"])
    print(f"report: {settings.output}/report.html")
    if settings.recorder:
        print(settings.recorder.summary)


def show_plan(settings: Settings) -> int:
    """Prints what the selected cases would send, and its highest cost."""
    code, cases = isolation.selected(settings)
    if code in WITHOUT_REPORT:
        show_message(WITHOUT_REPORT[code])
    if code != ExitCode.OK:
        return code
    endpoint = settings.endpoint
    print(plan_text([c for c in planned(settings, cases) if not unmet(c, endpoint)], endpoint))
    return ExitCode.OK


def plan_text(asked: Sequence[Conversation], endpoint: Endpoint) -> str:
    """One line for each conversation, and the sums."""
    width = max(len(c.name) for c in asked)
    lines = [
        f"{c.name:<{width}}  {c.requests:>3} {c.prompt_tokens_for(endpoint):>7,} {c.tokens:>6,}  {c.asks}"
        for c in asked
    ]
    head = f"{'conversation':<{width}}  req.  prompt answer  asks"
    return "\n".join([head, *lines, "", _totals(asked, endpoint)])


def _totals(asked: Sequence[Conversation], endpoint: Endpoint) -> str:
    requests = sum(c.requests for c in asked)
    prompt, answer = sum(c.prompt_tokens_for(endpoint) for c in asked), sum(c.tokens for c in asked)
    price = ""
    if endpoint.input_price is not None and endpoint.output_price is not None:
        price = f", {(prompt * endpoint.input_price + answer * endpoint.output_price) / 1e6:.4f} USD"
    again = f" ({MOST_REQUESTS} if answers disagree)" if any(c.repeats > 1 for c in asked) else ""
    return (
        f"{len(asked)} conversations, at most {requests} requests{again}, about {prompt:,} prompt tokens and "
        f"{answer:,} answer tokens{price}; nothing was sent"
    )
