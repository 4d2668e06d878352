"""Every probe and conversation, found by importing the modules of this folder; nothing has to be registered."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from conformance.clients import PROFILES, Client
from conformance.clients.discovery import refuse_if
from conformance.probes import conversations as _conversations
from conformance.requirements.areas import rank
from conformance.requirements.conversation import Conversation, conversation_of
from conformance.requirements.probe import Probe, probe_of

PACKAGE = "conformance.probes"
RENAMED = {"toolstream.first-delta": "toolstream.first-id"}  # old id -> new id; a published id stays valid


@cache
def catalogue() -> dict[str, Probe]:
    """Every probe by id, in the order in which they are judged; raises IncompleteClient."""
    found = {probe.id: probe for module in probe_modules() for probe in _probes_of(module)}
    for client in PROFILES:
        refuse_if(client, list(_missing(client, found)))
    return found


def _missing(client: Client, found: Mapping[str, Probe]) -> Iterator[str]:
    """What a client lacks about severities, which probes say."""
    if client.severities_of == client.id and not any(client.id in probe.named for probe in found.values()):
        yield f"its severities: no probe names {client.id}, so `severities_of` must be the id of a client that reads alike"
    if strange := sorted(client.severities.keys() - found.keys()):
        yield f"a known requirement for each of its `severities`, and there is no {', '.join(strange)}"


def probe_modules() -> list[ModuleType]:
    """The modules that hold probes, in the order of the areas."""
    package = importlib.import_module(PACKAGE)
    names = [m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("test_")]
    ordered = sorted(names, key=lambda name: (rank(name.split("_")[1]), name))
    return [importlib.import_module(f"{PACKAGE}.{name}") for name in ordered]


def _probes_of(module: ModuleType) -> Iterator[Probe]:
    for value in vars(module).values():
        if (found := probe_of(value)) and found.function.__module__ == module.__name__:
            yield found


@cache
def conversations() -> dict[str, Conversation]:
    """Every conversation by name, in the order of their files."""
    names = [m.name for m in pkgutil.iter_modules(_conversations.__path__)]
    modules = [importlib.import_module(f"{_conversations.__name__}.{name}") for name in names]
    found = [c for module in modules for value in vars(module).values() if (c := conversation_of(value))]
    return {c.name: c for c in found}
