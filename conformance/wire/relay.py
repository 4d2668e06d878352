"""A pass-through between a client and its provider: the bytes of either side go on as they come, and a copy is read.

Each connection of a client has one to the upstream, made with its first request. What arrives on one is written to the
other at once, read or not, and each way in which one ends is how the other ends: a close, a half of one, a reset. Of a
request only the Host line differs, which has to name the upstream, and an offer of HTTP/2 is left out.
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
from conformance.wire.transcript import Refused, Told, Transcript

RST = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time at all


class Side(asyncio.Protocol):
    """One of the two connections of a tunnel: says what comes on it, and that nothing more will (with why, when it broke).

    While this one cannot take more, the other is not read.
    """

    def __init__(self, came: Callable[[bytes], None], ended: Callable[[Exception | None], None]) -> None:
        self.came, self.ended = came, ended
        self.transport: asyncio.Transport | None = None
        self.other: Side
        self.over = self.gone = False  # nothing more comes; nothing more goes either

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection over."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Says what came."""
        self.came(data)

    def eof_received(self) -> bool:
        """Says that nothing more will come; what is to be written still can be."""
        self._end(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Says that the connection is gone, unless its end was said before."""
        self.gone = True
        if exc or not self.over:
            self._end(exc)

    def _end(self, error: Exception | None) -> None:
        self.over = True
        self.ended(error)

    def pause_writing(self) -> None:
        """Has the other one wait."""
        if self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Has the other one go on."""
        if self.other.transport:
            self.other.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Hands bytes to the socket."""
        assert self.transport
        self.transport.write(data)

    def waiting(self) -> bool:
        """True when something is there that is not read yet: bytes, or the end."""
        if not self.transport or self.over:
            return False
        look = select.poll()
        look.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(look.poll(0))

    def write_eof(self) -> bool:
        """Closes this half; False where it is the last one, or where there are no halves: within TLS."""
        if self.over or self.gone or not self.transport or not self.transport.can_write_eof():
            return False
        with suppress(OSError):  # broken in the meantime, which will be said as well
            self.transport.write_eof()
        return True

    def abort(self, *, reset: bool) -> None:
        """Closes at once, with RST instead of FIN if so wished; what is not written yet is lost, and nothing more said."""
        self.over = True
        if self.transport:
            if reset:
                with suppress(OSError):  # it is gone
                    connection = self.transport.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            self.transport.abort()

    def close(self) -> None:
        """Closes when all is written; nothing more is said."""
        self.over = True
        if self.transport:
            self.transport.close()


class Tunnel:
    """The connection of a client, the one to the upstream, and the transcript of what is said on them."""

    def __init__(self, way: Dial, transcript: Transcript) -> None:
        self.client = Side(self._asked, self._client_ended)
        self._way, self._transcript = way, transcript
        self._held = b""  # for the upstream, until it is connected
        self._refused = False
        self._begin()

    def _begin(self) -> None:
        """Makes ready for an upstream that will be connected when there is something to send."""
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
        if self.upstream.gone:  # the client learns it as it would from the upstream itself
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
        except (OSError, ValueError) as error:  # the latter for a name that cannot be one
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
        """An answer of our own, the last on this connection; what the client still sends is read, so that it gets it."""
        if self.upstream.transport:  # too late: it would get between the answers of another
            self.close(reset=True)
        elif not self._refused:
            self._refused = True
            self.client.write(refusal(status, message, kind, code))
            self.client.write_eof()

    def _answered(self, data: bytes) -> None:
        self.client.write(data)  # before it is looked at: the client waits for it
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
        """Leaves an upstream that closed between two requests, for the next is here already.

        Without a capture the client would have seen that in time: servers that keep no connection need not say so.
        """
        self.upstream.abort(reset=False)
        self._begin()

    def close(self, *, reset: bool = False) -> None:
        """Closes both connections; whatever is under way has ended."""
        self._transcript.left()
        self.upstream.abort(reset=reset)
        if reset:
            self.client.abort(reset=True)
        else:
            self.client.close()
        if self._dialing:
            self._dialing.cancel()

    def stop(self) -> None:
        """The same because the capture ends: an answer that is under way breaks off for the client, too."""
        cut = self._transcript.under_way
        self._transcript.left("the capture ended")
        self.close(reset=cut)


def refusal(status: int, message: str, kind: str, code: str) -> bytes:
    """An answer whose JSON error says why nothing was passed on, or passed back."""
    error = {"message": f"conformance capture: {message}", "type": kind, "param": None, "code": code}
    body = json.dumps({"error": error}).encode()
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    rest = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (first + rest).encode() + body


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


async def relay(upstream: str, listener: socket.socket, told: Told, stopping: asyncio.Event) -> None:
    """Passes on until `stopping` is set; `told` is called on the event loop with each exchange that is over."""
    way, tunnels = Dial(upstream), weakref.WeakSet[Tunnel]()

    def accepted() -> Side:
        tunnel = Tunnel(way, Transcript(upstream, told))
        tunnels.add(tunnel)
        return tunnel.client

    server = await asyncio.get_running_loop().create_server(accepted, sock=listener)
    await stopping.wait()
    server.close()
    for tunnel in list(tunnels):
        tunnel.stop()
    await asyncio.sleep(0)  # in which the sockets are closed
    if cut_off := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(cut_off, timeout=1)


def at_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping
