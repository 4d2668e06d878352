"""The event-stream reader against the WHATWG rules, on well-formed, damaged and arbitrary bytes."""

from __future__ import annotations

import dataclasses
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.exchange import Chunk
from conformance.evidence.sse import SseEvent, SseStream, read_events

SAME = settings(derandomize=True, deadline=None, database=None, max_examples=150)
# Bytes with a meaning for the reader are drawn often, so that arbitrary bodies reach its branches.
SPECIAL = [b"\r", b"\n", b"\r\n", b":", b" ", b"data", b"data: ", b"event:", b"id", b"retry: 5", b"\0"]
SPECIAL += [b"\xef\xbb\xbf", b"\xe2\x82\xac", b"\xe2", b"\xff", b"\xc2\x85", b"\xe2\x80\xa8", b"\x0b", b"[DONE]"]
bodies = st.lists(st.sampled_from(SPECIAL) | st.binary(max_size=4), max_size=40).map(b"".join)


def read(*parts: bytes) -> SseStream:
    """A body in the given chunks, which arrive a second apart."""
    return read_events([Chunk(float(n), part) for n, part in enumerate(parts)])


def data_of(stream: SseStream) -> list[str]:
    return [event.data for event in stream.events]


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """A body cut at the given places, which may repeat (an empty chunk) and lie beyond its end."""
    borders = [0, *sorted(min(place, len(body)) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(borders)]


def timeless(stream: SseStream) -> tuple[object, ...]:
    """A stream without its arrival times."""
    return (
        tuple(dataclasses.replace(event, at=0.0) for event in stream.events),
        tuple(comment.text for comment in stream.comments),
        tuple((line.start, line.text) for line in stream.stray),
        stream.line_ends,
        stream.bom,
        stream.bad_utf8,
    )


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_each_kind_of_line_end_ends_lines(end: bytes) -> None:
    stream = read(end.join([b"data: a", b"", b"data: b", b"", b""]))
    assert data_of(stream) == ["a", "b"]
    assert stream.line_ends == {{b"\n": "LF", b"\r": "CR", b"\r\n": "CRLF"}[end]}


def test_all_of_several_line_ends_are_noted() -> None:
    stream = read(b"data: a\r\ndata: b\rdata: c\n\n")
    assert data_of(stream) == ["a\nb\nc"]
    assert stream.line_ends == {"LF", "CR", "CRLF"}


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1d", "\x1e", "\0"])
def test_nothing_else_ends_a_line(char: str) -> None:
    stream = read(f"data: a{char}b\n\n".encode())
    assert data_of(stream) == [f"a{char}b"]
    assert not stream.stray and not stream.bad_utf8


def test_a_cr_and_its_lf_may_arrive_in_different_chunks() -> None:
    stream = read(b"data: a\r", b"\n\r", b"\ndata: b\r\n\r\n")
    assert data_of(stream) == ["a", "b"]
    assert stream.line_ends == {"CRLF"}


def test_one_leading_bom_is_stripped_and_noted() -> None:
    assert read(b"\xef\xbb", b"\xbfdata: a\n\n").bom
    assert data_of(read(b"\xef\xbb\xbfdata: a\n\n")) == ["a"]
    twice = read(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n")
    assert not twice.events and twice.stray[0].text == "\ufeffdata: a"
    assert not read(b"data: a\n\n").bom


def test_comments_are_separate_from_events() -> None:
    stream = read(b": ping\n\n:PROCESSING\ndata: a\n", b":\n\n")
    assert stream.comments == ((0.0, "ping"), (0.0, "PROCESSING"), (1.0, ""))
    assert data_of(stream) == ["a"]
    assert stream.events[0].fields == ("data",)


@pytest.mark.parametrize(
    ("line", "value"),
    [(b"data:a", "a"), (b"data: a", "a"), (b"data:  a ", " a "), (b"data:\ta", "\ta"), (b"data", ""), (b"data:", "")],
)
def test_one_space_after_the_colon_is_dropped(line: bytes, value: str) -> None:
    (event,) = read(line + b"\n\n").events
    assert (event.data, event.has_data, event.data_lines) == (value, True, 1)


def test_data_lines_are_joined_by_lf() -> None:
    (event,) = read(b"data: a\r\ndata\r\ndata: c\r\n\r\n").events
    assert (event.data, event.data_lines) == ("a\n\nc", 3)


def test_the_other_fields() -> None:
    (event,) = read(b"id: 7\nevent: x\nevent: error\nretry: 3000\ndata: a\nfoo: 1\n\n").events
    assert (event.id, event.event, event.retry) == ("7", "error", 3000)
    assert event.fields == ("id", "event", "event", "retry", "data", "foo")
    assert event.ignored == ()


@pytest.mark.parametrize(
    "line", [b"id: a\0b", b"retry: 1_0", b"retry: -1", b"retry: ", "retry: \u0663".encode(), b"retry:" + b"9" * 9999]
)
def test_values_that_the_standard_ignores_are_ignored_and_noted(line: bytes) -> None:
    (event,) = read(line + b"\ndata: a\n\n").events
    assert (event.id, event.retry) == (None, None)
    assert event.ignored == (line.partition(b":")[0].decode(),)


def test_an_empty_id_is_an_id() -> None:
    assert read(b"id\ndata: a\n\n").events[0].id == ""


def test_an_event_without_data_is_kept_but_not_dispatched() -> None:
    stream = read(b"event: ping\n\nid: 3\n\nretry: 5\n\ndata: a\n\n")
    assert [event.has_data for event in stream.events] == [False, False, False, True]
    assert [event.event for event in stream.events] == ["ping", "", "", ""]
    assert stream.dispatched == stream.events[3:]


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data: [DONE]\n", b"data: [DONE]\r\n", b"data: [DONE]\n: bye\n"])
def test_a_last_event_without_its_blank_line_is_kept_and_marked(tail: bytes) -> None:
    stream = read(b"data: a\n\n", tail)
    assert data_of(stream) == ["a", "[DONE]"]
    assert [event.terminated for event in stream.events] == [True, False]
    assert data_of(read(b"data: a\n\n" + tail))[-1] == stream.unterminated.data if stream.unterminated else False
    assert stream.dispatched == stream.events[:1]


def test_a_terminated_stream_has_no_unterminated_event() -> None:
    assert read(b"data: a\n\n").unterminated is None
    assert read(b"data: a\r\n\r").unterminated is None
    assert read().unterminated is None


def test_bad_utf8_is_replaced_and_noted() -> None:
    stream = read(b"data: a\xffb\n\ndata: ok\n\n: \xe2\x82\n\n")
    assert data_of(stream) == ["a\ufffdb", "ok"]
    assert [event.bad_utf8 for event in stream.events] == [True, False]
    assert stream.bad_utf8 and not read(b"data: \xe2\x82", b"\xac\n\n").bad_utf8
    assert read(b"data: ok\n\n: \xff\n").bad_utf8


def test_other_bodies_are_stray_lines() -> None:
    page = read(b"<!DOCTYPE html>\n<p style='a:b'>\n\n", b'{"error": 1}')
    assert not page.events
    assert [(line.at, line.text, line.start) for line in page.stray] == [
        (0.0, "<!DOCTYPE html>", 0),
        (0.0, "<p style='a:b'>", 16),
        (1.0, '{"error": 1}', 33),
    ]


@pytest.mark.parametrize("line", [b"Data: a", b" data: a", b"data : a", b"DATA", b"foo"])
def test_misspelt_fields_are_stray(line: bytes) -> None:
    stream = read(b"data: x\n" + line + b"\n\n")
    assert data_of(stream) == ["x"]
    assert [stray.text for stray in stream.stray] == [line.decode()]


def test_an_event_has_its_offsets_and_the_arrival_of_its_last_byte() -> None:
    parts = (b": hi\n\nda", b"ta: a\r\n\r", b"\nevent: e\ndata: b\n", b"\n")
    stream, body = read(*parts), b"".join(parts)
    assert [event.at for event in stream.events] == [1.0, 3.0]
    assert [body[event.start : event.end] for event in stream.events] == [b"data: a\r\n\r\n", b"event: e\ndata: b\n\n"]


def test_empty_chunks_do_not_change_arrival_times() -> None:
    assert [event.at for event in read(b"", b"data: a\n", b"", b"\n", b"").events] == [3.0]


def test_an_empty_body_is_an_empty_stream() -> None:
    assert read() == read(b"") == SseStream()


@SAME
@given(bodies, st.lists(st.integers(0, 200), max_size=12))
def test_where_chunks_are_cut_does_not_matter(body: bytes, places: list[int]) -> None:
    whole = timeless(read(body))
    assert timeless(read(*cut(body, places))) == whole
    assert timeless(read(*(body[n : n + 1] for n in range(len(body))))) == whole


@SAME
@given(bodies | st.binary(max_size=200))
def test_every_body_is_read_to_its_end(body: bytes) -> None:
    stream = read(body)
    places = [place for event in stream.events for place in (event.start, event.end)]
    assert places == sorted(places) and all(0 <= place <= len(body) for place in places)
    assert all(event.terminated for event in stream.events[:-1])
    lines = [line for line in re.split(rb"\r\n?|\n", body.removeprefix(b"\xef\xbb\xbf")) if line]
    counted = sum(len(event.fields) for event in stream.events) + len(stream.comments)
    assert counted <= len(lines) <= counted + len(stream.stray)


@SAME
@given(bodies)
def test_arrival_times_never_run_backwards(body: bytes) -> None:
    stream = read(*(body[n : n + 3] for n in range(0, len(body), 3)))
    times = [event.at for event in stream.events]
    assert times == sorted(times)
    assert all(event.start // 3 <= event.at <= (event.end - 1) // 3 for event in stream.events)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)
plain_values = texts.filter(lambda value: "\0" not in value)


@st.composite
def written_events(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, str, str | None]], list[str]]:
    """A valid body in an unusual form, and what a reader must find in it."""
    end = draw(st.sampled_from(["\n", "\r", "\r\n"]))
    lines, events, comments = [], [], []
    for _ in range(draw(st.integers(0, 5))):
        data, name = draw(st.lists(texts, min_size=1, max_size=3)), draw(plain_values)
        identity = draw(st.none() | plain_values)
        block = [f"data: {value}" for value in data] + ([f"event: {name}"] if name else [])
        block += [] if identity is None else [f"id: {identity}"]
        comment = draw(st.none() | texts)
        if comment is not None:
            comments.append(comment)
            block.insert(draw(st.integers(0, len(block))), f": {comment}")
        lines += [*block, *[""] * draw(st.integers(1, 3))]
        events.append(("\n".join(data), name, identity))
    body = "".join(line + end for line in lines).encode()
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + body, events, comments


@SAME
@given(written_events(), st.lists(st.integers(0, 300), max_size=6))
def test_what_was_written_is_read_back(
    written: tuple[bytes, list[tuple[str, str, str | None]], list[str]], places: list[int]
) -> None:
    body, events, comments = written
    stream = read(*cut(body, places))
    assert [(event.data, event.event, event.id) for event in stream.events] == events
    assert [comment.text for comment in stream.comments] == comments
    assert stream.dispatched == stream.events
    assert not stream.stray and not stream.bad_utf8
    assert stream.bom == body.startswith(b"\xef\xbb\xbf") and len(stream.line_ends) <= 1


@pytest.mark.parametrize(
    "chunks",
    [
        [Chunk(0.0, b'data: {"choices":[{"index":0,"delta":{"content":"hello"}}]}\n\n')] * 30_000,
        [Chunk(0.0, b"data: "), *[Chunk(0.0, b"x")] * 600_000],
        [Chunk(0.0, b"\r")] * 200_000,
    ],
    ids=["many-events", "one-long-line-in-single-bytes", "blank-lines"],
)
def test_reading_takes_linear_time(chunks: list[Chunk]) -> None:
    started = time.process_time()
    read_events(chunks)
    assert time.process_time() - started < 5.0  # quadratic reading would take minutes


def test_events_are_immutable_values() -> None:
    event = read(b"data: a\n\n").events[0]
    assert event == SseEvent("a", "", None, None, 0.0, 0, 9, 1, True, False, ("data",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.data = "b"  # type: ignore[misc]
