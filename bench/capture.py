"""By how much `conformance capture` delays the pieces of a stream: straight from the server, and through it.

    python -m bench.capture [--streams N] [--concurrency N] [--token-gap S]

The server writes into each piece when it was sent, so the time that a piece takes from server to client is known. The
capture is a process of its own, and judges what is over while the next streams come.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import httpx

from bench.bench import COMMAND, MODEL

SENT = re.compile(rb'"content": "([\d.]+) "')
PIECES = 50  # of a stream
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how long pieces are on their way, with and without."""
    asyncio.run(compare(_options(arguments)))
    return 0


async def compare(options: argparse.Namespace) -> None:
    """The same streams both ways."""
    server = await asyncio.start_server(partial(_answer, gap=options.token_gap), "127.0.0.1", 0)
    direct = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    with capture(direct) as through:
        for name, url in (("without", direct), ("with", through)):
            ways = await streams(url, options.streams, options.concurrency)
            print(f"pieces on their way  {_spread(ways)} {name} capture, of {len(ways)}")
    server.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gap: float) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().split(b"content-length:")[1].split()[0]))
    writer.write(HEAD)
    for n in range(PIECES):
        await asyncio.sleep(gap)
        writer.write(_chunk(_event(f"{time.monotonic()} ", "stop" if n == PIECES - 1 else None)))
    writer.write(_chunk(b"data: [DONE]\n\n") + _chunk(b""))
    writer.close()


def _event(content: str, finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
    event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return f"data: {json.dumps(event | {'choices': [choice]})}\n\n".encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _spread(milliseconds: Sequence[float]) -> str:
    most = statistics.quantiles(milliseconds, n=100)[98]
    return f"{statistics.median(milliseconds):.2f} ms (median), {most:.2f} ms (99 of 100)"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="By how much capture delays the pieces of a stream.")
    parser.add_argument("--streams", type=int, default=40, metavar="N", help="streams in all (40)")
    parser.add_argument("--concurrency", type=int, default=4, metavar="N", help="streams at once (4)")
    parser.add_argument("--token-gap", type=float, default=0.02, metavar="S", help="between two events (0.02)")
    return parser.parse_args(arguments)


async def streams(base_url: str, number: int, width: int) -> list[float]:
    """How many milliseconds each piece of all streams was on its way."""
    gate = asyncio.Semaphore(width)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def one() -> list[float]:
            async with gate:
                return [way async for way in _ways(client, base_url)]

        return [way for each in await asyncio.gather(*(one() for _ in range(number))) for way in each]


async def _ways(client: httpx.AsyncClient, base_url: str) -> AsyncIterator[float]:
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "What time is it?"}]}
    async with client.stream("POST", f"{base_url}/chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for piece in answer.aiter_raw():
            for sent in SENT.findall(piece):
                yield 1000 * (time.monotonic() - float(sent))


@contextmanager
def capture(upstream: str) -> Iterator[str]:
    """The pass-through in a process of its own; gives the base URL for the client."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*COMMAND, "capture", "--upstream", upstream, "--port", "0", "--record", f"{folder}/tape"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 our own words
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[2]
            finally:
                process.send_signal(signal.SIGINT)
                process.stdout.read()


if __name__ == "__main__":
    sys.exit(main())
