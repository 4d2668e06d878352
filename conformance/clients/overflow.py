"""The errors by which Roo Code, the older Kilo Code and Cline detect that a conversation is too long, and shorten it. Pure.

Source: https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/core/context/context-management/context-error-handling.ts
"""

from __future__ import annotations

import re

from conformance.clients.javascript import Thrown

CEREBRAS = "Please reduce the length of the messages or completion"
_SAYS_SO = re.compile(
    r"\bcontext\s*(?:length|window)\b|\bmaximum\s*context\b|\b(?:input\s*)?tokens?\s*exceed|\btoo\s*many\s*tokens?\b",
    re.IGNORECASE,
)


def too_long(error: Thrown, *more: str) -> bool:
    """True for a 400 with one of their words, or one of `more`; an error in a stream has a code instead of a status."""
    status = error.code if error.status is None else error.status
    says_so = _SAYS_SO.search(error.message) or any(words in error.message for words in more)
    return str(status) == "400" and bool(says_so)
