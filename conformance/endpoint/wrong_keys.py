"""Keys that are wrong on purpose, which a key check must refuse. Pure.

A wrong key that resembles the right one is masked as well, because it would reveal the right one.
"""

from __future__ import annotations

import re
import string
from random import Random

OTHER_SHAPE = "conformance0test0key0of0another0shape"


def wrong_key_like(key: str) -> str:
    """A key of the same form (prefix, length, alphabet) that has nothing else in common with the real one."""
    prefix = match.group() if (match := re.match(r"sk-|[a-z]{2,4}[-_]", key)) else ""
    drawn = Random("conformance").choices(  # noqa: S311 the same in every run, and not a secret
        string.ascii_letters + string.digits, k=max(len(key) - len(prefix), 24)
    )
    return prefix + "".join(drawn)


def other_ending(key: str) -> str:
    """The key with another last character: a check that compares only beginnings or lengths accepts it."""
    return key[:-1] + ("b" if key.endswith("a") else "a")


def other_case(key: str) -> str:
    """The key with upper and lower case swapped; with another last character when it has no letters."""
    return swapped if (swapped := key.swapcase()) != key else other_ending(key)


def longer(key: str) -> str:
    """The key with one more character at its end."""
    return key + "a"


def near_keys(key: str) -> list[str]:
    """All wrong keys that resemble the right one, so that they can be masked."""
    return [other_ending(key), other_case(key), longer(key)]
