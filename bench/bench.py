"""How long a run takes beside what the endpoint alone would need, and how much of our own time each request costs.

    python bench/bench.py [--latency S] [--token-gap S] [--concurrency N]

`bench/recorded.py` measures the judging of recorded traffic.

The reference provider answers from another process. The least a run could take is its longest conversation, or all
its exchanges one after the other divided by how many may be under way at once, whichever is longer. The same run is
made once more with --record, to see how much later the pieces of streams come then, and replayed from there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

MOST = 1.5  # times the least a run could take
COMMAND = (sys.executable, "-m", "conformance")
MODEL = "reference-1"


@dataclass(frozen=True)
class Measured:
    """One run: its report, its wall time and its own processor time in seconds."""

    report: dict[str, Any]
    wall: float
    processor: float

    @property
    def least(self) -> tuple[float, float]:
        """The longest conversation and the sum of all exchanges, in seconds; waiting for a turn is in neither."""
        spent: Counter[str] = Counter()
        for exchange in self.report["exchanges"]:
            spent[exchange["conversation"]] += exchange["seconds"]
        return max(spent.values()), sum(spent.values())

    def late(self, gap: float) -> tuple[float, float]:
        """By how many milliseconds pieces of streams came later than the gap after the one before: median, 99 of 100."""
        times = [[at for at, _ in exchange["chunks"]] for exchange in self.report["exchanges"]]
        late = [1000 * (b - a - gap) for each in times if len(each) > 3 for a, b in pairwise(each)]
        return statistics.median(late), statistics.quantiles(late, n=100)[98]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when a run takes at most MOST times as long as it must."""
    options = _options(arguments)
    pace = ("--latency", str(options.latency), "--token-gap", str(options.token_gap))
    slow, fast = measure(options.concurrency, pace), measure(options.concurrency)
    longest, total = slow.least
    least = max(longest, total / options.concurrency)
    ratio = slow.wall / least
    cost = slow.report["cost"]
    print(f"requests          {cost['requests']}, {options.concurrency} at once")
    print(f"tokens            {cost['prompt_tokens']:,} + {cost['completion_tokens']:,}")
    print(f"wall time         {slow.wall:.2f} s at {options.latency} s latency, {options.token_gap} s a token")
    print(f"longest talk      {longest:.2f} s")
    print(
        f"all exchanges     {total:.2f} s, {total / options.concurrency:.2f} s when {options.concurrency} run at once"
    )
    print(f"ratio             {ratio:.2f}, at most {MOST}: {'OK' if ratio <= MOST else 'TOO SLOW'}")
    print(
        f"own time          {fast.processor:.2f} s of processor in all without latency, {fast.wall:.2f} s of wall time"
    )
    print(f"                  {1000 * fast.processor / fast.report['cost']['requests']:.0f} ms a request")
    tape(options, pace, slow)
    return 0 if ratio <= MOST else 1


def tape(options: argparse.Namespace, pace: Sequence[str], plain: Measured) -> None:
    """What recording costs beside the same run without it, and how long the replay takes."""
    with tempfile.TemporaryDirectory() as folder:
        taped = measure(options.concurrency, pace, ("--record", folder))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        with tempfile.TemporaryDirectory() as output:
            again = command("replay", folder, "--output", output)
    for name, run in (("without", plain), ("with", taped)):
        median, most = run.late(options.token_gap)
        print(f"pieces come late  {median:.2f} ms (median), {most:.2f} ms (99 of 100) {name} --record")
    print(
        f"recording         {taped.wall - plain.wall:+.2f} s of wall time, {taped.processor - plain.processor:+.2f} s of processor"
    )
    print(f"replay            {again[0]:.2f} s, {again[1]:.2f} s of processor, from {size / 1e6:.1f} MB of cassettes")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How long a run takes beside what the endpoint alone would need.")
    parser.add_argument("--latency", type=float, default=0.3, metavar="S", help="before the first byte (0.3)")
    parser.add_argument("--token-gap", type=float, default=0.02, metavar="S", help="between two events (0.02)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="requests at once (8)")
    return parser.parse_args(arguments)


def measure(concurrency: int, pace: Sequence[str] = (), more: Sequence[str] = ()) -> Measured:
    """A standard run as a user starts it, against a provider of that pace."""
    with provider(*pace) as base_url, tempfile.TemporaryDirectory() as folder:
        where = ["--base-url", base_url, "--model", MODEL, "--output", folder]
        took = command("run", *where, "--concurrency", str(concurrency), *more)
        report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
    return Measured(report, *took)


def command(*arguments: str) -> tuple[float, float]:
    """Runs a command that must succeed; gives its wall time and its processor time in seconds."""
    before, begun = os.times(), time.monotonic()
    subprocess.run(  # noqa: S603 our own words
        [*COMMAND, *arguments], env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
    wall, after = time.monotonic() - begun, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, spent


@contextmanager
def provider(*pace: str) -> Iterator[str]:
    """The reference provider in a process of its own; gives its base URL."""
    command = [
        *COMMAND,
        "serve",
        "--port",
        "0",
        "--model",
        MODEL,
        "--api-key",
        _environment()["CONFORMANCE_API_KEY"],
        *pace,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 our own words
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.terminate()


def _environment() -> dict[str, str]:
    return {**os.environ, "CONFORMANCE_API_KEY": "sk-bench-0123456789abcdef"}


if __name__ == "__main__":
    sys.exit(main())
