"""Bodies of a stored report as text, and the place in them that a failure is about. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_WORD = re.compile(r"[\w.:/-]{3,}")


def whole_body(exchange: Mapping[str, Any]) -> str:
    """The body of an answer, with a note where a part is missing; characters that were split between chunks are joined."""
    chunks, at = exchange["chunks"], exchange["cut_at"]
    if at is None:
        return _joined(chunks)
    return f"{_joined(chunks[:at])}\n[… {exchange['cut']:,} bytes not kept …]\n{_joined(chunks[at:])}"


def body_text(entry: Any) -> str:
    """A chunk, or the body of a request, as text."""
    return _bytes(entry).decode("utf-8", "backslashreplace")


def around(body: str, evidence: str, most: int) -> str:
    """At most `most` characters of the body, around the place that `evidence` quotes; notes say how much is left out."""
    if len(body) <= most:
        return body
    at = _place(body, evidence)
    start = max(0, min(at - most // 3, len(body) - most))
    end = start + most
    before = f"[… {start:,} characters before …]\n" if start else ""
    after = f"\n[… {len(body) - end:,} characters after …]" if end < len(body) else ""
    return f"{before}{body[start:end]}{after}"


def row_of(rows: Sequence[str], evidence: str) -> int | None:
    """Which row the evidence quotes: the one that shares rare words with it; None when no word tells the rows apart."""
    words = set(_WORD.findall(evidence))
    held = [words & set(_WORD.findall(row)) for row in rows]
    often = Counter(word for found in held for word in found)
    scores = [sum(1 / often[word] for word in found if often[word] * 4 <= len(rows)) for found in held]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _place(body: str, evidence: str) -> int:
    """Where the longest shared word is, in the first line that shares most words with the evidence."""
    words = set(_WORD.findall(evidence))
    best, at, begins = 0, 0, 0
    for row in body.splitlines(keepends=True):
        found = [word for word in words if word in row]
        if len(found) > best:
            best, at = len(found), begins + row.index(max(found, key=lambda word: (len(word), word)))
        begins += len(row)
    return at


def _joined(chunks: Sequence[Any]) -> str:
    return b"".join(_bytes(entry) for _, entry in chunks).decode("utf-8", "backslashreplace")


def _bytes(entry: Any) -> bytes:
    """The bytes of a chunk; a report from elsewhere may hold bad base64."""
    if isinstance(entry, str):
        return entry.encode("utf-8", "backslashreplace")
    try:
        return base64.b64decode(entry["base64"], validate=True)
    except (binascii.Error, ValueError):
        return b"[not base64]"
