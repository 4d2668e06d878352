"""Where in a long answer the offence is: around the line that shares the most words with what was complained of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[\w.:/-]{3,}")


def around(body: str, told: str, most: int) -> str:
    """At most `most` characters of the body, those around what `told` speaks of, with notes of what is left out."""
    if len(body) <= most:
        return body
    at = _place(body, told)
    start = max(0, min(at - most // 3, len(body) - most))
    end = start + most
    before = f"[… {start:,} characters before …]\n" if start else ""
    after = f"\n[… {len(body) - end:,} characters after …]" if end < len(body) else ""
    return f"{before}{body[start:end]}{after}"


def row_of(rows: Sequence[str], told: str) -> int | None:
    """Which of the rows of an answer the complaint speaks of: the one with the words that few others have.

    None when no word of it tells one row from the others.
    """
    words = set(_WORD.findall(told))
    held = [words & set(_WORD.findall(row)) for row in rows]
    often = Counter(word for found in held for word in found)
    scores = [sum(1 / often[word] for word in found if often[word] * 4 <= len(rows)) for found in held]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _place(body: str, told: str) -> int:
    """Where the first line begins that holds most of the words; within a long line, where the longest of them is."""
    words = set(_WORD.findall(told))
    best, at, begins = 0, 0, 0
    for row in body.splitlines(keepends=True):
        found = [word for word in words if word in row]
        if len(found) > best:
            best, at = len(found), begins + row.index(max(found, key=lambda word: (len(word), word)))
        begins += len(row)
    return at
