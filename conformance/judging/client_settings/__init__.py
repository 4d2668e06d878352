"""What a user types into each client's settings: what was found to work, and what to avoid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.judging.client_settings.avoided import avoided
from conformance.judging.client_settings.case import Case, Found
from conformance.judging.client_settings.names import NAMES, SPELLED
from conformance.judging.client_settings.pasting import pasted
from conformance.judging.client_settings.values import VALUES

__all__ = ["ClientSettings", "Found", "Setting", "settings_for"]


@dataclass(frozen=True)
class Setting:
    """One setting as the client calls it, a value for it, and why."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class ClientSettings:
    """The settings of one client: those to use, those to avoid, and the former in the client's own form, ready to paste.

    `paste` is "" where no base URL leads the client to what was judged.
    """

    use: tuple[Setting, ...] = ()
    avoid: tuple[Setting, ...] = ()
    paste: str = ""


def settings_for(client: Client, endpoint: Endpoint, found: Found) -> ClientSettings:
    """The settings of one client for this endpoint, whose base URL must not hold a secret any more."""
    case, names, spelled = Case(client, endpoint, found), NAMES[client.id], SPELLED.get(client.id, {})
    told = {name: VALUES[name](case) for name in names}
    values = {name: spelled.get(value, value) for name, (value, _) in told.items() if value}
    use = tuple(Setting(names[name], value, told[name][1]) for name, value in values.items())
    avoid = tuple(
        Setting(names[name], spelled.get(value, value), why)
        for name, value, why in avoided(case)
        if name in names
    )
    return ClientSettings(use, avoid, pasted(client.id, endpoint, values))
