"""What each command does: a few lines over a function. Whatever is wrong with its input is a UsageError, in one line."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.clients import CLIENTS, CURRENT, Client
from conformance.clients.named import clients_named
from conformance.endpoint.config import Endpoint, find_endpoint
from conformance.errors import UsageError, unknown
from conformance.explain import explain, listing
from conformance.reference import Provider, known_variations, run_forever, serve
from conformance.reference import catalogue as faults
from conformance.report import json_file
from conformance.report.formats import files as report_files
from conformance.report.formats import render
from conformance.report.output import REPORTS, prepare, show_text, write, write_text
from conformance.requirements.areas import AREAS
from conformance.requirements.categories import CATEGORIES
from conformance.requirements.conversation import Depth
from conformance.runner import isolation
from conformance.runner import multiple as batch
from conformance.runner.gate_options import policy_of
from conformance.runner.plan import recorder_for
from conformance.runner.progress import Progress
from conformance.runner.settings import Settings
from conformance.traffic.files import files
from conformance.traffic.judge import judge_files
from conformance.wire.limits import Limits
from conformance.wire.replay import Recording, recording_in, shipped

WITHOUT_REPORT = {
    2: "interrupted before anything was judged",
    5: "nothing was selected: no probe or case matches",
}

LISTINGS = {"text": listing.probes_text, "json": listing.probes_json, "markdown": listing.probes_markdown}


def check_known(kind: str, named: Sequence[str], known: Iterable[str]) -> None:
    """Raises UsageError for the first name that is not among these."""
    for name in named:
        if name not in known:
            raise unknown(kind, name, known)


@contextmanager
def perhaps_unread() -> Iterator[None]:
    """Output whose reader may have left (`| head`): that is no error, and changes no verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_endpoint(options: argparse.Namespace) -> int:
    """`conformance run`."""
    if options.all or len(options.name) > 1:
        return batch.run(options)
    endpoint = find_endpoint(
        options.name[0] if options.name else None,
        base_url=options.base_url,
        model=options.model,
        api_key_env=options.api_key_env,
        provider=options.provider,
        directory=Path.cwd(),
        environ=os.environ,
    )
    return judge_endpoint(endpoint, options, clients_named(options.client))


def run_demo(options: argparse.Namespace) -> int:
    """`conformance demo`: the same run against the reference provider on a loopback port, or as it was recorded."""
    _check_changes(options)
    if options.replay:
        return replay_recording(_shipped_recording(options), options)
    key = f"sk-demo-{secrets.token_hex(16)}"
    provider = Provider(
        "reference-1", key, faults=options.fault, variations=options.variation, every=options.every
    )
    with serve(provider) as server:
        endpoint = explain.endpoint_of(provider, server.base_url)
        return judge_endpoint(endpoint, options, clients_named(options.client, CLIENTS))


def _shipped_recording(options: argparse.Namespace) -> Recording:
    """The recording that `demo --replay` names; raises UsageError for what a replay cannot do."""
    if options.fault or options.variation or options.record:
        raise UsageError("--replay judges what was recorded: leave out --fault, --variation and --record")
    if options.replay not in shipped():
        raise unknown("recording", options.replay, shipped())
    return recording_in(shipped()[options.replay])


def _check_changes(options: argparse.Namespace) -> None:
    """Raises UsageError for a fault or a variation that there is not."""
    check_known("fault", options.fault, faults())
    check_known("variation", options.variation, known_variations())


def judge_endpoint(endpoint: Endpoint, options: argparse.Namespace, clients: tuple[Client, ...]) -> int:
    """Runs the probes against an endpoint, and records if that is wanted."""
    settings = Settings(
        endpoint=endpoint,
        depth=Depth[options.depth.upper()],
        clients=clients,
        limits=Limits.patient_for(options.patience),
        concurrency=options.concurrency,
        policy=policy_of(options),
        output=options.output,
        history=options.history,
        pytest_args=_pytest_args(options.keyword, options),
    )
    if options.plan:
        print(explain.plan_text(settings))
        return 0
    if options.record is None:
        return judge(settings, options)
    with recorder_for(options.record, settings, options.keyword) as recorder:
        return judge(replace(settings, recorder=recorder), options)


def replay(options: argparse.Namespace) -> int:
    """`conformance replay DIR`."""
    return replay_recording(recording_in(options.folder), options)


def replay_recording(recording: Recording, options: argparse.Namespace) -> int:
    """Judges what was recorded as its run did, or by other clients."""
    then = recording.manifest
    settings = Settings(
        endpoint=recording.endpoint,
        depth=Depth[then["depth"].upper()],
        clients=clients_named(options.client or then["profiles"]),
        policy=policy_of(options),
        output=options.output,
        history=options.history,
        pytest_args=_pytest_args(options.keyword or then["keyword"], options),
        repeats=then["repeats"],
        recording=recording,
    )
    with perhaps_unread():
        print(explain.recording_text(settings))
    return judge(settings, options)


def judge(settings: Settings, options: argparse.Namespace) -> int:
    """Runs the probes, shows the summary, names the report."""
    progress = Progress(sys.stderr)
    with progress:
        code, made, settings = isolation.main(replace(settings, progress=progress.settled))
    if made and settings.recorder:
        settings.recorder.finish(made["started"], made["seconds"])
    if made:
        with perhaps_unread():
            _show(made, settings)
            if options.print_settings:
                print(f"\n{render('settings', made)}", end="")
    elif code in WITHOUT_REPORT:
        print(f"conformance: {WITHOUT_REPORT[code]}", file=sys.stderr)
    return code


def _pytest_args(keyword: str, options: argparse.Namespace) -> tuple[str, ...]:
    return (*(("-k", keyword) if keyword else ()), *options.pytest_args)


def _show(made: dict[str, Any], settings: Settings) -> None:
    terminal = sys.stdout.isatty()
    width = min(os.get_terminal_size().columns, 120) if terminal else 80
    print(render("terminal", made, width=width, colour=terminal and "NO_COLOR" not in os.environ).rstrip())
    if made["gate"]:
        print(made["gate"])
    print(f"report: {settings.output}/report.html")
    if settings.recorder:
        print(settings.recorder.summary)


def judge_traffic(options: argparse.Namespace) -> int:
    """`conformance judge FILE...`: what cannot be read is told in a line each, and the others are judged."""
    clients = clients_named(options.client)
    profiles = CURRENT | {client.id: client for client in clients}
    made, unjudged = judge_files(files(options.files), clients, profiles, strict=options.strict)
    for line in unjudged:
        print(f"conformance: {line}", file=sys.stderr)
    if not any(file["requests"] for file in made["conversations"]):
        print("conformance: nothing to judge: no chat completion and no model list", file=sys.stderr)
        return int(made["exit_code"])
    name = f"{made['endpoint']['name']}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    output = prepare(options.output or REPORTS / name)
    write(output, made)
    with perhaps_unread():
        print(f"{render('recorded', made).rstrip()}\nreport: {output}/report.html")
    return int(made["exit_code"])


def serve_reference(options: argparse.Namespace) -> int:
    """`conformance serve`."""
    if options.list_faults:
        print(listing.faults_text())
        return 0
    if options.list_variations:
        print(listing.variations_text())
        return 0
    _check_changes(options)
    provider = Provider(
        options.model,
        options.api_key,
        faults=options.fault,
        variations=options.variation,
        every=options.every,
        latency=options.latency,
        token_gap=options.token_gap,
    )
    try:
        run_forever(provider, port=options.port)
    except OSError as error:
        raise UsageError(
            f"--port {options.port}: {error.strerror or error}; choose another, or 0 for a free one"
        ) from None
    return 0


def list_probes(options: argparse.Namespace) -> int:
    """`conformance probes`."""
    for kind, named, known in (
        ("area", options.area, AREAS),
        ("client", options.client, [client.id for client in CLIENTS]),
        ("category", options.category, [category.id for category in CATEGORIES]),
    ):
        check_known(kind, named, known)
    found = listing.chosen(options.area, options.client, options.category)
    print(LISTINGS[options.format](found), end="" if options.format == "markdown" else "\n")
    return 0


def list_providers(options: argparse.Namespace) -> int:
    """`conformance providers [NAME]`."""
    print(explain.provider_text(options.provider) if options.provider else explain.providers_text())
    return 0


def show_urls(options: argparse.Namespace) -> int:
    """`conformance url BASE_URL`."""
    print(explain.url_text(options.base_url, options.model, clients_named(options.client, CLIENTS)))
    return 0


def explain_probe(options: argparse.Namespace) -> int:
    """`conformance explain PROBE` or `conformance explain TEXT`."""
    print(explain.explained(" ".join(options.words)))
    return 0


def render_report(options: argparse.Namespace) -> int:
    """`conformance report FILE`."""
    made = json_file.load(options.file)
    several = report_files(options.format, made) if options.output else None
    if several is not None:
        for name, text in several.items():
            write_text(prepare(options.output) / name, text)
        return 0
    show_text(render(options.format, made), options.output)
    return 0
