"""Sound refusals: a 4xx whose words show a user, or a client, the reason."""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange

# The words by which Roo Code recognises a context overflow; other clients recognise these and more.
OVERFLOW_WORDS = re.compile(
    r"context (length|window|size)|maximum context|tokens? exceed|too many tokens", re.IGNORECASE
)


def refused_by_name(answer: Exchange, *names: str) -> bool:
    """True when the request was refused with 4xx and the answer contains one of the names as a whole word."""
    wanted = "|".join(re.escape(name) for name in names)
    found = re.search(rf"(?<![a-z_])(?:{wanted})(?![a-z])", answer.text, re.IGNORECASE)
    return answer.status is not None and 400 <= answer.status < 500 and found is not None


def accepted_or_named(answer: Exchange, *names: str) -> bool:
    """True when the request was accepted; raises AssertionError when it was refused without one of the names."""
    assert answer.ok or refused_by_name(answer, *names), answer.summary
    return answer.ok
