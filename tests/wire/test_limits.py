"""Silence, floods and bombs end one exchange, at a limit, with a sample of what came; memory stays bounded."""

from __future__ import annotations

import asyncio
import tracemalloc
import zlib

import pytest

from conformance.evidence.exchange import Ended
from conformance.wire.http import Received
from conformance.wire.limits import MIB, Limits
from tests.wire.raw_server import (
    CHUNKED,
    EVENTS,
    OK,
    Caller,
    Handler,
    answer,
    chunk,
    fetch,
    length,
    raw_server,
    received,
    says,
)

DATA = b'data: {"choices":[]}\n\n'
SIZE = Limits()


def kept(seen: Received) -> int:
    """Bytes that remain as evidence."""
    return sum(len(part.data) for part in seen.chunks)


def then_silent(*pieces: bytes) -> Handler:
    """A handler that sends this and then nothing, until the client hangs up."""

    async def handle(caller: Caller) -> None:
        await caller.request()
        await caller.send(*pieces)
        await caller.gone()

    return handle


def endless(head: bytes, piece: bytes) -> Handler:
    """A handler that never stops sending."""

    async def handle(caller: Caller) -> None:
        await caller.request()
        await caller.send(head)
        await caller.forever(piece)

    return handle


def test_a_server_that_never_answers() -> None:
    seen = received(then_silent(), first_byte=0.1, connect=0.9)
    assert (seen.ended, seen.response) == (Ended.TIMED_OUT, None)
    assert seen.detail == "no answer for 1 s"


def test_a_head_that_never_ends() -> None:
    seen = received(then_silent(OK + b"X-Part: 1\r\n"), first_byte=0.1, connect=0.9)
    assert (seen.ended, seen.response) == (Ended.TIMED_OUT, None)


def test_a_stream_that_falls_silent_keeps_what_came() -> None:
    seen = received(then_silent(OK + EVENTS + CHUNKED + b"\r\n" + chunk(DATA)), silence=0.2)
    assert (seen.ended, seen.detail) == (Ended.TIMED_OUT, "no byte for 0.2 s")
    assert [part.data for part in seen.chunks] == [DATA]


def test_a_drip_that_is_never_silent_ends_with_the_total() -> None:
    async def drip(caller: Caller) -> None:
        await caller.request()
        await caller.send(OK + EVENTS + b"\r\n")
        while not await _hung_up(caller):
            await caller.send(b"d")

    seen = received(drip, total=2)
    assert (seen.ended, seen.detail) == (Ended.TIMED_OUT, "not finished after 2 s")
    assert 0 < kept(seen) < 1000
    assert seen.seconds >= 2


async def _hung_up(caller: Caller) -> bool:
    """True when the client hangs up within a twentieth of a second: the pace of the drip."""
    try:
        return not await asyncio.wait_for(caller.reader.read(1), 0.05)
    except TimeoutError:
        return False


def test_a_stream_left_open_after_done_is_distinguished_from_silence() -> None:
    done = b"data: [DONE]\n\n"
    seen = received(then_silent(OK + EVENTS + CHUNKED + b"\r\n" + chunk(DATA) + chunk(done)), after_done=0.1)
    assert (seen.ended, seen.detail) == (Ended.TIMED_OUT, "the connection stayed open after [DONE] for 0.1 s")
    assert kept(seen) == len(DATA + done)


def test_done_inside_the_text_of_an_answer_does_not_cut_it_short() -> None:
    """Only the end of a line that is data says done; the model may write the word as well."""
    said = b'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n'

    async def slowly(caller: Caller) -> None:
        await caller.request()
        await caller.send(OK + EVENTS + CHUNKED + b"\r\n" + chunk(said[:-7]))
        await _hung_up(caller)
        await caller.send(chunk(said[-7:]) + chunk(b""))

    seen = received(slowly, after_done=0.001)
    assert (seen.ended, kept(seen)) == (Ended.COMPLETE, len(said))


FLOODS: dict[str, tuple[Handler, str]] = {
    "endless body": (endless(OK + b"\r\n", b"x" * 65_536), "a body of more than 2,097,152 bytes"),
    "endless stream": (endless(OK + EVENTS + b"\r\n", DATA * 3000), "a body of more than"),
    "10 MB line": (says(OK + EVENTS + b"\r\ndata: ", *[b"x" * MIB] * 10), "a line of more than 1,048,576"),
    "30 MB error": (says(answer(b"e" * 30 * MIB, status=b"500 Broken")), "a body of more than 524,288 bytes"),
    "one-byte chunks": (endless(OK + CHUNKED + b"\r\n", chunk(b"x") * 5000), "more than 40,000 chunks"),
}


@pytest.mark.parametrize("case", FLOODS)
def test_a_flood_is_stopped_and_sampled(case: str) -> None:
    handler, words = FLOODS[case]
    seen = received(handler)
    assert (seen.ended, words in seen.detail) == (Ended.OVER_LIMIT, True), seen.detail
    assert 0 < kept(seen) <= SIZE.kept
    assert len(seen.chunks) <= SIZE.kept_chunks
    assert seen.response


@pytest.mark.parametrize(("status", "size"), [(b"200 OK", SIZE.body), (b"400 Bad Request", SIZE.error_body)])
def test_a_body_below_the_limit_is_kept_whole(status: bytes, size: int) -> None:
    seen = received(says(answer(b"x" * size, status=status)))
    assert (seen.ended, kept(seen)) == (Ended.COMPLETE, size)


def test_a_long_line_outside_a_stream_is_allowed() -> None:
    seen = received(says(answer(b"x" * (SIZE.line + 10))))
    assert seen.ended is Ended.COMPLETE


def bomb(unfolded: int) -> bytes:
    """Zeros, packed a thousand to one: the same packed block again and again, each complete in itself."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (unfolded // MIB)


@pytest.mark.parametrize("form", ["one piece", "many pieces"])
def test_a_gzip_bomb_never_unfolds(form: str) -> None:
    packed = bomb(2048 * MIB)
    assert len(packed) < 3 * MIB
    size = len(packed) if form == "one piece" else 700
    pieces = [chunk(packed[at : at + size]) for at in range(0, len(packed), size)]
    head = OK + b"Content-Encoding: gzip\r\n" + CHUNKED + b"\r\n"
    with raw_server(says(head, *pieces)) as server:
        del pieces, packed
        tracemalloc.start()
        try:
            seen = fetch(server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert seen.ended is Ended.OVER_LIMIT
    assert 0 < kept(seen) <= SIZE.kept
    assert peak < 16 * MIB, f"{peak / MIB:.0f} MiB at the peak"


def test_the_length_a_server_promises_costs_nothing() -> None:
    seen = received(says(OK + length(10**15) + b"\r\nshort"))
    assert (seen.ended, kept(seen)) == (Ended.CLOSED_EARLY, 5)


@pytest.mark.parametrize("patience", [0.5, 2.0, 60.0, 600.0])
def test_patience_sets_the_times_and_leaves_the_sizes(patience: float) -> None:
    limits = Limits.patient_for(patience)
    assert limits.first_byte == limits.silence == patience
    assert limits.connect <= 10.0
    assert limits.total >= patience
    assert (limits.body, limits.line, limits.chunks, limits.kept) == (SIZE.body, SIZE.line, SIZE.chunks, SIZE.kept)
