"""The clients that a user names: by id, or by id and version."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.clients import AGENTS, CLIENTS, PROFILES, Client
from conformance.errors import UsageError, unknown


def clients_named(wanted: Sequence[str], otherwise: tuple[Client, ...] = AGENTS) -> tuple[Client, ...]:
    """The clients that are named by id or by profile (`ai-sdk@2.0.48`); raises UsageError for an unknown one."""
    found = [_client_named(name) for name in dict.fromkeys(wanted)]
    for client in found:
        if sum(other.id == client.id for other in found) > 1:
            raise UsageError(f"--client {client.id} is given at two versions; a run judges by one of them")
    return tuple(found) or otherwise


def _client_named(name: str) -> Client:
    known = {client.id: client for client in CLIENTS} | {client.profile: client for client in PROFILES}
    if name not in known:
        id = name.partition("@")[0]
        versions = {client.profile: client for client in PROFILES if client.id == id}
        raise unknown("client", name, known) if not versions else unknown("profile", name, versions)
    return known[name]
