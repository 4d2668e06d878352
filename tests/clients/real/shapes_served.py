"""The shapes on a loopback port: the bytes of each under a path of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from conformance.evidence.exchange import Ended
from tests.clients.shapes import SHAPES, Shape
from tests.wire.raw_server import CHUNKED, Caller, chunk, length, raw_server


@contextmanager
def served() -> Iterator[str]:
    """The root of a server that answers every POST below `/SHAPE` with that shape."""
    with raw_server(handle) as server:
        yield server.url


async def handle(caller: Caller) -> None:
    """One request, answered chunk by chunk."""
    await caller.request()
    shape = SHAPES[caller.target.split("/")[1]]
    await caller.send(head(shape))
    for data in shape.chunks:
        await caller.send(chunk(data))
    await asyncio.sleep(shape.held)
    if shape.chunks and shape.ended is Ended.COMPLETE:
        await caller.send(chunk(b""))


def head(shape: Shape) -> bytes:
    """The head of its answer; a body comes in chunks."""
    status = HTTPStatus(shape.status)
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in shape.headers)]
    framing = CHUNKED if shape.chunks else b"" if shape.status == 204 else length(b"")
    return "\r\n".join([*lines, ""]).encode() + framing + b"\r\n"
