"""`conformance capture`: relays a client's live session to its provider, records it, and judges it meanwhile."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.clients.named import clients_named
from conformance.runner.capture import capture_session
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    about = "relay a client's live session to its provider, record it and judge it"
    add_command(parsers, "capture", run, about)


def run(options: argparse.Namespace) -> int:
    """Captures until Ctrl-C; returns 1 when a failure breaks a chosen client."""
    capture = capture_session(
        options.upstream, clients_named(options.client), options.record, options.host, options.port
    )
    print(capture.summary, flush=True)
    return capture.exit_code
