"""How long a run against the reference provider waits: only faults that have it wait for ever call for short limits.

With the others a busy machine must never look like a slow provider.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.reference import catalogue as faults
from conformance.wire.limits import Limits

SHORT = Limits(connect=2, first_byte=1.5, silence=1.5, total=10, after_done=0.5, retry_after=1)
LONG = Limits(after_done=0.5, retry_after=1)


def limits_for(names: Iterable[str]) -> Limits:
    """Short limits when one of these faults spoils the connection itself."""
    return SHORT if any(faults()[name].stage == "wire" for name in names) else LONG
