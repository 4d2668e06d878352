"""`conformance url`: shows the URLs that clients make of a base URL; nothing is sent."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from conformance.clients import CLIENTS, Client
from conformance.clients.advice import advice
from conformance.clients.named import clients_named
from conformance.clients.url import Built, host_of
from conformance.errors import UsageError
from conformance.exit_codes import ExitCode
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "url", run, "show the URLs that clients make of a base URL; sends nothing")
    parser.add_argument("base_url", metavar="BASE_URL", help="base URL, as you type it into a client")


def run(options: argparse.Namespace) -> int:
    """Shows them."""
    print(url_text(options.base_url, options.model or "", clients_named(options.client, CLIENTS)))
    return ExitCode.OK


def url_text(base: str, model: str, clients: Sequence[Client]) -> str:
    """The URLs that clients make of what the user typed, and what to type instead.

    Raises UsageError when none of them can send a request to it.
    """
    found = advice(base, model)
    if not host_of(base) or not any(client.chat(base, model).url for client in clients):
        raise UsageError(f"no client can call {base!r}: {_why_not(base, found)}")
    width = max(len(client.name) for client in clients)
    lines = []
    for client in clients:
        lines.append(f"{client.name:<{width}}  chat    {_shown(client.chat(base, model))}")
        listed = client.models(base, model) if client.models else None
        lines.append(f"{'':<{width}}  models  {_shown(listed) if listed else '(never listed)'}")
    return "\n".join([*lines, "", *(found or ["Nothing about it looks wrong."])])


def _why_not(base: str, found: Sequence[str]) -> str:
    """What is missing: everything, the host, or the scheme, which the first piece of advice is about."""
    if not base.strip():
        return "it is empty."
    return "it names no host." if base.strip().startswith(("http:", "https:")) else found[0]


def _shown(built: Built) -> str:
    return built.url or f"none: {built.error}"
