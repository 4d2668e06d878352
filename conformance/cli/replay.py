"""`conformance replay`: judges a recorded run again, without the network."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from conformance.cli.run import judge, pytest_args
from conformance.clients.named import clients_named
from conformance.report.text import line
from conformance.requirements.conversation import Depth
from conformance.runner.command_line import add_command
from conformance.runner.console import reader_may_leave
from conformance.runner.from_options import policy_from
from conformance.runner.plan import plan
from conformance.runner.settings import Settings
from conformance.runner.values import path
from conformance.wire.replay import Recording, recording_in


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "replay", run, "judge a recorded run again, without the network")
    parser.add_argument("folder", type=path, metavar="DIR", help="folder that was given to --record")


def run(options: argparse.Namespace) -> int:
    """Judges the recording in a folder."""
    return replay(recording_in(options.folder), options)


def replay(recording: Recording, options: argparse.Namespace) -> int:
    """Judges a recording for the clients of its run, or for others."""
    then = recording.manifest
    settings = Settings(
        endpoint=recording.endpoint,
        depth=Depth[then["depth"].upper()],
        clients=clients_named(options.client or then["profiles"]),
        policy=policy_from(options),
        output=options.output,
        history=options.history,
        pytest_args=pytest_args(options.keyword or then["keyword"], options),
        repeats=then["repeats"],
        recording=recording,
    )
    with reader_may_leave():
        print(recording_text(recording, settings))
    return judge(settings, options)


def recording_text(recording: Recording, settings: Settings) -> str:
    """What is replayed: its age, its clients, and what in it cannot be used."""
    then = recording.manifest
    days = (datetime.now(UTC) - recording.started).days
    age = "today" if days < 1 else "a day ago" if days == 1 else f"{days} days ago"
    known = plan(settings.depth, settings.clients, settings.repeats)
    unused = sorted(recording.talks.keys() - known.keys())
    lines = [
        f"Replay of {recording.folder}; nothing is sent.",
        f"Recorded {recording.started:%Y-%m-%d %H:%M} UTC ({age}) by version {then['tool']}, for the clients",
        f"{', '.join(then['profiles'])}.",
    ]
    if not then["complete"]:
        lines.append(f"{recording.folder}: incomplete, the recorded run was cut short")
    lines += [f"{recording.folder / name}: {problem}" for name, problem in recording.unusable.items()]
    lines += [f"{recording.folder}: not used here: {', '.join(unused)}"] if unused else []
    return "\n".join([*map(line, lines), ""])  # files from elsewhere may say anything
