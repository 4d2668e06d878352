"""A pass-through between a client and its provider: bytes go on as they come, and what came is told when it is over.

It stands on uvicorn, which hands every piece to the socket at once, sees clients that hang up, and closes a connection
whose answer breaks off. Names of headers reach the upstream in lower case, and reasons beside a status are the usual ones:
that is all that is not as it came, and no client looks at it. The frame around a body is made anew on either side.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import aclosing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from conformance.evidence.exchange import Ended, Headers, Request
from conformance.wire.http import Received, Transport, open_transport, pieces
from conformance.wire.limits import Limits

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Told = Callable[[Request, Received], None]

CONNECTIONS = 1_000  # to the upstream: as many as clients open
LARGEST_HEAD = 1024 * 1024
HOP_BY_HOP = frozenset(  # https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
    "connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)
NOT_FOR_UPSTREAM = HOP_BY_HOP | {"host", "expect"}  # its own name, and a body that is whole by then
WHOLE = frozenset({Ended.COMPLETE, Ended.OVER_LIMIT})


class Dropped(Exception):
    """The answer broke off, and so has the client's connection to."""


class Relay:
    """An ASGI application that asks `upstream` (scheme, host and port) whatever it is asked itself."""

    def __init__(self, upstream: str, transport: Transport, told: Told) -> None:
        self.upstream, self.transport, self.told = upstream, transport, told

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request; raises Dropped where the upstream broke off."""
        request = await self._asked(scope, receive)
        if request is None:
            return
        received = Received()
        answering = asyncio.create_task(self._answer(request, received, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waited = leaving.cancel()  # False when the client has left
            answering.cancel()
            await asyncio.wait({answering})
            if answering.cancelled():
                received.end(Ended.CLOSED_EARLY, "the capture ended" if waited else "the client hung up")
            self.told(request, received)
        if not answering.cancelled():
            answering.result()

    async def _asked(self, scope: Message, receive: Receive) -> Request | None:
        """The request as it goes to the upstream; None when the client left before it was whole."""
        body = []
        while (message := await receive())["type"] == "http.request":
            body.append(message.get("body", b""))
            if not message.get("more_body"):
                target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
                # A slash of our own, where an absolute URL would name another host.
                path = "/" + target.decode("latin-1").removeprefix("/")
                headers = _kept(scope["headers"], NOT_FOR_UPSTREAM)
                return Request(scope["method"], self.upstream + path, headers, b"".join(body))
        return None

    async def _answer(self, request: Request, received: Received, send: Send) -> None:
        async with aclosing(pieces(self.transport, request, Limits(), received)) as arriving:
            async for raw in arriving:
                await send(_piece(raw) if raw else _start(received))
        if received.response is None:
            await _refuse(request, received, send)
        elif received.ended in WHOLE:
            await send(_piece(b"", more=False))
        else:
            raise Dropped(received.detail)


async def _left(receive: Receive) -> None:
    """Returns when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _kept(raw: list[tuple[bytes, bytes]], without: frozenset[str]) -> Headers:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
    return tuple((name, value) for name, value in pairs if name.lower() not in without)


def _start(received: Received) -> Message:
    """The head of the answer, with every header as often and as spelled as it came."""
    head = received.response
    assert head is not None
    pairs = ((name, value) for name, value in head.headers if name.lower() not in HOP_BY_HOP)
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    return {"type": "http.response.start", "status": head.status, "headers": encoded}


def _piece(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def _refuse(request: Request, received: Received, send: Send) -> None:
    """A 502 that says what came instead of an answer."""
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    message = f"conformance capture: no answer from {host}: {received.detail}"
    error = {"message": message, "type": "upstream_error", "param": None, "code": str(received.ended)}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send(_piece(body, more=False))


def listening(host: str, port: int) -> socket.socket:
    """A socket on which clients are waited for; OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Named as TCP above: only then does asyncio turn off the waiting for more bytes, which costs 40 ms an answer.
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn, but for its way of ending the process again by the signal that ended it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def relay(upstream: str, listener: socket.socket, told: Told, stopping: asyncio.Event) -> None:
    """Passes on until `stopping` is set; `told` is called on the event loop with each exchange that is over."""
    transport = open_transport(upstream, CONNECTIONS)
    config = uvicorn.Config(
        Relay(upstream, transport, told),
        http="h11",  # the other one would be picked where it is installed
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level=logging.CRITICAL,  # that an answer broke off is told by us
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,  # longer than clients keep a connection, so that none finds it closed
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    await stopping.wait()
    server.should_exit = True
    await serving
    if cut_off := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(cut_off, timeout=1)  # what was under way tells of itself, too
    await transport.aclose()


def at_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping
