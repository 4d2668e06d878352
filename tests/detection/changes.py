"""Catalogues of changes of the reference provider that no requirement names: what public reports and other people's servers do."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference import Provider
from conformance.reference.change import Apply, Catalogue, Change, described

Register = Callable[[Apply], Apply]


class Changes(Catalogue[Change]):
    """The changes in the modules of one package, each under the key of its record."""

    def shown(self, key: str) -> Callable[[Apply], Apply]:
        """Adds a function to the catalogue under that key, which begins with its source."""

        def register(spoil: Apply) -> Apply:
            stage, area, summary = described(spoil)
            self.enter(Change(key, stage, area, summary, key.partition(" ")[0], spoil))
            return spoil

        return register

    def spoil(self, provider: Provider, *keys: str) -> Provider:
        """The same provider with these changes in place of faults."""
        provider.faults = self.select(keys)  # type: ignore[assignment]
        return provider
