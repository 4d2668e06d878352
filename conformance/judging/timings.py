"""How fast an endpoint streams: the time to the first token, and tokens per second, over a whole run. Pure.

A run sees dozens of streams of every length, so each number comes with its quartiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_stream
from conformance.evidence.tokens import estimated_answer

FEW = 20  # tokens: a shorter stream says nothing about speed


@dataclass(frozen=True)
class Spread:
    """The median of `count` values, and the quartiles below and above it."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Timings:
    """Seconds to the first token, and tokens per second after it; None when no stream showed it."""

    first_token: Spread | None
    tokens_per_second: Spread | None


def timings(exchanges: Iterable[Exchange]) -> Timings:
    """The timings of all streams among these exchanges."""
    streams = [stream for exchange in exchanges if (stream := as_stream(exchange))]
    moments = [(stream, at) for stream in streams if (at := _moments(stream))]
    rates = [rate for stream, at in moments if (rate := _rate(stream, at))]
    return Timings(spread([at[0] for _, at in moments]), spread(rates))


def spread(values: Sequence[float]) -> Spread | None:
    """Median and quartiles of the values; None without values."""
    if not values:
        return None
    low, middle, high = quantiles([*values, *values], n=4, method="inclusive")
    return Spread(middle, low, high, len(values))


def _moments(stream: Stream) -> list[float]:
    """The arrival times (seconds) of text, reasoning and parts of calls."""
    members = ("content", "reasoning_content", "reasoning", "tool_calls")
    return [delta.at for delta in stream.deltas if any(delta.value.get(name) for name in members)]


def _rate(stream: Stream, at: Sequence[float]) -> float | None:
    """Tokens per second between the first and the last; None for a short stream."""
    counted = (stream.usage or {}).get("completion_tokens")
    tokens = counted if type(counted) is int else estimated_answer(stream)
    took = at[-1] - at[0]
    return tokens / took if tokens >= FEW and took > 0 else None
