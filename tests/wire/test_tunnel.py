"""What a capture does to the bytes of either side: nothing, but to the Host line, whatever they are."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from conformance.runner.capture import Capture
from tests.traffic.capturing import between, bodies, capturing, connected, raw, request, rest_of
from tests.wire.raw_server import CHUNKED, OK, Caller, answer, length, raw_server, says

ODD_REQUEST = (
    b"POST /v1/chat/completions?b=2&A=%2f HTTP/1.1\r\nX-oDD:   1  \r\nhOsT: localhost\r\nx-odd: 2\r\n"
    b"Accept-Encoding: zstd;q=1, br\r\nTransfer-Encoding: Chunked\r\nTrailer: X-End\r\n\r\n"
    b'2;a=b\r\n{"\r\n00003\r\na":\r\n2\r\n1}\r\n0\r\nX-End: yes\r\n\r\n'
)
ODD_ANSWERS = {
    "a reason of its own": b"HTTP/1.1 299 Rather  Odd\r\nx-OdD:1\r\nX-Odd:  2\r\n" + length(2) + b"\r\nhi",
    "no reason": b"HTTP/1.1 200\r\n" + length(0) + b"\r\n",
    "extensions and trailers": OK + CHUNKED + b"\r\n005;ext=1\r\nhello\r\n0\r\nX-End: yes\r\n\r\n",
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + answer(b"real"),
    "the end of the connection": b"HTTP/1.0 200 OK\r\n\r\nuntil it closes",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
    "no content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "bytes behind its end": answer(b"four") + b"and more",
}
STRANGE_ANSWERS = {
    "another protocol": (b"SSH-2.0-OpenSSH_9.2p1\r\n\r\nprotocol mismatch", "not-http: the answer is not HTTP"),
    "wrong chunks": (OK + CHUNKED + b"\r\nzz\r\nhello\r\n\xff\x00", "not-http: the body is framed wrongly"),
    "another switch": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x00\x01", "not-http: "),
    "half a body": (OK + length(9) + b"\r\nhalf", "closed-early: the connection was closed in the middle"),
    "half the size of a chunk": (OK + CHUNKED + b"\r\n4", "closed-early: the connection was closed in the middle"),
    "half a head": (OK + b"X-A: ", "closed-early: the connection was closed without an answer"),
    "nothing": (b"", "closed-early: the connection was closed without an answer"),
}
SECOND = b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
FIRST = request().replace(b"Connection: close\r\n", b"")


def test_a_request_arrives_as_it_was_sent_but_for_the_host(tmp_path: Path) -> None:
    came = bytearray()

    async def listen(caller: Caller) -> None:
        came.extend(await caller.reader.readuntil(b"X-End: yes\r\n\r\n"))
        await caller.send(answer(b"{}", b"Connection: close\r\n"))

    with raw_server(listen) as server, capturing(server.url, tmp_path) as running:
        raw(running.url, ODD_REQUEST)
    named = b"127.0.0.1:%d" % server.port
    assert bytes(came) == ODD_REQUEST.replace(b"localhost", named)
    assert bodies(tmp_path) == [b'{"a":1}']


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_request_may_arrive_in_pieces(cut: int, tmp_path: Path) -> None:
    async def listen(caller: Caller) -> None:
        await caller.reader.readuntil(b"X-End: yes\r\n\r\n")
        await caller.send(answer(b"{}", b"Connection: close\r\n"))

    with between(listen, tmp_path) as (_, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(ODD_REQUEST), cut):
            client.sendall(ODD_REQUEST[at : at + cut])
        assert rest_of(client).endswith(b"{}")
    assert bodies(tmp_path) == [b'{"a":1}']


def test_a_request_without_a_host_gets_the_upstreams(tmp_path: Path) -> None:
    with raw_server(says(answer(b"{}"))) as server, capturing(server.url, tmp_path) as running:
        raw(running.url, b"GET /v1/models HTTP/1.0\r\n\r\n")
    assert [caller.header("host") for caller in server.requests] == [f"127.0.0.1:{server.port}"]


@pytest.mark.parametrize("case", ODD_ANSWERS)
def test_an_answer_arrives_as_it_was_sent(case: str, tmp_path: Path) -> None:
    with raw_server(says(ODD_ANSWERS[case])) as server, capturing(server.url, tmp_path) as running:
        assert raw(running.url, request()) == ODD_ANSWERS[case]
    assert running.lines[0].endswith(" s")


@pytest.mark.parametrize("case", STRANGE_ANSWERS)
def test_bytes_that_cannot_be_read_are_passed_on_and_reported(case: str, tmp_path: Path) -> None:
    data, words = STRANGE_ANSWERS[case]
    with raw_server(says(data)) as server, capturing(server.url, tmp_path) as running:
        assert raw(running.url, request()) == data
    assert words in running.lines[0]


def test_requests_on_one_connection_are_exchanges_of_their_own(tmp_path: Path) -> None:
    """The second is asked when the first is answered, and both are on one connection to the upstream, too."""

    async def twice(caller: Caller) -> None:
        await (await caller.request()).send(answer(b'{"n": 1}', b"X-N: 1\r\n"))
        await (await caller.request()).send(answer(b'{"n": 2}', b"X-N: 2\r\n"))

    with raw_server(twice) as server, capturing(server.url, tmp_path) as running:
        with connected(running.url) as client:
            client.sendall(FIRST)
            first = client.recv(65_536)
            while not first.endswith(b"}"):
                first += client.recv(65_536)
            client.sendall(SECOND)
            assert first + rest_of(client) == answer(b'{"n": 1}', b"X-N: 1\r\n") + answer(b'{"n": 2}', b"X-N: 2\r\n")
        running.wait(2)
    assert len(server.callers) == 1
    assert [line.split()[:3] for line in running.lines if line.startswith(("POST", "GET"))] == [
        ["POST", "/v1/chat/completions", "200"],
        ["GET", "/v1/models", "200"],
    ]


def test_a_server_that_keeps_no_connection_need_not_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a connection and the next request on it arrive together: the request gets a new one, as without a capture."""
    closed, sent, take = threading.Event(), threading.Event(), Capture.take

    async def once(caller: Caller) -> None:
        await (await caller.request()).send(answer(b"{}"))
        caller.writer.close()
        await caller.writer.wait_closed()
        closed.set()

    def holding_all_up(*exchange: Any) -> None:
        take(*exchange)
        assert closed.wait(20)
        assert sent.wait(20)

    monkeypatch.setattr(Capture, "take", holding_all_up)
    with between(once, tmp_path) as (running, client):
        client.sendall(FIRST)
        assert client.recv(65_536) == answer(b"{}")
        client.sendall(SECOND)
        sent.set()
        assert rest_of(client) == answer(b"{}")
        running.wait(2)
    assert [line for line in running.lines if "closed-early" in line] == []


def test_requests_sent_together_each_name_the_upstream(tmp_path: Path) -> None:
    hosts = []

    async def twice(caller: Caller) -> None:
        hosts.extend([(await caller.request()).header("host") for _ in range(2)])
        await caller.send(answer(b"{}") + answer(b"[]"))

    with raw_server(twice) as server, capturing(server.url, tmp_path) as running:
        assert raw(running.url, FIRST + SECOND) == answer(b"{}") + answer(b"[]")
        running.wait(2)
    assert hosts == [f"127.0.0.1:{server.port}"] * 2
    assert bodies(tmp_path) == [b'{"stream": true}', b""]


@pytest.mark.parametrize(
    ("method", "head"), [(b"HEAD", OK + length(1000)), (b"GET", b"HTTP/1.1 304 Not Modified\r\n" + length(7))]
)
def test_an_answer_without_a_body_ends_with_its_head(method: bytes, head: bytes, tmp_path: Path) -> None:
    async def twice(caller: Caller) -> None:
        await (await caller.request()).send(head + b"\r\n")
        await (await caller.request()).send(answer(b"{}"))

    with between(twice, tmp_path) as (running, client):
        client.sendall(method + b" /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        running.wait()
        client.sendall(SECOND)
        assert rest_of(client) == head + b"\r\n" + answer(b"{}")
        running.wait()
    assert [line.split()[2] for line in running.lines if line.endswith(" s")] == [head[9:12].decode(), "200"]


def test_a_client_that_waits_for_100_continue_gets_it_from_the_upstream(tmp_path: Path) -> None:
    async def hesitate(caller: Caller) -> None:
        head = await caller.reader.readuntil(b"\r\n\r\n")
        assert b"expect: 100-Continue" in head
        await caller.send(b"HTTP/1.1 100 Go On\r\n\r\n")
        await caller.reader.readexactly(2)
        await caller.send(answer(b"{}"))

    with between(hesitate, tmp_path) as (running, client):
        head = b"POST /v1/x HTTP/1.1\r\nHost: x\r\nexpect: 100-Continue\r\n" + length(2) + b"\r\n"
        client.sendall(head)
        assert client.recv(100) == b"HTTP/1.1 100 Go On\r\n\r\n"
        client.sendall(b"{}")
        assert rest_of(client) == answer(b"{}")
        running.wait()
    assert bodies(tmp_path) == [b"{}"]


def test_an_answer_may_come_before_the_request_is_whole(tmp_path: Path) -> None:
    async def refuse(caller: Caller) -> None:
        await caller.reader.readuntil(b"\r\n\r\n")
        await caller.send(answer(b"{}", status=b"413 Content Too Large"))
        await caller.reader.readexactly(4)

    with between(refuse, tmp_path) as (running, client):
        client.sendall(b"POST /v1/x HTTP/1.1\r\nHost: x\r\n" + length(4) + b"\r\n{}")
        assert client.recv(65_536).startswith(b"HTTP/1.1 413 ")
        client.sendall(b"  ")
        running.wait()
    assert "413" in running.lines[0]
    assert bodies(tmp_path) == [b"{}  "]
