"""Finds the clients by walking the folders of this package, and refuses one that is incomplete."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterator
from functools import cache
from types import ModuleType

from conformance.clients.client import Client
from conformance.errors import UsageError


class IncompleteClient(UsageError):
    """A client's folder lacks something; the message lists what is missing and where it goes."""


@cache
def profiles() -> tuple[Client, ...]:
    """Every profile by the `order` of its client, the current one of each client first; raises IncompleteClient."""
    package = __name__.rpartition(".")[0]
    folders = importlib.import_module(package).__path__
    names = [module.name for module in pkgutil.iter_modules(folders) if module.ispkg]
    found = [client for name in names for client in _profiles_in(importlib.import_module(f"{package}.{name}"))]
    said = {client.id for client in found if client.severities_of == client.id}
    for client in found:
        refuse_if(client, list(_missing(client, said)))
    return tuple(sorted(found, key=lambda client: (client.order, client.id)))


def _profiles_in(folder: ModuleType) -> list[Client]:
    """The profiles that a folder defines, the current one first; none for a folder that clients share."""
    name = folder.__name__.rpartition(".")[2]
    defined = [value for value in vars(folder).values() if isinstance(value, Client)]
    own = [client for client in defined if client.id == name.replace("_", "-")]
    if defined and not own:
        raise IncompleteClient(
            f"conformance/clients/{name} defines the client {defined[0].id!r}: its `id` must be {name.replace('_', '-')!r}"
        )
    return own


def _missing(client: Client, said: Collection[str]) -> Iterator[str]:
    if not client.settings.names:
        yield "its settings page (`settings` of the profile, see clients/settings.py)"
    if not any(wanted.slug == "turn" for turn in client.turns for wanted in turn.requirements):
        yield "a turn of its own with the requirement `turn` (`turns` of the profile, see clients/own_turns.py)"
    if client.severities_of not in said:
        yield f"its severities (`severities_of` of the profile, the id of a client that reads alike: {', '.join(sorted(said))})"


def refuse_if(client: Client, missing: list[str]) -> None:
    """Raises IncompleteClient if anything is missing."""
    if missing:
        folder = client.id.replace("-", "_")
        raise IncompleteClient(f"conformance/clients/{folder} is incomplete, it lacks {'; '.join(missing)}")
