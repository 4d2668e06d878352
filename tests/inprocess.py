"""The reference provider without a socket: an httpx transport that yields its answer chunk by chunk.

h11 reads the provider's bytes as a client would, so that faults of the HTTP framing show here as well.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Iterable
from typing import Any

import h11
import httpx

from conformance.reference import Provider
from conformance.reference.stages import Action, Close, Hang, Pause, Reset, Send

READ_SIZE = 64 * 1024  # bytes that httpcore reads at most at once
TICK = 1e-6


class Clock(selectors.DefaultSelector):
    """Waits for nothing: where an event loop would wait for so many seconds, they are over at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; without a time it waits, for then only another thread can go on."""
        if timeout is None:
            return super().select()
        self.now += max(timeout, 0.0)
        return super().select(0)


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes only while everything waits.

    So no limit depends on how busy the machine is, and a provider that never answers costs no time. Not for sockets.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        """Seconds by this clock, which each look at it moves a little: no two things happen at once."""
        self.clock.now += TICK
        return self.clock.now


class InProcess(httpx.AsyncBaseTransport):
    """Answers every request from the provider's own actions."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer; its body comes as it is read."""
        body = await request.aread()
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.extensions["target"].decode()
        events = read(self.provider.handle(request.method, target, headers, body), request.method)
        head = await anext(events)
        return httpx.Response(head.status_code, headers=list(head.headers.raw_items()), stream=Body(events))


class Body(httpx.AsyncByteStream):
    """The data events that are left."""

    def __init__(self, events: AsyncIterator[Any]) -> None:
        self.events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for event in self.events:
            yield bytes(event.data)


async def read(actions: Iterable[Action], method: str) -> AsyncIterator[Any]:
    """The response, then its data, as h11 makes them out of what the provider does on its connection."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("host", "h")]))
    client.send(h11.EndOfMessage())
    arriving = received(actions)
    try:
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                client.receive_data(await anext(arriving, b""))
            else:
                yield event
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error


async def received(actions: Iterable[Action]) -> AsyncIterator[bytes]:
    """What the provider sends, in the pieces in which a socket is read, until it closes."""
    for action in actions:
        match action:
            case Send(data):
                for start in range(0, len(data), READ_SIZE):
                    yield data[start : start + READ_SIZE]
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Hang():
                await asyncio.Event().wait()
            case Reset():
                raise httpx.ReadError("reset") from ConnectionResetError()
            case Close():
                return
