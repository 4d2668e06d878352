"""By how much `conformance capture` delays the pieces of a stream: the same streams straight from the provider, and through it.

    python -m bench.capture [--streams N] [--concurrency N] [--token-gap S]

Provider, capture and client are three processes. A piece is late by what it comes later than the gap after the one before.
The first piece is told apart: a connection to the provider is made for each request.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import httpx

from bench.bench import COMMAND, MODEL, provider

KEY = "sk-bench-0123456789abcdef"
WORDS = "Write two hundred words about rivers."


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the delay of first and later pieces, with and without."""
    options = _options(arguments)
    with provider("--token-gap", str(options.token_gap)) as direct, capture(direct) as through:
        for name, url in (("without", direct), ("with", through)):
            times = asyncio.run(streams(url, options.streams, options.concurrency))
            firsts = [1000 * each[0] for each in times]
            late = [1000 * (b - a - options.token_gap) for each in times for a, b in pairwise(each)]
            print(f"first piece after {_spread(firsts)} {name} capture")
            print(f"pieces come late  {_spread(late)} {name} capture, of {len(late)}")
    return 0


def _spread(milliseconds: Sequence[float]) -> str:
    most = statistics.quantiles(milliseconds, n=100)[98]
    return f"{statistics.median(milliseconds):.2f} ms (median), {most:.2f} ms (99 of 100)"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="By how much capture delays the pieces of a stream.")
    parser.add_argument("--streams", type=int, default=40, metavar="N", help="streams in all (40)")
    parser.add_argument("--concurrency", type=int, default=4, metavar="N", help="streams at once (4)")
    parser.add_argument(
        "--token-gap", type=float, default=0.02, metavar="S", help="between two events (0.02)"
    )
    return parser.parse_args(arguments)


async def streams(base_url: str, number: int, width: int) -> list[list[float]]:
    """When each piece of each stream came, in seconds after it was asked for."""
    gate = asyncio.Semaphore(width)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def one() -> list[float]:
            async with gate:
                return await _times(client, base_url)

        return list(await asyncio.gather(*(one() for _ in range(number))))


async def _times(client: httpx.AsyncClient, base_url: str) -> list[float]:
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": WORDS}]}
    begun = time.monotonic()
    headers = {"Authorization": f"Bearer {KEY}"}
    async with client.stream("POST", f"{base_url}/chat/completions", json=body, headers=headers) as answer:
        answer.raise_for_status()
        return [time.monotonic() - begun async for _ in answer.aiter_raw()]


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
