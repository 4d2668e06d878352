"""Relays bytes between a client and its provider unchanged, and reads a copy of them.

Each client connection has its own upstream connection, opened with its first request. Bytes from one side are written
to the other at once, readable or not, and the way one side ends (close, half close, reset) ends the other. Requests
are changed in two places: the Host line names the upstream, and an offer of HTTP/2 is removed.
"""

from __future__ import annotations

import asyncio
import json
import select
import signal
import socket
import struct
import weakref
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from conformance.evidence.exchange import Ended
from conformance.wire.dial import Dial
from conformance.wire.http import unreached
from conformance.wire.limits import Limits
from conformance.wire.transcript import Finished, Refused, Transcript

RST = struct.pack("ii", 1, 0)  # SO_LINGER: on, for zero seconds


class Side(asyncio.Protocol):
    """One of the two connections of a tunnel: calls `came` with its bytes, `ended` at their end (with the error, if any).

    While this side cannot take more, the other is not read.
    """

    def __init__(self, came: Callable[[bytes], None], ended: Callable[[Exception | None], None]) -> None:
        self.came, self.ended = came, ended
        self.transport: asyncio.Transport | None = None
        self.other: Side
        self.over = self.gone = False  # nothing more arrives; nothing more can be sent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Reports the bytes."""
        self.came(data)

    def eof_received(self) -> bool:
        """Reports the end of the bytes; writing stays possible."""
        self._end(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Reports the end of the connection, unless it was reported before."""
        self.gone = True
        if exc or not self.over:
            self._end(exc)

    def _end(self, error: Exception | None) -> None:
        self.over = True
        self.ended(error)

    def pause_writing(self) -> None:
        """Stops reading from the other side."""
        if self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Reads from the other side again."""
        if self.other.transport:
            self.other.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Sends bytes."""
        assert self.transport
        self.transport.write(data)

    def waiting(self) -> bool:
        """True when bytes or the end have arrived but are not read yet."""
        if not self.transport or self.over:
            return False
        look = select.poll()
        look.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(look.poll(0))

    def write_eof(self) -> bool:
        """Half-closes; False when the other half is closed already, or with TLS, which has no half close."""
        if self.over or self.gone or not self.transport or not self.transport.can_write_eof():
            return False
        with suppress(OSError):  # broken meanwhile, which `ended` reports as well
            self.transport.write_eof()
        return True

    def abort(self, *, reset: bool) -> None:
        """Closes at once, with RST instead of FIN when `reset`; drops unsent bytes and reports nothing more."""
        self.over = True
        if self.transport:
            if reset:
                with suppress(OSError):  # already closed
                    connection = self.transport.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            self.transport.abort()

    def close(self) -> None:
        """Closes when everything is sent; reports nothing more."""
        self.over = True
        if self.transport:
            self.transport.close()


class Tunnel:
    """A client's connection, its upstream connection, and the transcript of both."""

    def __init__(self, way: Dial, transcript: Transcript) -> None:
        self.client = Side(self._asked, self._client_ended)
        self._way, self._transcript = way, transcript
        self._held = b""  # for the upstream, until it is connected
        self._refused = False
        self._begin()

    def _begin(self) -> None:
        """Prepares an upstream side, which connects when there is something to send."""
        self.upstream = Side(self._answered, self._upstream_ended)
        self.client.other, self.upstream.other = self.upstream, self.client
        self._dialing: asyncio.Task[None] | None = None

    def _asked(self, data: bytes) -> None:
        if self._transcript.idle and self.upstream.waiting():
            self._renew()
        try:
            onward = self._transcript.asked(data)
        except Refused as refusal:
            self._refuse(refusal.status, f"{refusal}", "invalid_request_error", "not-passed-on")
            return
        if self.upstream.gone:  # the client sees the same as from the upstream itself
            self._upstream_ended(ConnectionResetError())
        elif self.upstream.transport and not self._held:
            self.upstream.write(onward)
        elif onward and not self._refused:
            self._held += onward
            self._dialing = self._dialing or asyncio.create_task(self._dial())

    async def _dial(self) -> None:
        try:
            async with asyncio.timeout(Limits().connect):
                await self._way.connect(self.upstream)
        except (OSError, ValueError) as error:  # ValueError for an invalid host name
            self._held = b""
            self._unreached(*unreached(error))
        else:
            self.upstream.write(self._held)
            self._held = b""
        if self.client.over:
            self._client_ended(None)

    def _unreached(self, ended: Ended, detail: str) -> None:
        message = f"no answer from {self._way.name}: {detail}"
        self._refuse(HTTPStatus.BAD_GATEWAY, message, "upstream_error", str(ended))
        self._transcript.end(ended, detail)

    def _refuse(self, status: int, message: str, kind: str, code: str) -> None:
        """Sends a refusal as the last answer on this connection; keeps reading, so that the client receives it."""
        if self.upstream.transport:  # too late: it would mix with the answers of the upstream
            self.close(reset=True)
        elif not self._refused:
            self._refused = True
            self.client.write(refusal(status, message, kind, code))
            self.client.write_eof()

    def _answered(self, data: bytes) -> None:
        self.client.write(data)  # before it is read: the client waits for it
        self._transcript.answered(data)

    def _client_ended(self, error: Exception | None) -> None:
        self._transcript.client_left = True
        if error:
            self.close(reset=True)
        elif not self._held and not (self._transcript.under_way and self.upstream.write_eof()):
            self.close()

    def _upstream_ended(self, error: Exception | None) -> None:
        if error:
            self._transcript.broke(error)
            self.close(reset=True)
            return
        self._transcript.closed()
        if self._transcript.idle and self.client.waiting():
            self._renew()
        elif not self.client.write_eof():
            self.close()

    def _renew(self) -> None:
        """Replaces an upstream connection that closed between two requests, when the next request is already here.

        Without a capture the client would see the close in time: a server may close an idle connection unannounced.
        """
        self.upstream.abort(reset=False)
        self._begin()

    def close(self, *, reset: bool = False) -> None:
        """Closes both connections and ends their open exchanges."""
        self._transcript.left()
        self.upstream.abort(reset=reset)
        if reset:
            self.client.abort(reset=True)
        else:
            self.client.close()
        if self._dialing:
            self._dialing.cancel()

    def stop(self) -> None:
        """The same at the end of the capture: resets the client's connection when an answer is incomplete."""
        cut = self._transcript.under_way
        self._transcript.left("the capture ended")
        self.close(reset=cut)


def refusal(status: int, message: str, kind: str, code: str) -> bytes:
    """An answer whose JSON error says why the request was not forwarded, or got no answer."""
    error = {"message": f"conformance capture: {message}", "type": kind, "param": None, "code": code}
    body = json.dumps({"error": error}).encode()
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    rest = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (first + rest).encode() + body


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens for clients; raises OSError when the address is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # IPPROTO_TCP is explicit: only then does asyncio set TCP_NODELAY, without which each answer takes 40 ms longer.
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


async def relay(upstream: str, listener: socket.socket, finished: Finished, stopping: asyncio.Event) -> None:
    """Relays until `stopping` is set; calls `finished` on the event loop with each finished exchange."""
    way, tunnels = Dial(upstream), weakref.WeakSet[Tunnel]()

    def accepted() -> Side:
        tunnel = Tunnel(way, Transcript(upstream, finished))
        tunnels.add(tunnel)
        return tunnel.client

    server = await asyncio.get_running_loop().create_server(accepted, sock=listener)
    await stopping.wait()
    server.close()
    for tunnel in list(tunnels):
        tunnel.stop()
    await asyncio.sleep(0)  # lets the sockets close
    if cut_off := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(cut_off, timeout=1)


def at_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping
