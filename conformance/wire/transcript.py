"""What is said on one connection of a capture, as evidence: h11 reads a copy of the bytes of either direction.

It says where requests and answers begin and end, and writes nothing. What it cannot read goes on all the same, and is
evidence of that: the words are those that a run has for it.
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

Told = Callable[[Request, Received], None]

LARGEST_HEAD = 1024 * 1024
HOST = re.compile(rb"^(host:[ \t]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
# The offer to go on in HTTP/2 without TLS, as Java's client makes it: servers may ignore it, and so it is not passed on.
H2C = re.compile(rb"^(?:upgrade|http2-settings):[^\r\n]*\r?\n", re.IGNORECASE | re.MULTILINE)


class Refused(Exception):
    """A request that cannot be passed on: the status to answer with, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Underway:
    """A request that has begun, and what has come of its answer."""

    def __init__(self, head: h11.Request, url: str, host: bytes) -> None:
        self.start = time.monotonic()
        self.received = Received()
        self.asked = self.answered = False  # to their ends
        self.body: list[bytes] = []
        self._head, self._url, self._host = head, url, host
        self._decoder, self._left = Decoder("", 0), Limits().stream
        self._reader = h11.Connection(h11.CLIENT, LARGEST_HEAD)
        self._reader.send(h11.Request(method=head.method, target="/", headers=[("Host", "h")]))
        self._reader.send(h11.EndOfMessage())

    @property
    def request(self) -> Request:
        """What was asked, as the upstream got it."""
        pairs = _text(self._head.headers.raw_items())
        host = self._host.decode("latin-1")
        headers = tuple((name, host if name.lower() == "host" else value) for name, value in pairs)
        return Request(self._head.method.decode("latin-1"), self._url, headers, b"".join(self.body))

    def hear(self, data: bytes) -> bytes:
        """Takes in what came of the answer, b"" when nothing more will; returns what lies behind its end."""
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
        """Says how the answer ended, unless it has ended already."""
        if not self.answered:
            self.answered = True
            self.received.end(ended, detail)
            self.received.seconds = time.monotonic() - self.start


class Transcript:
    """The exchanges of one client's connection: `told` is called with each when it is over."""

    def __init__(self, upstream: str, told: Told) -> None:
        self.client_left = False
        self._upstream, self._told = upstream, told
        self._host = urlsplit(upstream).netloc.encode()
        self._asking = h11.Connection(h11.SERVER, LARGEST_HEAD)
        self._asked: Underway | None = None  # whose request is being read
        self._pending = b""  # a head that is not whole
        self._behind = b""  # what came though nothing was asked
        self._open: deque[Underway] = deque()
        self._unreadable = False
        self._strange: tuple[Ended, str] | None = None

    @property
    def under_way(self) -> bool:
        """True while an exchange is not over."""
        return bool(self._open)

    @property
    def idle(self) -> bool:
        """True between two exchanges, when all before could be read."""
        return not (self._open or self._pending or self._unreadable or self._strange)

    def asked(self, data: bytes) -> bytes:
        """What goes on of the client's bytes: all but a head that is not whole, with the host's name in it; raises Refused."""
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
        """What goes on when this is read, and what is still to be."""
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
        """The head as it goes on; raises Refused for what would be no HTTP from then on."""
        offers = {value.lower() for name, value in head.headers if name == b"upgrade"}
        if head.method == b"CONNECT" or offers - {b"h2c"}:
            self._unreadable = True
            raise Refused(501, "only plain HTTP/1.1 is passed on: no CONNECT, no upgrade to another protocol")
        path = "/" + head.target.decode("latin-1").removeprefix("/")
        self._asked = Underway(head, self._upstream + path, self._host)
        self._open.append(self._asked)
        named, found = HOST.subn(lambda line: line[1] + self._host, H2C.sub(b"", raw) if offers else raw)
        return named if found else raw.replace(b"\n", b"\nHost: %s\r\n" % self._host, 1)

    def _whole(self, rest: bytes) -> None:
        """The request is whole; the next one begins with what is left."""
        assert self._asked
        self._asked.asked, self._asked = True, None
        self._asking = h11.Connection(h11.SERVER, LARGEST_HEAD)
        if rest:  # no bytes would mean that no more will come
            self._asking.receive_data(rest)
        self._tell()

    def answered(self, data: bytes) -> None:
        """Takes in what came from the upstream."""
        if self._strange:
            return
        rest = self._behind + data
        while rest and not self._strange and (exchange := self._next()):
            rest = self._heard(exchange, rest)
        self._behind = rest[:LARGEST_HEAD]

    def closed(self) -> None:
        """The upstream has closed: what it did not answer by then it never will."""
        if self.client_left:
            self.left()
        while exchange := self._next():
            self._heard(exchange, b"")

    def _heard(self, exchange: Underway, data: bytes) -> bytes:
        rest = exchange.hear(data)
        if exchange.received.ended not in (Ended.COMPLETE, Ended.OVER_LIMIT):
            self._strange = (exchange.received.ended, exchange.received.detail)
        self._tell()
        return rest

    def broke(self, error: Exception) -> None:
        """The connection to the upstream broke."""
        if self.client_left:
            self.left()
        if exchange := self._next():
            self.end(*failure(error, exchange.received))

    def left(self, detail: str = "the client hung up") -> None:
        """Nobody waits for the rest."""
        self.end(Ended.HUNG_UP, detail)
        for exchange in self._open:
            exchange.asked = True
        self._tell()

    def end(self, ended: Ended, detail: str) -> None:
        """What is under way ends like this, unless the answers could not be read before: then as that one did."""
        while exchange := self._next():
            exchange.end(*(self._strange or (ended, detail)))
        self._tell()

    def _next(self) -> Underway | None:
        return next((exchange for exchange in self._open if not exchange.answered), None)

    def _tell(self) -> None:
        while self._open and self._open[0].asked and self._open[0].answered:
            exchange = self._open.popleft()
            self._told(exchange.request, exchange.received)


def _text(pairs: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
