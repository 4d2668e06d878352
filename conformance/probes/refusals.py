"""Refusals that are sound: a 4xx in words by which a user, or a client, knows what it is about."""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange

# The words by which Roo Code (and the others, with more of them) know an overflowing context.
OVERFLOW_WORDS = re.compile(
    r"context (length|window|size)|maximum context|tokens? exceed|too many tokens", re.IGNORECASE
)


def refused_by_name(answer: Exchange, *names: str) -> bool:
    """True when the request was refused with 4xx and one of the names, as a word of its own, stands in the answer."""
    wanted = "|".join(re.escape(name) for name in names)
    found = re.search(rf"(?<![a-z_])(?:{wanted})(?![a-z])", answer.text, re.IGNORECASE)
    return answer.status is not None and 400 <= answer.status < 500 and found is not None


def taken(answer: Exchange, *names: str) -> bool:
    """True when the request was answered; fails when it was refused otherwise than by one of the names."""
    assert answer.ok or refused_by_name(answer, *names), answer.summary
    return answer.ok
