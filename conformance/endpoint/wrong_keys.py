"""Keys that are wrong on purpose: what a key check must refuse. Pure.

Whoever sends one that is near the right key has to hide it as well: what comes back would give the right one away.
"""

from __future__ import annotations

import re
import string
from random import Random

OTHER_SHAPE = "conformance0test0key0of0another0shape"


def wrong_key_like(key: str) -> str:
    """A key of the same shape (prefix, length, alphabet) that shares nothing else with the real one."""
    prefix = match.group() if (match := re.match(r"sk-|[a-z]{2,4}[-_]", key)) else ""
    drawn = Random("conformance").choices(  # noqa: S311 alike in every run, and good for nothing
        string.ascii_letters + string.digits, k=max(len(key) - len(prefix), 24)
    )
    return prefix + "".join(drawn)


def other_ending(key: str) -> str:
    """The key with another last character: whoever compares beginnings or lengths takes it for the right one."""
    return key[:-1] + ("b" if key.endswith("a") else "a")


def other_case(key: str) -> str:
    """The key with small letters for capitals and the reverse; with another ending where it has no letters."""
    return swapped if (swapped := key.swapcase()) != key else other_ending(key)


def longer(key: str) -> str:
    """The key with one character more behind it."""
    return key + "a"


def near_keys(key: str) -> list[str]:
    """All that are near the right key, for whoever has to hide them."""
    return [other_ending(key), other_case(key), longer(key)]
