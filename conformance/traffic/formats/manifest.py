"""The manifest beside the cassettes of our own recordings: it holds no traffic."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.traffic.content import Content
from conformance.traffic.recorded import Recorded

NAME, DESCRIPTION, GENERIC = "manifest", "", False
SUFFIXES = frozenset({".json"})
BEGINNINGS = ()
SCHEMA = "conformance/recording/"


def detect(content: Content) -> Iterator[Recorded] | None:
    """No exchanges, for a manifest."""
    value = content.value
    ours = isinstance(value, dict) and str(value.get("schema")).startswith(SCHEMA)
    return iter(()) if ours else None
