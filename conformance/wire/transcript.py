"""Reads a connection of a capture as evidence: h11 parses a copy of the bytes in both directions.

h11 only finds where requests and answers begin and end; it writes nothing. Bytes that it cannot read are relayed too,
and the exchange ends as it does in a run.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import h11

from conformance.evidence.decoding import Decoder
from conformance.evidence.exchange import Chunk, Ended, Headers, Request, Response, header_of
from conformance.wire.http import UNANSWERED, Received, failure, protocol_failure
from conformance.wire.limits import Limits

Finished = Callable[[Request, Received], None]

LARGEST_HEAD = 1024 * 1024
HOST = re.compile(rb"^(host:[ \t]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
# An offer to switch to HTTP/2 without TLS, as Java's client makes it. Servers may ignore it, so it is not forwarded.
H2C = re.compile(rb"^(?:upgrade|http2-settings):[^\r\n]*\r?\n", re.IGNORECASE | re.MULTILINE)


class Refused(Exception):
    """A request that cannot be forwarded: the status to answer with, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Underway:
    """A request that has begun, and its answer so far."""

    def __init__(self, head: h11.Request, url: str, host: bytes) -> None:
        self.start = time.monotonic()
        self.received = Received()
        self.asked = self.answered = False  # in full
        self.body: list[bytes] = []
        self._head, self._url, self._host = head, url, host
        self._decoder, self._left = Decoder("", 0), Limits().stream
        self._reader = h11.Connection(h11.CLIENT, LARGEST_HEAD)
        self._reader.send(h11.Request(method=head.method, target="/", headers=[("Host", "h")]))
        self._reader.send(h11.EndOfMessage())

    @property
    def request(self) -> Request:
        """The request as the upstream got it."""
        pairs = _text(self._head.headers.raw_items())
        host = self._host.decode("latin-1")
        headers = tuple((name, host if name.lower() == "host" else value) for name, value in pairs)
        return Request(self._head.method.decode("latin-1"), self._url, headers, b"".join(self.body))

    def read(self, data: bytes) -> bytes:
        """Reads bytes of the answer, b"" for their end; returns the bytes after the answer."""
        if not data and self._reader.their_state is h11.SEND_RESPONSE:
            self.end(*UNANSWERED)
            return b""
        self._reader.receive_data(data)
        try:
            while not self.answered and (event := self._reader.next_event()) is not h11.NEED_DATA:
                self._take(event)
        except h11.RemoteProtocolError as error:
            self.end(*protocol_failure(str(error), self.received))
        return self._reader.trailing_data[0] if self.answered else b""

    def _take(self, event: object) -> None:
        at = time.monotonic() - self.start
        if isinstance(event, h11.Response):
            version = f"HTTP/{event.http_version.decode()}"
            headers, reason = _text(event.headers.raw_items()), event.reason.decode("latin-1")
            self.received.response = Response(event.status_code, headers, reason, version, at)
            asked = header_of(self.request.headers, "accept-encoding") or ""
            self._decoder = Decoder(header_of(headers, "content-encoding") or "", self._left, asked)
        elif isinstance(event, h11.Data):
            self._keep(at, bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            over = (Ended.OVER_LIMIT, f"only the first {Limits().stream:,} bytes were kept")
            self.end(*over if self._left < 0 else (Ended.COMPLETE, ""))

    def _keep(self, at: float, raw: bytes) -> None:
        if self._left > 0 and (data := self._decoder.decode(raw)):
            self.received.chunks.append(Chunk(at, data[: self._left]))
            self.received.undecodable, self._left = self._decoder.failed, self._left - len(data)

    def end(self, ended: Ended, detail: str) -> None:
        """Sets how the answer ended, unless it has already ended."""
        if not self.answered:
            self.answered = True
            self.received.end(ended, detail)
            self.received.seconds = time.monotonic() - self.start


class Transcript:
    """The exchanges on one client connection: calls `finished` with each when it is over."""

    def __init__(self, upstream: str, finished: Finished) -> None:
        self.client_left = False
        self._upstream, self._finished = upstream, finished
        self._host = urlsplit(upstream).netloc.encode()
        self._asking = h11.Connection(h11.SERVER, LARGEST_HEAD)
        self._asked: Underway | None = None  # the exchange whose request is being read
        self._pending = b""  # an incomplete head
        self._behind = b""  # bytes that arrived without a request
        self._open: deque[Underway] = deque()
        self._unreadable = False
        self._strange: tuple[Ended, str] | None = None

    @property
    def under_way(self) -> bool:
        """True while an exchange is open."""
        return bool(self._open)

    @property
    def idle(self) -> bool:
        """True between two exchanges, if everything before was readable."""
        return not (self._open or self._pending or self._unreadable or self._strange)

    def asked(self, data: bytes) -> bytes:
        """The client's bytes to forward: all but an incomplete head, with the upstream's host; raises Refused."""
        if self._unreadable:
            return data
        pending, self._pending, onward = self._pending + data, b"", b""
        self._asking.receive_data(data)
        try:
            while (event := self._asking.next_event()) is not h11.NEED_DATA:
                onward, pending = self._read(event, onward, pending)
        except h11.RemoteProtocolError as error:
            self._unreadable = True
            if self._asked is None:
                raise Refused(error.error_status_hint, str(error)) from None
        if self._asked is None:
            self._pending = pending
            return onward
        return onward + pending

    def _read(self, event: object, onward: bytes, pending: bytes) -> tuple[bytes, bytes]:
        """The bytes to forward after this event, and the bytes not read yet."""
        if isinstance(event, h11.Data) and self._asked:
            self._asked.body.append(bytes(event.data))
            return onward, pending
        rest = self._asking.trailing_data[0]
        part = pending.removesuffix(rest)
        if isinstance(event, h11.Request):
            return onward + self._begin(event, part), rest
        self._whole(rest)
        return onward + part, rest

    def _begin(self, head: h11.Request, raw: bytes) -> bytes:
        """The head to forward; raises Refused for one that leaves HTTP."""
        offers = {value.lower() for name, value in head.headers if name == b"upgrade"}
        if head.method == b"CONNECT" or offers - {b"h2c"}:
            self._unreadable = True
            raise Refused(501, "only plain HTTP/1.1 is forwarded: no CONNECT, no upgrade to another protocol")
        path = "/" + head.target.decode("latin-1").removeprefix("/")
        self._asked = Underway(head, self._upstream + path, self._host)
        self._open.append(self._asked)
        named, found = HOST.subn(lambda line: line[1] + self._host, H2C.sub(b"", raw) if offers else raw)
        return named if found else raw.replace(b"\n", b"\nHost: %s\r\n" % self._host, 1)

    def _whole(self, rest: bytes) -> None:
        """The request is complete; the next one begins with the rest."""
        assert self._asked
        self._asked.asked, self._asked = True, None
        self._asking = h11.Connection(h11.SERVER, LARGEST_HEAD)
        if rest:  # empty bytes would mean the end of the connection
            self._asking.receive_data(rest)
        self._report()

    def answered(self, data: bytes) -> None:
        """Reads bytes from the upstream."""
        if self._strange:
            return
        rest = self._behind + data
        while rest and not self._strange and (exchange := self._next()):
            rest = self._read_answer(exchange, rest)
        self._behind = rest[:LARGEST_HEAD]

    def closed(self) -> None:
        """The upstream has closed: open requests get no more answers."""
        if self.client_left:
            self.left()
        while exchange := self._next():
            self._read_answer(exchange, b"")

    def _read_answer(self, exchange: Underway, data: bytes) -> bytes:
        rest = exchange.read(data)
        if exchange.received.ended not in (Ended.COMPLETE, Ended.OVER_LIMIT):
            self._strange = (exchange.received.ended, exchange.received.detail)
        self._report()
        return rest

    def broke(self, error: Exception) -> None:
        """The connection to the upstream broke."""
        if self.client_left:
            self.left()
        if exchange := self._next():
            self.end(*failure(error, exchange.received))

    def left(self, detail: str = "the client hung up") -> None:
        """The client has left; ends the open exchanges."""
        self.end(Ended.HUNG_UP, detail)
        for exchange in self._open:
            exchange.asked = True
        self._report()

    def end(self, ended: Ended, detail: str) -> None:
        """Ends the open exchanges like this; after an unreadable answer, like that one."""
        while exchange := self._next():
            exchange.end(*(self._strange or (ended, detail)))
        self._report()

    def _next(self) -> Underway | None:
        return next((exchange for exchange in self._open if not exchange.answered), None)

    def _report(self) -> None:
        while self._open and self._open[0].asked and self._open[0].answered:
            exchange = self._open.popleft()
            self._finished(exchange.request, exchange.received)


def _text(pairs: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
