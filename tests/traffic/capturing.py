"""A capture under way in a thread, and requests to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from conformance.clients import AGENTS
from conformance.runner.capture import Capture
from conformance.wire.cassette import opened
from conformance.wire.relay import listening, relay
from tests.command import KEY
from tests.wire.raw_server import Handler, length, raw_server

HELLO = {"model": "reference-1", "messages": [{"role": "user", "content": "hello"}]}
STREAM = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}


@dataclass
class Running:
    """A running capture: its address and the lines that it has printed."""

    url: str
    folder: Path
    capture: Capture
    lines: list[str] = field(default_factory=list)
    over: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self, exchanges: int = 1) -> None:
        """Wait for this many more finished exchanges."""
        for _ in range(exchanges):
            assert self.over.acquire(timeout=60)


@contextmanager
def capturing(upstream: str, folder: Path) -> Iterator[Running]:
    """A capture in a thread; when the context ends, everything is written and printed."""
    loop, lines, stopping = asyncio.new_event_loop(), list[str](), asyncio.Event()
    listener = listening("127.0.0.1", 0)
    with Capture(folder, upstream, AGENTS, lines.append) as capture:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = Running(url, folder, capture, lines)

        def finished(*exchange: Any) -> None:
            capture.take(*exchange)
            running.over.release()

        serving = relay(upstream, listener, finished, stopping)
        thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
        thread.start()
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(timeout=60)
            loop.close()


def asked(url: str, body: dict[str, Any] = STREAM, key: str = KEY) -> httpx.Response:
    """One chat completion."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        headers = {"authorization": f"Bearer {key}"}
        return client.post(f"{url}/v1/chat/completions", json=body, headers=headers)


def connected(url: str) -> socket.socket:
    """A connection to this address."""
    host, port = url.removeprefix("http://").split("/")[0].split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def raw(url: str, request: bytes) -> bytes:
    """All bytes of the answer to this request, to the end of the connection."""
    with connected(url) as client:
        client.sendall(request)
        return rest_of(client)


def request(body: bytes = b'{"stream": true}', *headers: bytes) -> bytes:
    lines = (b"Host: x\r\n", b"Connection: close\r\n", length(body), *headers)
    return b"POST /v1/chat/completions HTTP/1.1\r\n%s\r\n%s" % (b"".join(lines), body)


def kept(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def rest_of(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65_536), b""))


def bodies(folder: Path) -> list[bytes]:
    """The recorded request bodies, in order."""
    talks = [opened(file.read_text("utf-8"))[0] for file in sorted(folder.glob("*.yaml"))]
    return [talk.exchanges[0].request.body for talk in talks]


@contextmanager
def between(handler: Handler, folder: Path) -> Iterator[tuple[Running, socket.socket]]:
    """A capture before a server with this handler, and a connection to it."""
    with raw_server(handler) as server, capturing(server.url, folder) as running, connected(running.url) as client:
        yield running, client
