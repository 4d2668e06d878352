"""`conformance serve`: starts the reference provider."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.errors import UsageError, check_known
from conformance.exit_codes import ExitCode
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    add_command(parsers, "serve", run, "start the reference provider")


def run(options: argparse.Namespace) -> int:
    """Serves until Ctrl-C, or lists the faults or the variations."""
    from conformance.explain import listing

    if options.list_faults:
        print(listing.faults_text())
    elif options.list_variations:
        print(listing.variations_text())
    else:
        _serve(options)
    return ExitCode.OK


def _serve(options: argparse.Namespace) -> None:
    from conformance.reference import Provider, run_forever

    check_changes(options)
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


def check_changes(options: argparse.Namespace) -> None:
    """Raises UsageError for an unknown fault or variation."""
    from conformance.reference import catalogue, known_variations

    check_known("fault", options.fault, catalogue())
    check_known("variation", options.variation, known_variations())
