"""`conformance capture`, over real sockets: what goes on to the client, what is kept, and what is told of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance import cli
from conformance.capture import CAPTURES, Capture, base_url
from conformance.clients import AGENTS
from conformance.judge_traffic import judge_file
from conformance.reference import Provider, serve
from conformance.schema import violations
from conformance.wire.cassette import opened
from conformance.wire.limits import MIB, Limits
from conformance.wire.relay import listening, relay
from tests.command import KEY, ROOT, Command, environment
from tests.wire.raw_server import (
    CHUNKED,
    EVENTS,
    JSON,
    OK,
    Caller,
    answer,
    chunk,
    free_port,
    length,
    raw_server,
    says,
)

HELLO = {"model": "reference-1", "messages": [{"role": "user", "content": "hello"}]}
STREAM = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
VARYING = re.compile(rb"chatcmpl-\w+|req_\w+|call_\w+|\"created\":\d+|processing-ms: ?\d+")


@dataclass
class Running:
    """A capture under way: where clients ask, and what it has told."""

    url: str
    folder: Path
    capture: Capture
    lines: list[str] = field(default_factory=list)
    over: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self, exchanges: int = 1) -> None:
        """Until so many exchanges more are over."""
        for _ in range(exchanges):
            assert self.over.acquire(timeout=20)


@contextmanager
def capturing(upstream: str, folder: Path) -> Iterator[Running]:
    """A capture in a thread of its own; when the context ends, all is written and told."""
    loop, lines, stopping = asyncio.new_event_loop(), list[str](), asyncio.Event()
    listener = listening("127.0.0.1", 0)
    with Capture(folder, upstream, AGENTS, lines.append) as capture:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = Running(url, folder, capture, lines)

        def told(*exchange: Any) -> None:
            capture.take(*exchange)
            running.over.release()

        serving = relay(upstream, listener, told, stopping)
        thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
        thread.start()
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(timeout=20)
            loop.close()


def asked(url: str, body: dict[str, Any] = STREAM, key: str = KEY) -> httpx.Response:
    """One chat completion."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        headers = {"authorization": f"Bearer {key}"}
        return client.post(f"{url}/v1/chat/completions", json=body, headers=headers)


def raw(url: str, request: bytes) -> bytes:
    """All bytes that come for this request, to the end of the connection."""
    host, port = url.removeprefix("http://").split("/")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def request(body: bytes = b'{"stream": true}', *headers: bytes) -> bytes:
    lines = (b"Host: x\r\n", b"Connection: close\r\n", length(body), *headers)
    return b"POST /v1/chat/completions HTTP/1.1\r\n%s\r\n%s" % (b"".join(lines), body)


def kept(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.mark.parametrize("body", [HELLO, STREAM, {"model": "another"}, {**STREAM, "temperature": 9}])
def test_an_answer_is_the_same_with_and_without_it(tmp_path: Path, body: dict[str, Any]) -> None:
    with serve(Provider("reference-1", KEY)) as server:
        root = f"http://127.0.0.1:{server.port}"
        with capturing(root, tmp_path) as running:
            direct, through = asked(root, body), asked(running.url, body)
    assert through.status_code == direct.status_code
    assert VARYING.sub(b"", through.content) == VARYING.sub(b"", direct.content)
    names = [
        name for name, _ in direct.headers.raw if name.lower() not in (b"connection", b"transfer-encoding")
    ]
    assert [
        n for n, _ in through.headers.raw if n.lower() not in (b"connection", b"transfer-encoding")
    ] == names


def test_a_packed_answer_goes_on_packed_and_is_kept_unpacked(tmp_path: Path) -> None:
    words = b'{"choices": [], "said": "unpacked words"}'
    packed = gzip.compress(words)
    with (
        raw_server(says(answer(packed, b"Content-Encoding: gzip\r\n", JSON))) as server,
        capturing(server.url, tmp_path) as running,
    ):
        came = raw(running.url, request())
    assert came.endswith(b"\r\n\r\n" + packed)
    assert b"unpacked words" in kept(tmp_path)


def test_headers_keep_spelling_order_and_repetition(tmp_path: Path) -> None:
    lines = b"X-Odd-Case: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nx-odd-case: 2\r\n"
    with raw_server(says(answer(b"{}", lines))) as server, capturing(server.url, tmp_path) as running:
        came = raw(running.url, request())
    assert lines in came


def test_each_piece_goes_on_alone_and_before_the_next_is_there(tmp_path: Path) -> None:
    """The upstream sends a piece only when the client has told that the one before is there."""
    arrived = threading.Semaphore(0)

    async def one_by_one(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n")
        for n in range(5):
            await caller.send(chunk(b"data: %d\n\n" % n))
            assert await asyncio.to_thread(arrived.acquire, timeout=20)
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


@pytest.mark.parametrize("fault", ["stream-cut", "stream-reset"])
def test_a_stream_that_breaks_off_breaks_off_for_the_client_too(tmp_path: Path, fault: str) -> None:
    with (
        serve(Provider("reference-1", KEY, faults=[fault])) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
        pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
    ):
        asked(running.url)
    assert "connection was" in running.lines[0]


def test_an_answer_shorter_than_it_says_stays_short(tmp_path: Path) -> None:
    with (
        raw_server(says(OK + length(100) + b"\r\nonly this")) as server,
        capturing(server.url, tmp_path) as running,
    ):
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
    with (
        serve(Provider("reference-1")) as server,
        capturing(f"https://127.0.0.1:{server.port}", tmp_path) as running,
    ):
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

    with (
        raw_server(echo) as server,
        capturing(server.url, tmp_path) as running,
        ThreadPoolExecutor(8) as pool,
    ):
        assert list(pool.map(ask, range(8))) == [b"data: w%d\n\n" % n * 50 for n in range(8)]
    assert len(list(tmp_path.glob("capture-*.yaml"))) == 8


def test_no_key_is_written_or_told(tmp_path: Path) -> None:
    """Keys of no known form: in a header, in a query, said again in the answer, and once more later without a header."""
    keys = ["my-own-secret-4711-abcdef", "querysecret-0815-xyz", "azure-secret-1234-qwer"]
    said = json.dumps({"error": {"message": f"wrong key {keys[0]} or {keys[1]} or {keys[2]}"}}).encode()
    headers = f"Authorization: Bearer {keys[0]}\r\napi-key: {keys[2]}\r\n".encode()
    first = request(b"{}", headers).replace(b"completions ", b"completions?key=%s " % keys[1].encode())
    with (
        raw_server(says(answer(said, JSON, status=b"401 Unauthorized"))) as server,
        capturing(server.url, tmp_path) as running,
    ):
        assert raw(running.url, first).endswith(said)
        running.wait()
        raw(running.url, request(b"{}"))
        assert keys[0] in (server.callers[0].header("authorization") or "")
    seen = kept(tmp_path) + "\n".join(running.lines).encode()
    assert [key for key in keys if key.encode() in seen] == []
    assert b"wrong key *****" in seen


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
    assert running.lines[0].endswith("closed-early: the client hung up")


def test_what_is_under_way_when_it_ends_is_captured_as_far_as_it_came(tmp_path: Path) -> None:
    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n" + chunk(b"data: 1\n\n"))
        await caller.gone()

    with raw_server(endless) as server, httpx.Client(trust_env=False) as client:
        with capturing(server.url, tmp_path) as running:
            url = running.url + "/v1/chat/completions"
            reply = client.send(client.build_request("POST", url, json=STREAM), stream=True)
            coming = reply.iter_raw()
            assert next(coming) == b"data: 1\n\n"
        reply.close()
    assert running.lines[0].endswith("closed-early: the capture ended")
    assert b"data: 1" in kept(tmp_path)


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
    assert [caller.target for caller in server.requests] == ["/@127.0.0.1:1/x", "/http://127.0.0.1:1/x"]


@pytest.mark.parametrize("fault", ["", "completion-without-usage"])
def test_judge_finds_in_the_folder_what_was_told(tmp_path: Path, fault: str) -> None:
    with (
        serve(Provider("reference-1", KEY, faults=[fault] if fault else [])) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
    ):
        for body in (STREAM, HELLO):
            asked(running.url, body)
    told = [line.split()[0] for line in running.lines if line.startswith("    ")]
    files = sorted(tmp_path.glob("*.yaml"))
    sheets = [judge_file(file, running.capture._probes) for file in files]
    assert [sheet.judged for sheet in sheets] == [1, 1]
    for file in files:
        assert violations("conformance/cassette", yaml.safe_load(file.read_text("utf-8"))) == []
        assert opened(file.read_text("utf-8"))[0].conversation == file.stem
    assert [o.probe.id for sheet in sheets for o in sheet.wrong] == told
    assert bool(told) == bool(fault)


def test_the_command_says_where_and_how_many_and_ends_with_the_verdict(tmp_path: Path) -> None:
    with serve(Provider("reference-1", KEY, faults=["delta-without-index"])) as server:
        arguments = ("capture", "--upstream", server.base_url, "--port", "0", "--record", "tape")
        with subprocess.Popen(
            [sys.executable, "-m", "conformance", *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            first = process.stdout.readline()
            tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
            asked(
                first.split()[2].removesuffix("/v1"), {**STREAM, "tools": [tool], "tool_choice": "required"}
            )
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert re.fullmatch(rf"capturing on http://127\.0\.0\.1:\d+/v1 -> {server.base_url}\n", first)
    assert "POST /v1/chat/completions 200 0." in rest
    assert "    toolstream.index (breaks " in rest
    assert "captured 1 exchange in tape; " in rest
    assert process.returncode == 1


def test_the_readme_says_what_the_command_does() -> None:
    section = (ROOT / "README.md").read_text("utf-8").split("## Capture a live session")[1].split("\n## ")[0]
    typed = re.search(r"^conformance (capture .*)$", section, re.MULTILINE)
    assert typed
    options = cli.parser().parse_args(shlex.split(typed[1]))
    base = base_url(options.host, options.port, options.upstream)
    assert f"`capturing on {base} -> {options.upstream}`" in section
    assert f"up to {Limits().stream // MIB} MiB of an answer" in section
    assert f"a folder in `{CAPTURES}/`" in section


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--upstream", "nowhere"], "--upstream: "),
        (["--upstream", "http://127.0.0.1:1/v1", "--record", "taken"], "holds old.yaml already"),
        (
            ["--upstream", "http://127.0.0.1:1/v1", "--host", "192.0.2.1", "--record", "new"],
            "--host 192.0.2.1",
        ),
    ],
)
def test_what_cannot_be_is_one_line(command: Command, here: Path, arguments: list[str], why: str) -> None:
    (here / "taken").mkdir()
    (here / "taken" / "old.yaml").touch()
    ran = command("capture", *arguments)
    assert ran.code == 4
    assert why in ran.err
    assert len(ran.err.splitlines()) == 1
