"""The requests of a run on one time axis, as inline SVG, a row for each conversation. Pure.

All bars of a kind are one path in a picture that is stretched to the width of the screen, so that hundreds of them
take a few kilobytes; words and links lie over it and keep their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import floor, log10
from typing import Any

from markupsafe import Markup

from conformance.report.text import line, seconds

_LANE = 8  # pixels of one bar
_ROW = 16  # pixels of a conversation at least: a line of small text
_WIDE = 1_000  # units of the whole axis
_THIN = 2  # units of the shortest bar that is visible
_TICKS = 5  # at least
_SHORTEST, _LONGEST = 0.001, 1e6  # seconds of an axis
_LAST = 0.9  # of the axis: a tick after it has no room for its label
_NAME = 40  # characters
_ABOVE = 12  # pixels of a name over its bars
_ROOM = 0.4  # of the axis: what a name needs beside its bars


@dataclass(frozen=True)
class Bar:
    """One request: when it was sent, when the head of the response arrived, when it ended; and whether it broke off."""

    lane: int
    sent: float
    head: float
    ended: float
    broken: bool


@dataclass(frozen=True)
class Row:
    """One conversation: its bars, in several lanes where they overlap; `first` is the id of its first exchange."""

    name: str
    first: str
    bars: tuple[Bar, ...]

    @property
    def begins(self) -> float:
        """When the first request was sent."""
        return self.bars[0].sent

    @property
    def ends(self) -> float:
        """When the last answer was over."""
        return max(bar.ended for bar in self.bars)

    @property
    def text(self) -> str:
        """`3 requests between 0.20 s and 1.40 s`."""
        many = f"{len(self.bars)} request{'' if len(self.bars) == 1 else 's'}"
        return f"{many} between {seconds(self.begins)} and {seconds(self.ends)}"

    def above(self, span: float) -> int:
        """Pixels above the bars for the name, on an axis of `span` seconds: 0 where there is room beside the bars."""
        return _ABOVE if self.ends > (1 - _ROOM) * span and self.begins < _ROOM * span else 0

    def height(self, span: float) -> int:
        """In pixels, on an axis of `span` seconds."""
        lanes = 1 + max(bar.lane for bar in self.bars)
        return self.above(span) + max(_ROW, 4 + _LANE * lanes)


def rows(exchanges: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The conversations in the order in which they began; none when a report lacks the times of its requests."""
    if len(exchanges) < 2 or not all(exchange.get("started") for exchange in exchanges[1:]):
        return []
    by_talk = groupby(exchanges, key=lambda exchange: exchange["conversation"])
    found = [_row(name, sorted(asked, key=_sent)) for name, asked in by_talk]
    return sorted(found, key=lambda row: row.begins)


def _sent(exchange: Mapping[str, Any]) -> float:
    return _moment_of(exchange.get("started"))


def _moment_of(seconds: float | None) -> float:
    """The seconds, limited to what an axis can show; a report from elsewhere may hold any number."""
    return min(seconds or 0.0, _LONGEST)


def _row(name: str, asked: Sequence[Mapping[str, Any]]) -> Row:
    """The requests in lanes: each in the first lane that is free when it is sent."""
    free: list[float] = []
    bars = []
    for exchange in asked:
        sent = _sent(exchange)
        took = _moment_of(exchange["seconds"])
        waited = _moment_of(exchange["response"]["at"]) if exchange["response"] else took
        lane = next((n for n, until in enumerate(free) if until <= sent), len(free))
        free[lane : lane + 1] = [sent + took]
        broken = exchange["ended"] != "complete"
        bars.append(Bar(lane, sent, sent + min(waited, took), sent + took, broken))
    return Row(name, asked[0]["id"], tuple(bars))


def waterfall(drawn: Sequence[Row], anchors: Mapping[str, str]) -> Markup:
    """The picture of these rows, in which each name links to the evidence; "" for no rows."""
    if not drawn:
        return Markup("")
    span = max(_SHORTEST, *(row.ends for row in drawn))
    tops = list(accumulate((row.height(span) for row in drawn), initial=0))
    words = Markup("").join(
        _words(row, top, span, anchors.get(row.first)) for row, top in zip(drawn, tops, strict=False)
    )
    return Markup(
        '<svg class="picture axis" aria-hidden="true" width="100%" height="18">{}</svg>'
        '<svg class="picture waterfall" role="group" aria-label="{}" width="100%" height="{}">{}{}</svg>'
    ).format(_axis(span), _label(drawn, span), tops[-1], _bars(drawn, tops, span), words)


def _label(drawn: Sequence[Row], span: float) -> str:
    requests = sum(len(row.bars) for row in drawn)
    return f"{requests} requests of {len(drawn)} conversations in {seconds(span)}"


def _ticks(span: float) -> Iterator[float]:
    """Five to twelve round times, from 0."""
    rough = span / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = max((power * times for times in (1, 2, 5) if power * times <= rough), default=power)
    for n in range(int(span / step) + 1):
        yield n * step


def _axis(span: float) -> Markup:
    return Markup("").join(
        Markup('<text x="{:.2f}%" y="12">{}</text>').format(100 * at / span, _moment(at))
        for at in _ticks(span)
        if at <= _LAST * span
    )


def _moment(at: float) -> str:
    return f"{at:.3f}".rstrip("0").rstrip(".") + " s"


def _bars(drawn: Sequence[Row], tops: Sequence[int], span: float) -> Markup:
    """The grid and the bars of each kind, one path for each."""
    scale = _WIDE / span
    kinds: dict[str, list[str]] = {"grid": [f"M{at * scale:.0f} 0V{tops[-1]}" for at in _ticks(span)]}
    for row, top in zip(drawn, tops, strict=False):
        for bar in row.bars:
            y = top + row.above(span) + 2 + _LANE // 2 + _LANE * bar.lane
            for kind, begins, ends in _phases(bar):
                length = max((ends - begins) * scale, _THIN)
                kinds.setdefault(kind, []).append(f"M{begins * scale:.1f} {y}h{length:.1f}")
    paths = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(kind, "".join(parts)) for kind, parts in kinds.items()
    )
    return Markup('<svg viewBox="0 0 {0} {1}" preserveAspectRatio="none" width="100%" height="{1}">{2}</svg>').format(
        _WIDE, tops[-1], paths
    )


def _phases(bar: Bar) -> Iterator[tuple[str, float, float]]:
    """Kind, begin and end of each part of a bar; a part without a length is left out."""
    if bar.head > bar.sent or bar.ended == bar.sent:
        yield "wait", bar.sent, bar.head
    if bar.ended > bar.head or bar.broken:
        yield ("broke" if bar.broken else "take"), bar.head, bar.ended


def _words(row: Row, top: int, span: float, anchor: str | None) -> Markup:
    """The name of a conversation after its bars, or before them, or above them where there is no room."""
    begins, ends = (100 * at / span for at in (row.begins, row.ends))
    if row.above(span):
        place = Markup('x="{:.2f}%"').format(begins)
    elif row.ends <= (1 - _ROOM) * span:
        place = Markup('x="{:.2f}%" dx="5"').format(ends)
    else:
        place = Markup('class="end" x="{:.2f}%" dx="-5"').format(begins)
    text = Markup('<text {} y="{}">{}</text>').format(place, top + 10, line(row.name, _NAME))
    tooltip = Markup("<title>{}</title>").format(row.text)
    return Markup('<a href="#{}">{}{}</a>').format(anchor, tooltip, text) if anchor else text
