"""Errors of usage: what is wrong with a command, a file or a setting, in one line."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.schema import nearest


class UsageError(Exception):
    """Wrong usage or configuration: one line on standard error and exit code 4."""


def unknown(kind: str, word: str, words: Iterable[str]) -> UsageError:
    """The error for a name that is not one of `words`; lists up to 12 known names, else their number."""
    known = list(words)
    near = nearest(word, known)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    listed = ", ".join(known) if len(known) <= 12 else f"{len(known)} of them"
    return UsageError(f"unknown {kind} {word[:80]!r}{meant} (known: {listed or 'none'})")


def check_known(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raises UsageError for the first name that is not known."""
    words = list(known)
    for name in names:
        if name not in words:
            raise unknown(kind, name, words)
