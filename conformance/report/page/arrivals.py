"""When the text and the tool arguments of a streamed answer arrived, read from the evidence of a report. Pure.

A report may be cut or come from elsewhere: what cannot be read counts as nothing, and nothing raises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from conformance.report.page.evidence import chunk_text
from conformance.report.text import seconds

_FEW = 8  # pieces: an answer of fewer has no course to speak of
_BURST = 0.005  # seconds: what is nearer together came at once


@dataclass(frozen=True)
class Point:
    """How many characters were there `at` so many seconds."""

    at: float
    text: int
    arguments: int


@dataclass(frozen=True)
class Arrival:
    """One streamed answer: the exchange, its points, the same in words, and which point is the first behind a gap.

    There is a gap where a report left out the middle of a long answer: what was there then, and when, is not known.
    """

    id: str
    points: tuple[Point, ...]
    told: str
    gap: int | None = None

    @property
    def first(self) -> float:
        """Seconds until the first character."""
        return self.points[0].at


def telling(exchanges: Sequence[Mapping[str, Any]], most: int) -> list[Arrival]:
    """The streams that show most: those with the longest arguments, then those with the longest text; one a conversation."""
    found = [arrival for exchange in exchanges if (arrival := read(exchange))]
    by_arguments = sorted(found, key=lambda a: a.points[-1].arguments, reverse=True)
    by_text = sorted(found, key=lambda a: a.points[-1].text, reverse=True)
    kept: dict[str, Arrival] = {}
    for arrival in (arrival for pair in zip(by_arguments, by_text, strict=True) for arrival in pair):
        kept.setdefault(arrival.id.rpartition("#")[0], arrival)
    return list(kept.values())[:most]


def read(exchange: Mapping[str, Any]) -> Arrival | None:
    """The arrival of one exchange; None when too few pieces came."""
    chunks, at = exchange["chunks"], exchange["cut_at"]
    points = list(_points(chunks[:at]))
    gap = None
    if at is not None:
        gap = len(points)
        points += _points(chunks[at:], points[-1] if points else Point(0.0, 0, 0))
    told = _told(points, gap) + (f"; {exchange['cut']:,} bytes between are left out" if gap else "")
    return Arrival(exchange["id"], tuple(points), told, gap) if len(points) >= _FEW else None


def _points(chunks: Sequence[Any], before: Point = Point(0.0, 0, 0)) -> Iterator[Point]:
    text, arguments, rest = before.text, before.arguments, ""
    for at, entry in chunks:
        *rows, rest = (rest + chunk_text(entry)).split("\n")
        more = [_characters(row) for row in rows]
        if any(map(any, more)):
            text += sum(said for said, _ in more)
            arguments += sum(written for _, written in more)
            yield Point(at, text, arguments)


def _characters(row: str) -> tuple[int, int]:
    """Characters of text and of arguments in one line of a stream."""
    if not row.startswith("data:"):
        return 0, 0
    try:
        delta = json.loads(row[5:])["choices"][0]["delta"]
        said = [delta.get(name) for name in ("content", "reasoning_content", "reasoning")]
        written = [call["function"]["arguments"] for call in delta.get("tool_calls") or []]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 0, 0
    return _length(said), _length(written)


def _length(texts: Sequence[Any]) -> int:
    return sum(len(text) for text in texts if isinstance(text, str))


def _told(points: Sequence[Point], gap: int | None) -> str:
    """The time to the first piece, the bursts and the longest pause, in a sentence."""
    if not points:
        return ""
    pauses = [b.at - a.at for n, (a, b) in enumerate(pairwise(points), 1) if n != gap]
    bursts = 1 + sum(pause > _BURST for pause in pauses)
    last = points[-1]
    what = [
        f"{n:,} characters of {name}" for name, n in (("text", last.text), ("arguments", last.arguments)) if n
    ]
    return (
        f"{' and '.join(what)} in {len(points):,} pieces, the first after {seconds(points[0].at)}, "
        f"in {bursts:,} burst{'s' if bursts > 1 else ''}, the longest pause {seconds(max(pauses, default=0.0))}"
    )
