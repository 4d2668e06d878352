"""`conformance probes`: lists the requirements."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.clients import CLIENTS
from conformance.errors import check_known
from conformance.exit_codes import ExitCode
from conformance.requirements import CATEGORIES
from conformance.requirements.areas import AREAS
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    add_command(parsers, "probes", run, "list the requirements")


def run(options: argparse.Namespace) -> int:
    """Lists those of the chosen areas, clients and headings."""
    from conformance.explain import listing

    check_known("area", options.area, AREAS)
    check_known("client", options.client, [client.id for client in CLIENTS])
    check_known("category", options.category, [category.id for category in CATEGORIES])
    found = listing.chosen(options.area, options.client, options.category)
    print(listing.FORMATS[options.format](found).rstrip("\n"))
    return ExitCode.OK
