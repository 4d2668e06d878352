"""The transport over real sockets: what arrived, when, and how it ended; whatever a server does, nothing raises."""

from __future__ import annotations

import asyncio
import gzip
import queue
import socket
import ssl
import zlib
from pathlib import Path
from typing import Any

import pytest

from conformance.evidence.exchange import Chunk, Ended
from conformance.wire import http
from tests.packing import PACK
from tests.wire.raw_server import (
    CHUNKED,
    EVENTS,
    OK,
    Caller,
    Handler,
    answer,
    chunk,
    fetch,
    free_port,
    length,
    raw_server,
    received,
    says,
)

TEXT = b'{"choices": [], "text": "' + b"plain " * 40 + b'"}'


def body(seen: http.Received) -> bytes:
    """The whole body."""
    return b"".join(part.data for part in seen.chunks)


def test_a_chunk_is_there_before_the_next_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server sends a piece only when the piece before has been noted with its time."""
    noted: queue.Queue[bytes] = queue.Queue()
    pieces = [b"data: %d\n\n" % n for n in range(5)]

    def note(at: float, data: bytes) -> Chunk:
        noted.put(data)
        return Chunk(at, data)

    async def one_by_one(caller: Caller) -> None:
        await caller.request()
        await caller.send(OK + EVENTS + CHUNKED + b"\r\n")
        for piece in pieces:
            await caller.send(chunk(piece))
            assert await asyncio.to_thread(noted.get, timeout=60) == piece
        await caller.send(chunk(b""))

    monkeypatch.setattr(http, "Chunk", note)
    seen = received(one_by_one)
    assert (seen.ended, seen.detail) == (Ended.COMPLETE, "")
    assert [part.data for part in seen.chunks] == pieces
    times = [seen.response.at, *(part.at for part in seen.chunks), seen.seconds]  # type: ignore[union-attr]
    assert times == sorted(times)


def test_chunks_that_arrive_together_stay_apart_and_in_order() -> None:
    seen = received(says(OK + CHUNKED + b"\r\n" + b"".join(map(chunk, (b"one", b"two", b"three", b"")))))
    assert [part.data for part in seen.chunks] == [b"one", b"two", b"three"]


def test_headers_stay_as_they_were_sent() -> None:
    odd = b"X-oDD-cAsE: One\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Latin: caf\xe9\r\nX-Empty:\r\n"
    seen = received(says(answer(b"hi", odd, status=b"299 Rather Odd")))
    assert seen.response
    assert (seen.response.status, seen.response.reason) == (299, "Rather Odd")
    assert seen.response.headers == (
        ("X-oDD-cAsE", "One"),
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("X-Latin", "caf\xe9"),
        ("X-Empty", ""),
        ("Content-Length", "2"),
    )


def test_the_target_is_sent_as_it_was_typed() -> None:
    with raw_server(says(answer(b"{}"))) as server:
        fetch(server.url + "/v1//a/../b%2Fc/chat/completions?x=1&y=%20", body=b'{"a": 1}')
    (caller,) = server.requests
    assert caller.target == "/v1//a/../b%2Fc/chat/completions?x=1&y=%20"
    assert caller.body == b'{"a": 1}'
    assert caller.header("host") == f"127.0.0.1:{server.port}"


def test_nothing_listens() -> None:
    seen = fetch(f"http://127.0.0.1:{free_port()}/v1")
    assert (seen.ended, seen.response) == (Ended.REFUSED, None)
    assert "nothing listens" in seen.detail


def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    seen = fetch("http://no-such-host.invalid/v1")
    assert (seen.ended, seen.detail) == (Ended.UNRESOLVED, "the host name cannot be resolved")


def test_tls_towards_a_server_that_speaks_none() -> None:
    async def puzzled(caller: Caller) -> None:
        await caller.reader.read(100)  # a greeting that is no HTTP
        await caller.send(answer(b"", status=b"400 Bad Request"))

    with raw_server(puzzled) as server:
        seen = fetch(f"https://127.0.0.1:{server.port}/v1")
    assert seen.ended is Ended.TLS_FAILURE
    assert "try http://" in seen.detail


def test_a_self_signed_certificate(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with raw_server(says(answer(b"{}")), tls=context) as server:
        seen = fetch(server.url + "/v1")
    assert seen.ended is Ended.TLS_FAILURE
    assert "not trusted" in seen.detail
    assert "self-signed" in seen.detail
    assert not server.requests, "a request, with its key, reached a server nobody vouches for"


def test_plain_http_towards_a_server_that_speaks_tls(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with raw_server(says(answer(b"{}")), tls=context) as server:
        seen = fetch(f"http://127.0.0.1:{server.port}/v1")
    assert seen.ended in {Ended.CLOSED_EARLY, Ended.NOT_HTTP, Ended.RESET}
    assert seen.detail


async def _hang_up(caller: Caller) -> None:
    """Closes in good order, the request unread by anybody but the kernel."""
    await caller.request()


async def _reset_at_once(caller: Caller) -> None:
    await caller.request()
    caller.reset()


async def _reset_in_mid_body(caller: Caller) -> None:
    await caller.request()
    await caller.send(OK + length(1000) + b"\r\nsome of it")
    caller.reset()


BROKEN: dict[str, tuple[Handler, Ended, str]] = {
    "closed without a byte": (_hang_up, Ended.CLOSED_EARLY, "without an answer"),
    "reset without a byte": (_reset_at_once, Ended.RESET, "reset"),
    "reset in mid-body": (_reset_in_mid_body, Ended.RESET, "reset"),
    "garbage": (says(b"\x00\x01SSH-2.0-OpenSSH_9.6\r\n\r\n"), Ended.NOT_HTTP, "the answer is not HTTP"),
    "half a head": (says(OK + b"Content-Type: text"), Ended.CLOSED_EARLY, "closed"),
    "short of its length": (says(OK + length(100) + b"\r\nhalf"), Ended.CLOSED_EARLY, "middle of the answer"),
    "chunks without an end": (says(OK + CHUNKED + b"\r\n" + chunk(b"part")), Ended.CLOSED_EARLY, "middle"),
    "cut inside a chunk": (says(OK + CHUNKED + b"\r\n40\r\npart"), Ended.CLOSED_EARLY, "middle"),
    "bad chunk size": (says(OK + CHUNKED + b"\r\nxyz\r\npart\r\n"), Ended.NOT_HTTP, "framed wrongly"),
    "two lengths": (says(OK + length(2) + length(3) + b"\r\nhi!"), Ended.NOT_HTTP, "Content-Length"),
    "length that is none": (says(OK + b"Content-Length: many\r\n\r\nhi"), Ended.NOT_HTTP, "Content-Length"),
    "status that is none": (says(b"HTTP/1.1 OK\r\n\r\n"), Ended.NOT_HTTP, "not HTTP"),
    "huge headers": (says(OK, *([b"X-Big: " + b"a" * 1000 + b"\r\n"] * 1000)), Ended.NOT_HTTP, "not HTTP"),
    "one endless header": (says(OK + b"X-Big: " + b"a" * 2_000_000), Ended.NOT_HTTP, "not HTTP"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_evidence(case: str) -> None:
    handler, ended, words = BROKEN[case]
    seen = received(handler)
    assert (seen.ended, words in seen.detail) == (ended, True), f"{seen.ended}: {seen.detail}"


@pytest.mark.parametrize("case", ["reset in mid-body", "short of its length", "cut inside a chunk"])
def test_what_came_before_the_break_is_kept(case: str) -> None:
    seen = received(BROKEN[case][0])
    assert seen.response
    assert seen.response.status == 200
    # a reset may overtake the bytes before it: that is what a client would see, too
    assert body(seen) in ({b"some of it", b""} if case == "reset in mid-body" else {b"half", b"part"})


def test_a_body_without_length_ends_with_the_connection() -> None:
    seen = received(says(OK + b"\r\nall of it"))
    assert (seen.ended, body(seen)) == (Ended.COMPLETE, b"all of it")


def test_more_than_the_length_says_is_cut_off() -> None:
    seen = received(says(answer(b"four") + b"and more"))
    assert (seen.ended, body(seen)) == (Ended.COMPLETE, b"four")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_answers_without_a_body(status: bytes) -> None:
    seen = received(says(b"HTTP/1.1 %s\r\n\r\n" % status))
    assert (seen.ended, body(seen)) == (Ended.COMPLETE, b"")


def test_early_hints_are_not_the_answer() -> None:
    seen = received(says(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + answer(b"real")))
    assert seen.response
    assert (seen.response.status, body(seen)) == (200, b"real")


def test_a_redirect_is_not_followed() -> None:
    with raw_server(says(answer(b"", b"Location: /v1\r\n", status=b"307 Temporary Redirect"))) as server:
        seen = fetch(server.url + "/v1")
    assert seen.response
    assert (seen.response.status, seen.response.header("location")) == (307, "/v1")
    assert len(server.requests) == 1


def raw_deflate(data: bytes) -> bytes:
    """What some servers mean by `deflate`: without the zlib wrapping."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "deflate ": raw_deflate(TEXT),
    "identity": TEXT,
    "gzip ": gzip.compress(TEXT[:30]) + gzip.compress(TEXT[30:]),
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("cut", [1, 7, 10_000])
def test_an_encoding_is_undone_however_its_bytes_arrive(encoding: str, cut: int) -> None:
    data = ENCODED[encoding]
    pieces = [chunk(data[at : at + cut]) for at in range(0, len(data), cut)]
    head = OK + b"Content-Encoding: %s\r\n" % encoding.encode() + CHUNKED + b"\r\n"
    seen = received(says(head + b"".join(pieces) + chunk(b"")))
    assert (seen.ended, seen.undecodable, body(seen)) == (Ended.COMPLETE, "", TEXT)


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_an_encoding_that_was_not_asked_for_stays_as_it_came(encoding: str) -> None:
    packed = PACK[encoding](TEXT)
    seen = received(says(answer(packed, b"Content-Encoding: %s\r\n" % encoding.encode())))
    assert (seen.undecodable, body(seen)) == (encoding, packed)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_an_encoding_that_cannot_be_undone_is_named_and_the_bytes_are_kept(encoding: str) -> None:
    seen = received(says(answer(TEXT, b"Content-Encoding: %s\r\n" % encoding.encode())))
    assert (seen.ended, seen.undecodable, body(seen)) == (Ended.COMPLETE, encoding, TEXT)
