"""Connects to the upstream of a capture: TCP, TLS with the environment's certificates, and the environment's proxy."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

import h11

from conformance.wire.http import proxy_for

PORTS = {"http": 80, "https": 443}
STAGGER = 0.25  # seconds until the next address of a name is tried in parallel: RFC 8305


class Dial:
    """Connects to the host of one URL, any number of times."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.name = parts.netloc
        self.host, self.port = parts.hostname or "", _port(parts)
        self.tls = _context() if parts.scheme == "https" else None
        proxy = proxy_for(url)
        self.proxy = urlsplit(proxy) if proxy else None

    async def connect(self, side: asyncio.Protocol) -> None:
        """Connects this protocol; raises OSError."""
        if self.proxy:
            await self._through(self.proxy, side)
        else:
            await _open(side, self.host, self.port, self.tls)

    async def _through(self, proxy: SplitResult, side: asyncio.Protocol) -> None:
        """The same through a proxy, always with a CONNECT tunnel, also without TLS."""
        if proxy.scheme not in PORTS:
            raise OSError(f"a {proxy.scheme} proxy is not supported")
        passage = Passage(f"{self.host}:{self.port}", proxy)
        await _open(passage, proxy.hostname or "", _port(proxy), _context() if proxy.scheme == "https" else None)
        transport = await passage.granted
        if self.tls:
            loop = asyncio.get_running_loop()
            secured = await loop.start_tls(transport, side, self.tls, server_hostname=self.host)
            assert secured
            transport = secured
        transport.set_protocol(side)
        side.connection_made(transport)


class Passage(asyncio.Protocol):
    """Asks a proxy for a tunnel; `granted` resolves to the connection when the proxy agrees."""

    def __init__(self, authority: str, proxy: SplitResult) -> None:
        self.granted: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()
        self._headers = [("Host", authority), *_credentials(proxy)]
        self._authority = authority
        self._speaking = h11.Connection(h11.CLIENT)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the CONNECT request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        asking = h11.Request(method="CONNECT", target=self._authority, headers=self._headers)
        transport.write(self._speaking.send(asking) + self._speaking.send(h11.EndOfMessage()))

    def data_received(self, data: bytes) -> None:
        """Reads the answer."""
        self._speaking.receive_data(data)
        try:
            while (event := self._speaking.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Response):
                    self._answered(event)
        except h11.RemoteProtocolError as error:
            self._failed(f"the proxy does not answer in HTTP: {error}")

    def _answered(self, answer: h11.Response) -> None:
        if 200 <= answer.status_code < 300 and not self.granted.done():
            self.granted.set_result(self._transport)
        else:
            self._failed(f"the proxy answers {answer.status_code} {answer.reason.decode('latin-1')}")

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy has closed the connection."""
        self._failed(str(exc or "the proxy closed the connection"))

    def _failed(self, why: str) -> None:
        if not self.granted.done():
            self.granted.set_exception(OSError(why))
        self._transport.close()


async def _open(side: asyncio.Protocol, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: side, host, port, ssl=tls, happy_eyeballs_delay=STAGGER)


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _credentials(proxy: SplitResult) -> Iterator[tuple[str, str]]:
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        yield "Proxy-Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"
