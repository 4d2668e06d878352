"""`conformance demo`: judges the reference provider, live on a loopback port or from a recording."""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from conformance.cli.replay import replay
from conformance.cli.run import judge_endpoint
from conformance.cli.serve import check_changes
from conformance.clients import CLIENTS
from conformance.errors import UsageError, check_known
from conformance.runner.command_line import add_command
from conformance.wire.replay import Recording, recording_in, shipped


def add(parsers: Any) -> None:
    """Adds the command."""
    add_command(parsers, "demo", run, "judge the reference provider that comes with the suite")


def run(options: argparse.Namespace) -> int:
    """Judges it."""
    from conformance.explain.explain import endpoint_of
    from conformance.reference import Provider, serve

    check_changes(options)
    if options.replay:
        return replay(_recording(options), options)
    key = f"sk-demo-{secrets.token_hex(16)}"
    provider = Provider("reference-1", key, faults=options.fault, variations=options.variation, every=options.every)
    with serve(provider) as server:
        return judge_endpoint(endpoint_of(provider, server.base_url), options, CLIENTS)


def _recording(options: argparse.Namespace) -> Recording:
    """The recording that `--replay` names; raises UsageError for what a replay cannot do."""
    if options.fault or options.variation or options.record:
        raise UsageError("--replay judges a recording: leave out --fault, --variation and --record")
    check_known("recording", [options.replay], shipped())
    return recording_in(shipped()[options.replay])
