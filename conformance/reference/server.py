"""The provider on a socket: reads requests with h11 and performs the actions of the provider's answer.

h11 only reads. It would refuse to write most of what a fault sends.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import h11

from conformance.reference.api import LARGEST_BODY, Provider
from conformance.reference.stages import Action, Actions, Close, Hang, Pause, Reset, Send

LARGEST_HEAD = 1024 * 1024
READ_SIZE = 256 * 1024
REMEMBERED = 1000


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _TooLarge(Exception):
    """The body of a request is larger than the server accepts."""


class Server:
    """A provider that listens on a port, with the requests that it has received."""

    def __init__(self, provider: Provider, host: str = "127.0.0.1", port: int = 0) -> None:
        self.provider = provider
        self.host = host
        self.port = port
        self.seen: deque[Seen] = deque(maxlen=REMEMBERED)
        self.answered = 0
        self.concurrent = 0
        self.peak = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """The base URL to configure in a client."""
        return f"http://{self.host}:{self.port}{self.provider.base_path}"

    async def start(self) -> None:
        """Start to listen; raises OSError when the port is taken."""
        self._listener = await asyncio.start_server(self._connected, self.host, self.port, backlog=512)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection, also those that hang."""
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, TimeoutError, h11.RemoteProtocolError, asyncio.CancelledError):
                await self._converse(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other until one side closes the connection."""
        rest = b""
        while True:
            try:
                seen, rest, last = await _read_request(reader, writer, rest)
            except (_TooLarge, h11.RemoteProtocolError) as problem:
                writer.write(_REFUSALS[isinstance(problem, _TooLarge)])
                return
            if seen is None or not await self._answer(seen, reader, writer) or last:
                return

    async def _answer(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer a request; returns whether the connection can be used again."""
        self.seen.append(seen)
        self.concurrent += 1
        self.peak = max(self.peak, self.concurrent)
        try:
            actions = self.provider.handle(seen.method, seen.target, dict(seen.headers), seen.body)
            return await _play(actions, reader, writer)
        finally:
            self.concurrent -= 1
            self.answered += 1


_ERROR = b'{"error":{"message":"%s","type":"invalid_request_error","param":null,"code":null}}'
_REFUSALS = {
    large: b"HTTP/1.1 %s\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
    % (status, len(_ERROR % message), _ERROR % message)
    for large, status, message in (
        (True, b"413 Content Too Large", b"The request body is too large."),
        (False, b"400 Bad Request", b"This is not a valid HTTP request."),
    )
}


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes
) -> tuple[Seen | None, bytes, bool]:
    """The next request, the bytes read after it, and whether it is the last one on the connection."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
    if rest:
        connection.receive_data(rest)
    head: h11.Request | None = None
    parts: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.send(h11.InformationalResponse(status_code=100, headers=[]))
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            if sum(map(len, parts)) > LARGEST_BODY:
                raise _TooLarge
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _seen(head, parts), connection.trailing_data[0], _is_last(head)
        else:
            return None, b"", True


def _seen(head: h11.Request, parts: list[bytes]) -> Seen:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Seen(head.method.decode("latin-1"), head.target.decode("latin-1"), headers, b"".join(parts))


def _is_last(head: h11.Request) -> bool:
    tokens = b",".join(value for name, value in head.headers if name == b"connection").lower()
    return b"close" in tokens or (head.http_version < b"1.1" and b"keep-alive" not in tokens)


async def _play(actions: Actions, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Perform the actions; returns whether the connection can be used again."""
    for action in actions:
        if not await _act(action, reader, writer):
            return False
    return True


async def _act(action: Action, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    match action:
        case Send(data):
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0)  # lets other connections run, and the kernel send this piece separately
        case Pause(seconds):
            await asyncio.sleep(seconds)
        case Hang():
            while await reader.read(READ_SIZE):
                pass
            return False
        case Reset():
            _reset(writer)
            return False
        case Close():
            return False
    return True


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN: a linger time of zero discards what was not sent."""
    if writer.is_closing():
        return  # the client has already closed the connection
    connection = writer.get_extra_info("socket")
    if isinstance(connection, socket.socket) or hasattr(connection, "setsockopt"):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def serve(provider: Provider, host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    """Serve in a background thread while the context lasts."""
    server = Server(provider, host, port)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(server.start())
    except OSError:
        loop.close()
        raise
    thread = threading.Thread(target=loop.run_forever, name="reference-provider", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def announce(base_url: str) -> None:
    """Print the first line of `conformance serve`; scripts wait for it."""
    print(f"listening on {base_url}", flush=True)


def run_forever(provider: Provider, port: int = 0, started: Callable[[str], None] = announce) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; raises OSError when the port is taken."""
    asyncio.run(_run_until_signal(Server(provider, port=port), started))


async def _run_until_signal(server: Server, started: Callable[[str], None]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await server.start()
    started(server.base_url)
    await stopping.wait()
    await server.stop()
