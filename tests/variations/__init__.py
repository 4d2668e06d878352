"""Forms that conforming providers really send, as ways to vary the reference provider.

Sources stand beside each variation; they are the trackers and documents of the providers that send it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference import Provider

Vary = Callable[[Any], None]
VARIATIONS: dict[str, tuple[str, Vary]] = {}


def variation(stage: str) -> Callable[[Vary], Vary]:
    """Registers a way to answer differently and rightly, at that stage of the reference provider."""

    def register(vary: Vary) -> Vary:
        VARIATIONS[vary.__name__] = (stage, vary)
        return vary

    return register


class Varied(Provider):
    """The reference provider with one variation."""

    def __init__(self, name: str) -> None:
        super().__init__("reference-1", "sk-test-0123456789abcdefghij")
        self.variation = VARIATIONS[name]

    def _spoil(self, stage: str, subject: object) -> None:
        if stage == self.variation[0]:
            self.variation[1](subject)
