"""What a user types into each client's settings: values that work, and values to avoid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.judging.client_settings.avoided import avoided
from conformance.judging.client_settings.case import Case, Found
from conformance.judging.client_settings.values import value_of

__all__ = ["ClientSettings", "Found", "Setting", "settings_for"]


@dataclass(frozen=True)
class Setting:
    """One setting as the client calls it, a value for it, and why."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class ClientSettings:
    """The settings of one client: those to use, those to avoid, and `paste`, those to use in the client's own form.

    `paste` is "" if no base URL leads the client to the judged URL.
    """

    use: tuple[Setting, ...] = ()
    avoid: tuple[Setting, ...] = ()
    paste: str = ""


def settings_for(client: Client, endpoint: Endpoint, found: Found) -> ClientSettings:
    """The settings of one client for this endpoint. Its base URL must be free of secrets."""
    case, page = Case(client, endpoint, found), client.settings
    chosen = {name: value_of(name, case) for name in page.names}
    values = {name: page.spelled.get(value, value) for name, (value, _) in chosen.items() if value}
    use = tuple(Setting(page.names[name], value, chosen[name][1]) for name, value in values.items())
    avoid = tuple(
        Setting(page.names[name], page.spelled.get(value, value), why)
        for name, value, why in avoided(case)
        if name in page.names
    )
    return ClientSettings(use, avoid, page.pasted(endpoint, values))
