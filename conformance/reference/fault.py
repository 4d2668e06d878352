"""Faults: named ways to break the provider, each with the probes that must notice it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.reference.change import Apply, Catalogue, Change, described


@dataclass(frozen=True)
class Fault(Change):
    """One way to break the API."""

    caught_by: frozenset[str]


FAULTS = Catalogue[Fault]("fault", "conformance.reference.faults")


def fault(name: str, *, caught_by: set[str], source: str) -> Callable[[Apply], Apply]:
    """Add a function to the catalogue, under a name that says what is wrong."""

    def register(spoil: Apply) -> Apply:
        stage, area, summary = described(spoil)
        FAULTS.enter(Fault(name, stage, area, summary, source, spoil, frozenset(caught_by)))
        return spoil

    return register


def catalogue() -> Mapping[str, Fault]:
    """Every fault by name, in the order of the modules and of the functions in them."""
    return FAULTS.known
