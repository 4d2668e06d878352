"""Variations: named forms of an answer that other conforming providers send.

A probe that fails under a variation is unfair, whatever the specification says: servers that work answer this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.reference.change import Apply, Catalogue, Change, described

BASE_PATH = "/v1"


@dataclass(frozen=True)
class Variation(Change):
    """One other correct form; `base_path` is the path under which the API is served."""

    base_path: str


VARIATIONS = Catalogue[Variation]("variation", "conformance.reference.variations")


def variation(name: str, *, source: str, base_path: str = BASE_PATH) -> Callable[[Apply], Apply]:
    """Add a function to the catalogue, under a name that says what varies."""

    def register(vary: Apply) -> Apply:
        stage, area, summary = described(vary)
        VARIATIONS.enter(Variation(name, stage, area, summary, source, vary, base_path))
        return vary

    return register


def known_variations() -> Mapping[str, Variation]:
    """Every variation by name, in the order of the modules and of the functions in them."""
    return VARIATIONS.known
