"""How the connections of a capture end, each as the other did; what is refused, and what has a limit."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from pathlib import Path

import pytest

from conformance.wire import relay
from tests.traffic.capturing import between, capturing, connected, kept, raw, request, rest_of
from tests.wire.raw_server import CHUNKED, EVENTS, OK, Caller, answer, chunk, length, raw_server, says

SECOND = b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
FIRST = request().replace(b"Connection: close\r\n", b"")


@pytest.mark.parametrize("before", [b"", OK + length(1000) + b"\r\nsome of it"])
def test_a_reset_is_a_reset_for_the_client(before: bytes, tmp_path: Path) -> None:
    closed = threading.Event()

    async def reset(caller: Caller) -> None:
        await (await caller.request()).send(before)
        assert await asyncio.to_thread(closed.wait, 20)
        caller.reset()

    with between(reset, tmp_path) as (running, client):
        client.sendall(request())
        came = b""
        while len(came) < len(before):
            came += client.recv(65_536)
        closed.set()
        with pytest.raises(ConnectionResetError):
            client.recv(65_536)
        running.wait()
    assert came == before
    assert running.lines[0].endswith("reset: the connection was reset")


def test_an_upstream_that_has_finished_can_still_receive(tmp_path: Path) -> None:
    heard = threading.Event()

    async def half_closed(caller: Caller) -> None:
        await caller.reader.readuntil(b"\r\n\r\n")
        await caller.send(b"HTTP/1.0 200 OK\r\n\r\nall of it")
        caller.writer.write_eof()
        if await caller.reader.readexactly(4) == b"more":
            heard.set()

    with between(half_closed, tmp_path) as (_, client):
        client.sendall(b"POST /v1/x HTTP/1.1\r\nHost: x\r\n" + length(4) + b"\r\n")
        assert rest_of(client).endswith(b"all of it")
        client.sendall(b"more")
        assert heard.wait(20)


def test_a_client_that_says_no_more_still_gets_its_answer(tmp_path: Path) -> None:
    async def patient(caller: Caller) -> None:
        await (await caller.request()).gone()
        await caller.send(answer(b"{}"))

    with between(patient, tmp_path) as (running, client):
        client.sendall(request())
        client.shutdown(socket.SHUT_WR)
        assert rest_of(client) == answer(b"{}")
        running.wait()
    assert running.lines[0].endswith(" s")


def test_a_reset_by_the_client_is_a_reset_for_the_upstream(tmp_path: Path) -> None:
    felt = threading.Event()

    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n" + chunk(b"data: 1\n\n"))
        try:
            await caller.gone()
        except ConnectionResetError:
            felt.set()

    with between(endless, tmp_path) as (running, client):
        client.sendall(request())
        assert client.recv(65_536)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert felt.wait(20)
        running.wait()
    assert running.lines[0].endswith("hung-up: the client hung up")


@pytest.mark.parametrize(
    ("asking", "status", "words"),
    [
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"501 Not Implemented", b"no CONNECT"),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"501 Not Implemented",
            b"no upgrade",
        ),
        (b"\x16\x03\x01\x02\x00", b"400 Bad Request", b"illegal request line"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 2**20 + b"x\r\n", b"431 ", b"too long"),
    ],
)
def test_what_cannot_be_passed_on_is_refused_in_one_way(
    asking: bytes, status: bytes, words: bytes, tmp_path: Path
) -> None:
    with (
        raw_server(says(answer(b"{}"))) as server,
        capturing(server.url, tmp_path) as running,
        connected(running.url) as client,
    ):
        client.sendall(asking)
        came = rest_of(client)
        client.sendall(b"and more of that")  # is read, and nothing is made of it
    head, body = came.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert words in json.loads(body)["error"]["message"].encode()
    assert server.callers == []


def test_an_offer_of_http_2_is_left_out_and_the_request_goes_on(tmp_path: Path) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nX-Last: 1\r\n"
    with raw_server(says(answer(b"{}"))) as server, capturing(server.url, tmp_path) as running:
        came = raw(running.url, b"GET /v1/models HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
    assert came == answer(b"{}")
    sent = server.requests[0]
    assert (sent.header("upgrade"), sent.header("http2-settings"), sent.header("x-last")) == (None, None, "1")


def test_a_client_that_does_not_read_slows_down_the_upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upstream is no longer read when the client's socket is full; without that all would pile up in memory."""
    held = threading.Event()
    pause = relay.Side.pause_writing

    def noted(side: relay.Side) -> None:
        pause(side)
        assert side.other.transport
        if not side.other.transport.is_reading():
            held.set()

    monkeypatch.setattr(relay.Side, "pause_writing", noted)
    large = b"x" * 20_000_000
    with between(says(answer(large)), tmp_path) as (_, client):
        client.sendall(request())
        assert held.wait(20)
        assert rest_of(client) == answer(large)


def test_what_is_kept_of_an_answer_has_its_limit(tmp_path: Path) -> None:
    large = b"x" * 9_000_000
    with raw_server(says(answer(large))) as server, capturing(server.url, tmp_path) as running:
        assert raw(running.url, request()) == answer(large)
        running.wait()
    assert "over-limit: only the first 8,388,608 bytes were kept" in running.lines[0]
    assert len(kept(tmp_path)) < 9_000_000
