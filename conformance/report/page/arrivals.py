"""When the text and the tool arguments of a streamed answer arrived, read from the evidence of a report. Pure.

A report may be cut or come from elsewhere: what cannot be read is skipped, and nothing raises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from conformance.report.bodies import body_text
from conformance.report.text import seconds

_FEWEST = 8  # pieces: fewer make no curve
_BURST = 0.005  # seconds: pieces nearer together arrived at once


@dataclass(frozen=True)
class Point:
    """How many characters had arrived `at` this second."""

    at: float
    text: int
    arguments: int


@dataclass(frozen=True)
class Arrival:
    """One streamed answer: the id of the exchange, its points, the same in words, and the index of the first point after a gap.

    There is a gap where a report left out the middle of a long answer: what arrived then, and when, is unknown.
    """

    id: str
    points: tuple[Point, ...]
    text: str
    gap: int | None = None

    @property
    def first(self) -> float:
        """Seconds until the first character."""
        return self.points[0].at


def longest(exchanges: Sequence[Mapping[str, Any]], most: int) -> list[Arrival]:
    """At most `most` streams, one of each conversation: the longest arguments and the longest texts, in turn."""
    found = [arrival for exchange in exchanges if (arrival := read(exchange))]
    by_arguments = sorted(found, key=lambda a: a.points[-1].arguments, reverse=True)
    by_text = sorted(found, key=lambda a: a.points[-1].text, reverse=True)
    kept: dict[str, Arrival] = {}
    for arrival in (arrival for pair in zip(by_arguments, by_text, strict=True) for arrival in pair):
        kept.setdefault(arrival.id.rpartition("#")[0], arrival)
    return list(kept.values())[:most]


def read(exchange: Mapping[str, Any]) -> Arrival | None:
    """The arrival of one exchange; None with too few pieces."""
    chunks, at = exchange["chunks"], exchange["cut_at"]
    points = list(_points(chunks[:at]))
    gap = None
    if at is not None:
        gap = len(points)
        points += _points(chunks[at:], points[-1] if points else Point(0.0, 0, 0))
    left_out = f"; {exchange['cut']:,} bytes between are left out" if gap else ""
    return (
        Arrival(exchange["id"], tuple(points), _in_words(points, gap) + left_out, gap)
        if len(points) >= _FEWEST
        else None
    )


def _points(chunks: Sequence[Any], before: Point = Point(0.0, 0, 0)) -> Iterator[Point]:
    text, arguments, rest = before.text, before.arguments, ""
    for at, entry in chunks:
        *rows, rest = (rest + body_text(entry)).split("\n")
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


def _in_words(points: Sequence[Point], gap: int | None) -> str:
    """Size, time to the first piece, bursts and longest pause."""
    if not points:
        return ""
    pauses = [b.at - a.at for n, (a, b) in enumerate(pairwise(points), 1) if n != gap]
    bursts = 1 + sum(pause > _BURST for pause in pauses)
    last = points[-1]
    what = [f"{n:,} characters of {name}" for name, n in (("text", last.text), ("arguments", last.arguments)) if n]
    return (
        f"{' and '.join(what)} in {len(points):,} pieces, the first after {seconds(points[0].at)}, "
        f"in {bursts:,} burst{'s' if bursts > 1 else ''}, the longest pause {seconds(max(pauses, default=0.0))}"
    )
