"""Reads server-sent events from bytes by the WHATWG rules and keeps what is wrong with them.

Other readers repair a damaged stream or drop parts of it, and so hide the faults that probes look for. This one reads
any bytes, gives the same events however the body was cut into chunks, and notes every deviation: odd line ends, a BOM,
bad UTF-8, unknown fields, a lost last event.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from conformance.evidence.exchange import Chunk

BOM = b"\xef\xbb\xbf"
KNOWN_FIELDS = frozenset({"data", "event", "id", "retry"})
_LINE_END = re.compile(rb"\r\n?|\n")
_NAMES = {b"\n": "LF", b"\r": "CR", b"\r\n": "CRLF"}
_MOST_RETRY_DIGITS = 18


class SseComment(NamedTuple):
    """A line that begins with a colon, which servers send to keep a connection alive."""

    at: float
    text: str


class StrayLine(NamedTuple):
    """A line whose field name is not one of the four: a web page, bare JSON, a misspelt `Data`."""

    at: float
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class SseEvent:
    """The field lines up to one blank line.

    `at` is the arrival of the byte that completed it; `start` and `end` are offsets in the joined body.
    `terminated` is false for a last event without its blank line, which a strict client loses.
    `has_data` is false when there is no `data` line, so that a client sees no event at all.
    `fields` names every field line in order, unknown ones included; `ignored` names the `id` and `retry`
    lines whose value the standard says to ignore.
    """

    data: str
    event: str
    id: str | None
    retry: int | None
    at: float
    start: int
    end: int
    data_lines: int
    terminated: bool
    bad_utf8: bool
    fields: tuple[str, ...]
    ignored: tuple[str, ...] = ()

    @property
    def has_data(self) -> bool:
        """True when a client receives this event, provided it is terminated."""
        return self.data_lines > 0


@dataclass(frozen=True)
class SseStream:
    """A whole body read as an event stream.

    `line_ends` holds any of LF, CR and CRLF. `bad_utf8` is about the whole body, including comments.
    """

    events: tuple[SseEvent, ...] = ()
    comments: tuple[SseComment, ...] = ()
    stray: tuple[StrayLine, ...] = ()
    line_ends: frozenset[str] = frozenset()
    bom: bool = False
    bad_utf8: bool = False

    @cached_property
    def dispatched(self) -> tuple[SseEvent, ...]:
        """The events that a client receives when it follows the standard exactly."""
        return tuple(event for event in self.events if event.has_data and event.terminated)

    @property
    def unterminated(self) -> SseEvent | None:
        """The last event when its blank line is missing, else None."""
        return self.events[-1] if self.events and not self.events[-1].terminated else None


def read_events(chunks: Sequence[Chunk]) -> SseStream:
    """Every event, comment and stray line of a body, whatever its bytes."""
    body = b"".join([chunk.data for chunk in chunks])
    bom = body.startswith(BOM)
    reader = _Reader(_clock(chunks))
    for line in _lines(body, len(BOM) if bom else 0):
        reader.take(line)
    return reader.stream(bom)


def _clock(chunks: Sequence[Chunk]) -> Callable[[int], float]:
    """A function from the offset of a byte to its arrival time."""
    ends = list(accumulate(len(chunk.data) for chunk in chunks))
    return lambda offset: chunks[bisect_right(ends, offset)].at


class _Line(NamedTuple):
    """One line: where it starts, where its line end starts, where that ends, and its content."""

    start: int
    stop: int
    end: int
    raw: bytes
    line_end: bytes


def _lines(body: bytes, start: int) -> Iterator[_Line]:
    """The lines of a body, ended by LF, CR or CRLF only; last comes a rest without a line end."""
    # Cutting lines from the joined body makes chunk borders invisible: a CR and its LF, or the bytes
    # of one character, may arrive in different chunks.
    for found in _LINE_END.finditer(body, start):
        stop, end = found.span()
        yield _Line(start, stop, end, body[start:stop], found[0])
        start = end
    if start < len(body):
        yield _Line(start, len(body), len(body), body[start:], b"")


def _decode(raw: bytes) -> tuple[str, bool]:
    """The text of a line, read as UTF-8, and whether some of its bytes are invalid."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), True


@dataclass(slots=True)
class _Block:
    """The field lines seen since the last blank line."""

    start: int = -1
    end: int = -1
    data: list[str] = field(default_factory=list)
    event: str = ""
    id: str | None = None
    retry: int | None = None
    bad_utf8: bool = False
    fields: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Takes one field as the standard says: `data` adds a line, the others overwrite."""
        self.fields.append(name)
        if name == "data":
            self.data.append(value)
        elif name == "event":
            self.event = value
        elif name == "id" and "\0" not in value:
            self.id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) <= _MOST_RETRY_DIGITS:
            # A longer number is not a waiting time, and Python refuses to read very long ones.
            self.retry = int(value)
        elif name in KNOWN_FIELDS:
            self.ignored.append(name)

    def close(self, at: float, end: int, terminated: bool) -> SseEvent:
        """The event that these lines make."""
        return SseEvent(
            data="\n".join(self.data),
            event=self.event,
            id=self.id,
            retry=self.retry,
            at=at,
            start=self.start,
            end=end,
            data_lines=len(self.data),
            terminated=terminated,
            bad_utf8=self.bad_utf8,
            fields=tuple(self.fields),
            ignored=tuple(self.ignored),
        )


class _Reader:
    """What one call of `read_events` has read so far."""

    def __init__(self, arrival: Callable[[int], float]) -> None:
        self._arrival = arrival
        self._block = _Block()
        self._events: list[SseEvent] = []
        self._comments: list[SseComment] = []
        self._stray: list[StrayLine] = []
        self._line_ends: set[bytes] = set()
        self._bad_utf8 = False

    def take(self, line: _Line) -> None:
        """Takes one line: blank, a comment or a field."""
        if line.line_end:
            self._line_ends.add(line.line_end)
        if not line.raw:
            # The CR of a CR LF already ends the line, so its arrival completes the event.
            self._close(line.stop, line.end, terminated=True)
            return
        text, bad = _decode(line.raw)
        self._bad_utf8 = self._bad_utf8 or bad
        name, _, value = text.partition(":")
        if name:
            self._field(line, name, value.removeprefix(" "), bad)
            if name not in KNOWN_FIELDS:
                self._stray.append(StrayLine(self._arrival(line.stop - 1), text, line.start))
        else:
            self._comments.append(SseComment(self._arrival(line.stop - 1), value.removeprefix(" ")))

    def _field(self, line: _Line, name: str, value: str, bad: bool) -> None:
        block = self._block
        if block.start < 0:
            block.start = line.start
        block.end = line.end
        block.bad_utf8 = block.bad_utf8 or bad
        block.add(name, value)

    def _close(self, last: int, end: int, terminated: bool) -> None:
        """Ends the block; without any known field it is only stray lines, not an event."""
        if not KNOWN_FIELDS.isdisjoint(self._block.fields):
            self._events.append(self._block.close(self._arrival(last), end, terminated))
        if self._block.fields:
            self._block = _Block()

    def stream(self, bom: bool) -> SseStream:
        """Everything read, including a last event without its blank line."""
        self._close(self._block.end - 1, self._block.end, terminated=False)
        return SseStream(
            events=tuple(self._events),
            comments=tuple(self._comments),
            stray=tuple(self._stray),
            line_ends=frozenset(_NAMES[end] for end in self._line_ends),
            bom=bom,
            bad_utf8=self._bad_utf8,
        )
