"""A server that does exactly what a test writes: bytes on a loopback port, sound HTTP or not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from conformance.wire.http import Received, open_transport, send
from conformance.wire.limits import Limits

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
EVENTS = b"Content-Type: text/event-stream\r\n"
JSON = b"Content-Type: application/json\r\n"


def length(body: bytes | int) -> bytes:
    """The Content-Length header of a body, or of that many bytes."""
    return b"Content-Length: %d\r\n" % (body if isinstance(body, int) else len(body))


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole, sound answer."""
    return b"HTTP/1.1 %s\r\n%s%s\r\n%s" % (status, b"".join(headers), length(body), body)


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; of no data, the end of it."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class Caller:
    """One connection, from the side of the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.head = self.body = b""

    async def request(self) -> Caller:
        """Reads one request whole."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        self.body = await self.reader.readexactly(int(self.header("content-length") or 0))
        return self

    def header(self, name: str) -> str | None:
        """A header of the request."""
        lines = [line.split(": ", 1) for line in self.head.decode("latin-1").split("\r\n")[1:] if line]
        return next((value for key, value in lines if key.lower() == name), None)

    @property
    def target(self) -> str:
        """What was asked for."""
        return self.head.split(b" ")[1].decode("latin-1")

    @property
    def streams(self) -> bool:
        """Whether a stream was asked for."""
        return b'"stream": true' in self.body

    async def send(self, *pieces: bytes) -> None:
        """Sends pieces, each handed to the kernel before the next."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def forever(self, piece: bytes) -> None:
        """Sends a piece again and again, until the client has enough."""
        while True:
            await self.send(piece)

    async def gone(self) -> None:
        """Waits until the client hangs up."""
        while await self.reader.read(65_536):
            pass

    def reset(self) -> None:
        """Tears the connection down (RST) instead of closing it."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Caller], Awaitable[None]]


def says(*pieces: bytes) -> Handler:
    """A handler that reads the request, sends these pieces and closes."""

    async def handle(caller: Caller) -> None:
        await caller.request()
        await caller.send(*pieces)

    return handle


@dataclass
class RawServer:
    """Where it listens, and who called."""

    port: int = 0
    scheme: str = "http"
    callers: list[Caller] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its root, without a slash."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Caller]:
        """The callers who sent a request that was read."""
        return [caller for caller in self.callers if caller.head]


@contextmanager
def raw_server(handler: Handler, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serves every connection with the handler, in a thread of its own, for as long as the context lasts."""
    server, tasks = RawServer(scheme="https" if tls else "http"), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = Caller(reader, writer)
        server.callers.append(caller)
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(caller)
        tasks.discard(task)
        writer.close()

    async def listen() -> asyncio.Server:
        listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls, backlog=256, limit=1 << 20)
        server.port = listener.sockets[0].getsockname()[1]
        return listener

    async def end(listener: asyncio.Server) -> None:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # failed handshakes are what some tests are about
    listener = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, name="raw-server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(end(listener), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


def free_port() -> int:
    """A loopback port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def fetch(url: str, *, method: str = "POST", body: bytes = b"{}", **limits: float) -> Received:
    """One request through the real transport."""

    async def go() -> Received:
        transport = open_transport(url, 1)
        headers = (("Accept-Encoding", "gzip, deflate"),)
        return await send(transport, method, url, headers, body, Limits(**limits))  # type: ignore[arg-type]

    return asyncio.run(go())


def received(handler: Handler, **limits: float) -> Received:
    """What one request to a server with this handler leaves."""
    with raw_server(handler) as server:
        return fetch(server.url + "/v1/chat/completions", **limits)
