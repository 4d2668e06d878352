"""The one module that imports httpx: sends a request, times every chunk, and turns every failure into evidence.

Connections are not reused, so a dropped connection is always the server's doing and never a stale one. Redirects are
not followed, because what a redirect does to a POST is itself evidence.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from conformance.evidence.decoding import Decoder
from conformance.evidence.exchange import Chunk, Ended, Headers, Response
from conformance.wire.limits import Limits

Transport = httpx.AsyncBaseTransport
T = TypeVar("T")
# A whole line: a model that writes "data: [DONE]" in its answer has not ended the stream.
DONE = re.compile(rb"(?:\A|[\r\n])data: ?\[DONE\][\r\n]+\Z")
UNACCEPTED = (Ended.TIMED_OUT, "the connection was not accepted in time")
UNANSWERED = (Ended.CLOSED_EARLY, "the connection was closed without an answer")
REFUSED = (Ended.REFUSED, "nothing listens there: the connection was refused")
FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError)


@dataclass
class Received:
    """The answer to one request, before secrets are masked; filled while it arrives."""

    response: Response | None = None
    chunks: list[Chunk] = field(default_factory=list)
    ended: Ended = Ended.COMPLETE
    detail: str = ""
    undecodable: str = ""
    seconds: float = 0.0

    def end(self, ended: Ended, detail: str) -> None:
        """Set how it ended."""
        self.ended, self.detail = ended, detail


class Stop(Exception):
    """Reading stops here; carries `ended` and `detail` of the exchange."""

    def __init__(self, ended: Ended, detail: str) -> None:
        super().__init__(detail)
        self.ended = ended


def open_transport(url: str, connections: int) -> Transport:
    """A transport for the host of this URL, through the environment's proxy if there is one."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=0)
    return httpx.AsyncHTTPTransport(verify=ssl.create_default_context(), limits=limits, proxy=proxy_for(url))


def proxy_for(url: str) -> str | None:
    """The proxy that the environment has for this URL; None for this machine itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127.") or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def loop_time() -> float:
    """Seconds by the clock of the running event loop, by which the limits run too."""
    return asyncio.get_running_loop().time()


async def send(transport: Transport, method: str, url: str, headers: Headers, body: bytes, limits: Limits) -> Received:
    """Sends one request and reads its answer to the end or to a limit; only cancellation raises."""
    received, start = Received(), loop_time()
    try:
        async with asyncio.timeout(limits.total):
            await _exchange(transport, _request(method, url, headers, body, limits), received, start, limits)
    except TimeoutError:
        received.end(Ended.TIMED_OUT, f"not finished after {limits.total:g} s")
    except Stop as stop:
        received.end(stop.ended, str(stop))
    except FAILURES as error:
        received.end(*failure(error, received))
    received.seconds = loop_time() - start
    return received


async def leave(transport: Transport, method: str, url: str, headers: Headers, body: bytes, limits: Limits) -> None:
    """Sends one request and disconnects at the first bytes of its answer, like a user who presses Stop."""
    try:
        async with asyncio.timeout(limits.first_byte + limits.connect):
            answer = await transport.handle_async_request(_request(method, url, headers, body, limits))
            try:
                await anext(aiter(answer.stream), None)  # type: ignore[arg-type]
            finally:
                await answer.aclose()
    except FAILURES:
        return  # the requests after this one are judged


def _request(method: str, url: str, headers: Headers, body: bytes, limits: Limits) -> httpx.Request:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}".encode("ascii", "replace")
    timeout = {"connect": limits.connect, "write": limits.silence, "read": None, "pool": None}
    extensions = {"timeout": timeout, "target": target}
    encoded = [(k.encode(), v.encode("latin-1", "replace")) for k, v in headers]
    return httpx.Request(method, url, headers=encoded, content=body, extensions=extensions)


async def _exchange(
    transport: Transport, request: httpx.Request, received: Received, start: float, limits: Limits
) -> None:
    answer = await within(limits.first_byte + limits.connect, transport.handle_async_request(request), "no answer")
    try:
        received.response = _head(answer, loop_time() - start)
        answer.request = request
        async for data in _bounded(answer, received, limits):
            received.chunks.append(Chunk(loop_time() - start, data))
    finally:
        await answer.aclose()


def _head(answer: httpx.Response, at: float) -> Response:
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers.raw)
    reason = answer.extensions.get("reason_phrase", b"").decode("latin-1")
    version = answer.extensions.get("http_version", b"HTTP/1.1").decode("latin-1")
    return Response(answer.status_code, headers, reason, version, at)


async def within(seconds: float, waiting: Awaitable[T], what: str) -> T:
    """The awaited result; raises Stop when it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise Stop(Ended.TIMED_OUT, f"{what} for {seconds:g} s") from None


async def _bounded(answer: httpx.Response, received: Received, limits: Limits) -> AsyncIterator[bytes]:
    """The decoded chunks up to a limit; over a limit, what was kept is cut to a sample."""
    is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
    most = limits.error_body if answer.status_code >= 400 else limits.stream if is_stream else limits.body
    decoder = Decoder.of(answer.request.headers, answer.headers, most)
    meter = Meter(limits, most, is_stream)
    source = aiter(answer.stream)  # type: ignore[arg-type]
    try:
        while (raw := await _next(source, meter, limits)) is not None:
            if data := decoder.decode(raw):
                yield data  # before the count: the chunk that exceeds the limit is evidence, too
            meter.count(data)
    except Stop as stop:
        if stop.ended is Ended.OVER_LIMIT:
            received.chunks[:] = sample(received.chunks[: limits.kept_chunks], limits.kept)
        raise
    finally:
        received.undecodable = decoder.failed


async def _next(source: AsyncIterator[bytes], meter: Meter, limits: Limits) -> bytes | None:
    if not meter.done:
        return await within(limits.silence, anext(source, None), "no byte")
    return await within(limits.after_done, anext(source, None), "the connection stayed open after [DONE]")


class Meter:
    """Counts what arrives, stops the reading over a limit, and notices `[DONE]`."""

    def __init__(self, limits: Limits, most: int, is_stream: bool) -> None:
        self.limits, self.most, self.is_stream = limits, most, is_stream
        self.size = self.line = self.chunks = 0
        self.tail = b""

    @property
    def done(self) -> bool:
        """True after `[DONE]`."""
        return bool(DONE.search(self.tail))

    def count(self, data: bytes) -> None:
        """Counts the next decoded chunk; raises Stop over a limit."""
        self.size += len(data)
        self.chunks += 1
        self.tail = (self.tail + data)[-32:]
        newline = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self.line = self.line + len(data) if newline < 0 else len(data) - newline - 1
        for over, words in self._checks():
            if over:
                raise Stop(Ended.OVER_LIMIT, words)

    def _checks(self) -> Iterator[tuple[bool, str]]:
        yield self.size > self.most, f"a body of more than {self.most:,} bytes"
        yield (self.is_stream and self.line > self.limits.line, f"a line of more than {self.limits.line:,} bytes")
        yield self.chunks > self.limits.chunks, f"more than {self.limits.chunks:,} chunks"


def sample(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The first `size` bytes of the chunks."""
    kept: list[Chunk] = []
    for chunk in chunks:
        if size <= 0:
            break
        kept.append(Chunk(chunk.at, chunk.data[:size]))
        size -= len(chunk.data)
    return kept


def failure(error: Exception, received: Received) -> tuple[Ended, str]:
    """How an exchange ended and why, from the error of the HTTP library or the socket."""
    if isinstance(error, httpx.ConnectTimeout):
        return UNACCEPTED
    if isinstance(error, httpx.TimeoutException):
        return Ended.TIMED_OUT, "the request could not be sent in time"
    if known := _known(error):
        return known
    if isinstance(error, httpx.RemoteProtocolError):
        return protocol_failure(str(error), received)
    if isinstance(error, httpx.ConnectError):
        return Ended.REFUSED, f"no connection: {error}"
    return Ended.RESET, f"the connection broke: {error or type(error).__name__}"


def unreached(error: OSError | ValueError) -> tuple[Ended, str]:
    """How an exchange ended that never had a connection."""
    if isinstance(error, TimeoutError):
        return UNACCEPTED
    if known := _known(error):
        return known
    # For a name with several addresses asyncio raises all errors as one text.
    return REFUSED if f"[Errno {errno.ECONNREFUSED}]" in str(error) else (Ended.REFUSED, f"no connection: {error}")


def _known(error: Exception) -> tuple[Ended, str] | None:
    """The system error behind an error, in a user's words."""
    for cause in chain(error):
        if isinstance(cause, socket.gaierror):
            return Ended.UNRESOLVED, "the host name cannot be resolved"
        if isinstance(cause, ssl.SSLError):
            return Ended.TLS_FAILURE, tls_words(cause)
        if isinstance(cause, ConnectionRefusedError):
            return REFUSED
        if isinstance(cause, (ConnectionResetError, BrokenPipeError)):
            return Ended.RESET, "the connection was reset"
    return None


def protocol_failure(words: str, received: Received) -> tuple[Ended, str]:
    """How an exchange ended whose answer h11 cannot read; `words` is h11's message."""
    if "without sending a response" in words:
        return UNANSWERED
    if "closed connection" in words or "incomplete" in words:
        return Ended.CLOSED_EARLY, "the connection was closed in the middle of the answer"
    where = "the body is framed wrongly" if received.response else "the answer is not HTTP"
    return Ended.NOT_HTTP, f"{where}: {words}"


def tls_words(error: ssl.SSLError) -> str:
    """A TLS failure in a user's words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the TLS certificate is not trusted: {error.verify_message}"
    if "WRONG_VERSION_NUMBER" in str(error) or "RECORD_LAYER" in str(error):
        return "the server does not speak TLS there: try http:// instead of https://"
    return f"TLS failed: {error.reason or error}"


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and everything that caused it."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
