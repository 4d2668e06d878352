"""What goes on through a capture to the client, over real sockets: every byte, at once, and every broken end."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.reference import Provider, serve
from tests.command import KEY
from tests.packing import PACK
from tests.traffic.capturing import HELLO, STREAM, asked, capturing, kept, raw, request
from tests.wire.raw_server import CHUNKED, EVENTS, JSON, OK, Caller, answer, chunk, free_port, length, raw_server, says

VARYING = re.compile(rb"chatcmpl-\w+|req_\w+|call_\w+|\"created\":\d+|processing-ms: ?\d+")


@pytest.mark.parametrize("body", [HELLO, STREAM, {"model": "another"}, {**STREAM, "temperature": 9}])
def test_an_answer_is_the_same_with_and_without_it(tmp_path: Path, body: dict[str, Any]) -> None:
    with serve(Provider("reference-1", KEY)) as server:
        root = f"http://127.0.0.1:{server.port}"
        with capturing(root, tmp_path) as running:
            direct, through = asked(root, body), asked(running.url, body)
    assert through.status_code == direct.status_code
    assert VARYING.sub(b"", through.content) == VARYING.sub(b"", direct.content)
    assert [name for name, _ in through.headers.raw] == [name for name, _ in direct.headers.raw]


@pytest.mark.parametrize("encoding", PACK)
def test_a_packed_answer_goes_on_packed_and_is_kept_unpacked(encoding: str, tmp_path: Path) -> None:
    packed = PACK[encoding](b'{"choices": [], "said": "unpacked words"}')
    head = b"Content-Encoding: %s\r\n" % encoding.encode()
    with raw_server(says(answer(packed, head, JSON))) as server, capturing(server.url, tmp_path) as running:
        came = raw(running.url, request(b"{}", b"Accept-Encoding: gzip, deflate, br, zstd\r\n"))
    assert came.endswith(b"\r\n\r\n" + packed)
    assert b"unpacked words" in kept(tmp_path)


def test_headers_keep_spelling_order_and_repetition(tmp_path: Path) -> None:
    lines = b"X-Odd-Case: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nx-odd-case: 2\r\n"
    with raw_server(says(answer(b"{}", lines))) as server, capturing(server.url, tmp_path) as running:
        came = raw(running.url, request())
    assert lines in came


def test_each_piece_goes_on_alone_and_before_the_next_is_there(tmp_path: Path) -> None:
    """The upstream sends a piece only when the client has received the one before."""
    arrived = threading.Semaphore(0)

    async def one_by_one(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n")
        for n in range(5):
            await caller.send(chunk(b"data: %d\n\n" % n))
            assert await asyncio.to_thread(arrived.acquire, timeout=60)
        await caller.send(chunk(b"data: a\n\n") + chunk(b"data: b\n\n") + chunk(b""))

    with (
        raw_server(one_by_one) as server,
        capturing(server.url, tmp_path) as running,
        httpx.stream("POST", running.url + "/v1/chat/completions", json=STREAM, trust_env=False) as reply,
    ):
        pieces = []
        for piece in reply.iter_raw():
            pieces.append(piece)
            arrived.release()
    assert pieces == [*(b"data: %d\n\n" % n for n in range(5)), b"data: a\n\n", b"data: b\n\n"]


@pytest.mark.parametrize(
    ("fault", "felt"), [("stream-cut", "incomplete chunked read"), ("stream-reset", "reset by peer")]
)
def test_a_stream_that_breaks_off_breaks_off_for_the_client_too(tmp_path: Path, fault: str, felt: str) -> None:
    with (
        serve(Provider("reference-1", KEY, faults=[fault])) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
        pytest.raises((httpx.RemoteProtocolError, httpx.ReadError), match=felt),
    ):
        asked(running.url)
    assert "connection was" in running.lines[0]


def test_an_answer_shorter_than_it_says_stays_short(tmp_path: Path) -> None:
    with raw_server(says(OK + length(100) + b"\r\nonly this")) as server, capturing(server.url, tmp_path) as running:
        came = raw(running.url, request())
    assert came.endswith(b"\r\n\r\nonly this")
    assert b"100" in came


def test_an_upstream_that_refuses_becomes_a_502_that_names_it(tmp_path: Path) -> None:
    port = free_port()
    with capturing(f"http://127.0.0.1:{port}", tmp_path) as running:
        reply = asked(running.url)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (502, "refused")
    assert f"127.0.0.1:{port}: nothing listens there" in error["message"]
    assert "POST /v1/chat/completions - 0." in running.lines[0]


def test_an_unknown_name_becomes_a_502_that_names_it(tmp_path: Path) -> None:
    with capturing("http://no-such-host.invalid", tmp_path) as running:
        reply = asked(running.url)
    assert reply.status_code == 502
    assert "no answer from no-such-host.invalid" in reply.json()["error"]["message"]


def test_an_upstream_without_tls_becomes_a_502_that_says_so(tmp_path: Path) -> None:
    with serve(Provider("reference-1")) as server, capturing(f"https://127.0.0.1:{server.port}", tmp_path) as running:
        reply = asked(running.url)
    assert (reply.status_code, reply.json()["error"]["code"]) == (502, "tls-failure")
    assert "try http://" in reply.json()["error"]["message"]


def test_eight_streams_at_once_do_not_mix(tmp_path: Path) -> None:
    together = asyncio.Barrier(8)

    async def echo(caller: Caller) -> None:
        word = json.loads((await caller.request()).body)["messages"][0]["content"].encode()
        await caller.send(OK + EVENTS + CHUNKED + b"\r\n")
        await together.wait()
        for _ in range(50):
            await caller.send(chunk(b"data: %s\n\n" % word))
            await asyncio.sleep(0)
        await caller.send(chunk(b""))

    def ask(n: int) -> bytes:
        return asked(running.url, {**STREAM, "messages": [{"role": "user", "content": f"w{n}"}]}).content

    with raw_server(echo) as server, capturing(server.url, tmp_path) as running, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [b"data: w%d\n\n" % n * 50 for n in range(8)]
    assert len(list(tmp_path.glob("capture-*.yaml"))) == 8


def test_a_client_that_hangs_up_hangs_up_the_upstream(tmp_path: Path) -> None:
    gone = threading.Event()

    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n" + chunk(b"data: 1\n\n"))
        await caller.gone()
        gone.set()

    with raw_server(endless) as server, capturing(server.url, tmp_path) as running:
        url = running.url + "/v1/chat/completions"
        with httpx.stream("POST", url, json=STREAM, trust_env=False) as reply:
            assert next(reply.iter_raw()) == b"data: 1\n\n"
        assert gone.wait(20)
        running.wait()
    assert running.lines[0].endswith("hung-up: the client hung up")


def test_large_bodies_pass_in_both_directions(tmp_path: Path) -> None:
    large = bytes(range(256)) * 40_000  # more than is kept as evidence

    async def echo(caller: Caller) -> None:
        await (await caller.request()).send(answer(caller.body))

    with raw_server(echo) as server, capturing(server.url, tmp_path) as running:
        came = httpx.put(running.url + "/v1/files", content=large, trust_env=False, timeout=60).content
    assert came == large
    assert "only the first 8,388,608 bytes were kept" in running.lines[0]


def test_a_target_that_names_another_host_stays_with_the_upstream(tmp_path: Path) -> None:
    with raw_server(says(answer(b"{}"))) as server, capturing(server.url, tmp_path) as running:
        raw(running.url, b"GET @127.0.0.1:1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        raw(running.url, b"GET http://127.0.0.1:1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert [caller.target for caller in server.requests] == ["@127.0.0.1:1/x", "http://127.0.0.1:1/x"]
    for path in (b"/@127.0.0.1:1/x", b"/http://127.0.0.1:1/x"):
        assert b"uri: " + server.url.encode() + path in kept(tmp_path)
