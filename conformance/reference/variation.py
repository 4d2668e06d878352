"""Variations: named forms in which conforming providers answer otherwise than this one, and as rightly.

A probe that fails under a variation is unfair, whatever the specification says: servers that work are built this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.reference.change import Apply, Catalogue, Change, described

BASE_PATH = "/v1"


@dataclass(frozen=True)
class Variation(Change):
    """One other way to be right; `base_path` is where the API is served."""

    base_path: str


VARIATIONS = Catalogue[Variation]("variation", "conformance.reference.variations")


def variation(name: str, *, source: str, base_path: str = BASE_PATH) -> Callable[[Apply], Apply]:
    """Put a function into the catalogue, under a name that says what is varied."""

    def register(vary: Apply) -> Apply:
        stage, area, summary = described(vary)
        VARIATIONS.enter(Variation(name, stage, area, summary, source, vary, base_path))
        return vary

    return register


def known_variations() -> Mapping[str, Variation]:
    """Every variation by its name, in the order of the modules and of the functions in them."""
    return VARIATIONS.known
