"""Asks one endpoint: builds the requests of conversations, obeys rate limits, and keeps evidence without secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from types import MappingProxyType
from typing import Any, Protocol

from conformance import __version__
from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.clients.fields import Part, Sent, without
from conformance.endpoint.config import Endpoint
from conformance.endpoint.redactor import redactor_for
from conformance.evidence.exchange import Chunk, Exchange, Headers, Request, Response, header_of
from conformance.evidence.redaction import Redactor
from conformance.requirements.conversation import Key
from conformance.requirements.talk import Talk
from conformance.wire.again import most_attempts, retry_after
from conformance.wire.http import Received, Transport, leave, loop_time, send
from conformance.wire.limits import Limits

AZURE_KEY = "api-key"  # Azure takes keys here; a bearer token must be one of Microsoft Entra ID
KEY_HEADERS = {"authorization", AZURE_KEY}
AGAIN = 100  # requests of a run that are sent again


class Throttle:
    """Allows at most `width` requests at once; a rate limit lowers it for the rest of the run."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.inside = 0
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.inside < self.width)
            self.inside += 1

    async def __aexit__(self, *_: object) -> None:
        async with self._changed:
            self.inside -= 1
            self._changed.notify_all()

    def narrow(self) -> None:
        """Allow half as many from now on, but at least one."""
        self.width = max(1, self.width // 2)


class Answers(Protocol):
    """What answers the requests of conversations: an endpoint over the network (`Network`), or cassettes (`Player`)."""

    endpoint: Endpoint
    profiles: Mapping[str, Client]
    dialect: tuple[Part, ...]

    async def ask(self, id: str, method: str, url: str, headers: Headers, body: bytes) -> Exchange:
        """Answers one request; raises Blocked when there is no answer."""
        ...

    async def leave(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Sends one request and disconnects at the first bytes of its answer; keeps no evidence."""
        ...

    async def waited(self, exchange: Exchange, attempt: int) -> bool:
        """Waits before the request is sent again; returns False if the answer to this attempt should be used as it is."""
        ...

    def dated(self, talk: Talk) -> Talk:
        """The talk with the times when it took place."""
        ...


class Network:
    """The network connection to one endpoint; all conversations of a run share its limits and its throttle."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: Transport,
        limits: Limits,
        concurrency: int,
        profiles: Mapping[str, Client] = CURRENT,
    ) -> None:
        self.endpoint, self.transport, self.limits, self.profiles = endpoint, transport, limits, profiles
        self.dialect: tuple[Part, ...] = ()
        self.throttle = Throttle(concurrency)
        self.again = AGAIN
        self.redactor = redactor_for(endpoint)
        self._began = loop_time()

    async def ask(self, id: str, method: str, url: str, headers: Headers, body: bytes) -> Exchange:
        """Sends one request as soon as the throttle allows it; returns the evidence without secrets."""
        async with self.throttle:
            started = loop_time() - self._began
            received = await send(self.transport, method, url, headers, body, self.limits)
        return replace(masked(id, Request(method, url, headers, body), received, self.redactor), started=started)

    async def waited(self, exchange: Exchange, attempt: int) -> bool:
        """Waits as clients do, unless that takes too long; after a rate limit fewer requests run at once."""
        wait = retry_after(exchange, datetime.now(UTC), attempt)
        if (
            wait is None
            or wait > self.limits.retry_after
            or attempt >= most_attempts(exchange, self.limits.first_byte)
            or not self.again
        ):
            return False
        self.again -= 1
        if exchange.status == 429:
            self.throttle.narrow()
        await asyncio.sleep(wait)
        return True

    def dated(self, talk: Talk) -> Talk:
        """The talk itself: its times are already right."""
        return talk

    async def leave(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Sends one request and disconnects at the first bytes of its answer; keeps no evidence."""
        async with self.throttle:
            await leave(self.transport, method, url, headers, body, self.limits)


def masked(id: str, request: Request, received: Received, hide: Redactor) -> Exchange:
    """A request and its answer as evidence, without secrets."""
    data = hide.body([chunk.data for chunk in received.chunks])
    response = received.response
    return Exchange(
        id=id,
        conversation=id.split("#")[0],
        request=Request(
            request.method, hide.url(request.url), hide.headers(request.headers), hide.body([request.body])[0]
        ),
        response=response
        and Response(
            response.status,
            tuple((hide.text(name), value) for name, value in hide.headers(response.headers)),
            hide.text(response.reason),
            response.http_version,
            response.at,
        ),
        chunks=tuple(Chunk(chunk.at, kept) for chunk, kept in zip(received.chunks, data, strict=True)),
        ended=received.ended,
        detail=hide.text(received.detail),
        undecodable=hide.text(received.undecodable),
        echoed_key=echoes(request.headers, received),
        seconds=received.seconds,
    )


def echoes(headers: Headers, received: Received) -> bool:
    """True when the answer contains the key of the request; False for keys too short to distinguish from words."""
    sent = header_of(headers, "authorization") or header_of(headers, AZURE_KEY) or ""
    key = sent.removeprefix("Bearer").strip()
    body = b"".join(chunk.data for chunk in received.chunks)
    return len(key) >= 12 and key.encode("latin-1", "replace") in body


class Asker:
    """Sends the requests of one conversation (`Ask`); `exchanges` collects its evidence, `sent` counts all requests."""

    def __init__(
        self,
        wire: Answers,
        conversation: str,
        tries: int = 1,
        earlier: Mapping[str, Sequence[Exchange]] = MappingProxyType({}),
        about: Sequence[str] = (),
    ) -> None:
        self._wire, self._conversation, self._about = wire, conversation, about
        self.endpoint, self.tries, self.earlier = wire.endpoint, tries, earlier
        self.profiles = wire.profiles
        self.exchanges: list[Exchange] = []
        self.passed: list[Exchange] = []
        self.sent = self._asked = 0

    async def send(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Exchange:
        """POSTs exactly this chat completion request with a client's headers."""
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._obeying("POST", self.endpoint.chat_url, client_headers(self.endpoint, headers), data)

    async def chat(self, *, key: str | Key = Key.OWN, **fields: Any) -> Exchange:
        """POSTs a chat completion request in the endpoint's dialect; `model` is filled in."""
        body = json.dumps(self._spoken(fields), ensure_ascii=False).encode()
        return await self.post(self.endpoint.chat_url, body, key=key)

    @property
    def dialect(self) -> tuple[Part, ...]:
        """The parts that this endpoint does not take."""
        return self._wire.dialect

    def learn(self, parts: Sequence[Part]) -> None:
        """Sets the parts that this endpoint does not take."""
        self._wire.dialect = tuple(parts)

    def _spoken(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The body without what the endpoint does not take, unless the conversation is about that."""
        body = {"model": self.endpoint.model, **fields}
        if isinstance(body.get("messages"), list):
            parts = [part for part in self.dialect if part.name not in self._about]
            body = without(Sent(body, {}), parts).body
        return body

    async def post(self, url: str, body: bytes, *, key: str | Key = Key.OWN) -> Exchange:
        """POSTs these bytes as JSON to exactly this URL."""
        return await self._obeying("POST", url, request_headers(self.endpoint, key, with_body=True), body)

    async def get(self, url: str, *, key: str | Key = Key.OWN) -> Exchange:
        """GETs exactly this URL."""
        return await self._obeying("GET", url, request_headers(self.endpoint, key, with_body=False), b"")

    async def leave(self, **fields: Any) -> None:
        """POSTs a streamed chat completion request and disconnects when the answer begins."""
        body = json.dumps(self._spoken({"stream": True, **fields})).encode()
        headers = request_headers(self.endpoint, Key.OWN, with_body=True)
        self.sent += 1
        await self._wire.leave("POST", self.endpoint.chat_url, headers, body)

    async def together(self, *asked: Awaitable[Exchange]) -> None:
        """Sends several requests at once and waits for all of them."""
        await asyncio.gather(*asked)

    async def _obeying(self, method: str, url: str, headers: Headers, body: bytes) -> Exchange:
        """Sends a request, and again after the wait of a rate limit or of trouble that may pass.

        Trouble that is over then is kept apart, in `passed`: nothing else is judged by it.
        """
        tried: list[Exchange] = []
        for attempt in count(1):
            self.sent += 1
            self._asked += 1
            exchange = await self._wire.ask(f"{self._conversation}#{self._asked}", method, url, headers, body)
            if not await self._wire.waited(exchange, attempt):
                break
            (tried if exchange.passing else self.exchanges).append(exchange)
        self.passed += [] if exchange.passing else [replace(one, passed=True) for one in tried]
        self.exchanges.append(exchange)
        self.exchanges.sort(key=_number)  # concurrent requests may end in any order
        return exchange


def _number(exchange: Exchange) -> int:
    return int(exchange.id.rpartition("#")[2])


def request_headers(endpoint: Endpoint, key: str | Key, with_body: bool) -> Headers:
    """The headers of one request. Requests for streams also have `Accept: application/json`, as from the agents."""
    own = endpoint.key if key is Key.OWN else None if key is Key.NONE else str(key)
    headers: dict[str, str] = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"provider-conformance/{__version__}",
    }
    if with_body:
        headers["Content-Type"] = "application/json"
    if own is not None:
        headers |= {AZURE_KEY: own} if endpoint.azure_api_version else {"Authorization": f"Bearer {own}".strip()}
    custom = dict(endpoint.headers)
    if key is not Key.OWN:  # with the user's own Authorization header every wrong key would be accepted
        custom = {name: value for name, value in custom.items() if name.lower() not in KEY_HEADERS}
    return tuple(_merged(headers, custom).items())


def client_headers(endpoint: Endpoint, headers: Mapping[str, str]) -> Headers:
    """A client's headers, with the endpoint's key and custom headers, and only encodings that the suite can decode."""
    ours = dict(request_headers(endpoint, Key.OWN, with_body=True))
    free = {"accept", "user-agent"} - {name.lower() for name in endpoint.headers}
    fixed = {name: value for name, value in ours.items() if name.lower() not in free}
    return tuple(_merged(_merged(ours, headers), fixed).items())


def _merged(headers: Mapping[str, str], custom: Mapping[str, str]) -> dict[str, str]:
    """Both, without headers that `custom` replaces, in any case of letters."""
    taken = {name.lower() for name in custom}
    return {k: v for k, v in headers.items() if k.lower() not in taken} | dict(custom)
