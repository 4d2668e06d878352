"""How fast an endpoint answered over a whole run: the time to the first token of its streams, and tokens a second. Pure.

One run sees dozens of streams of every length, so each number is told with the range in which the middle half of them lay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_stream

FEW = 20  # tokens: a stream of fewer says nothing about how fast they come
CHARACTERS = 4  # of a token, where a server does not count them


@dataclass(frozen=True)
class Spread:
    """The median of `count` values, and the quartiles below and above it."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Timings:
    """Seconds to the first token, and tokens a second after it; None where no stream told."""

    first_token: Spread | None
    tokens_per_second: Spread | None


def timings(exchanges: Iterable[Exchange]) -> Timings:
    """What the streams of a run tell."""
    streams = [stream for exchange in exchanges if (stream := as_stream(exchange))]
    moments = [(stream, at) for stream in streams if (at := _moments(stream))]
    rates = [rate for stream, at in moments if (rate := _rate(stream, at))]
    return Timings(spread([at[0] for _, at in moments]), spread(rates))


def spread(values: Sequence[float]) -> Spread | None:
    """The values summed up; None for none."""
    if not values:
        return None
    low, middle, high = quantiles([*values, *values], n=4, method="inclusive")
    return Spread(middle, low, high, len(values))


def _moments(stream: Stream) -> list[float]:
    """When something that a user or a client waits for came: text, reasoning or a part of a call."""
    told = ("content", "reasoning_content", "reasoning", "tool_calls")
    return [delta.at for delta in stream.deltas if any(delta.value.get(name) for name in told)]


def _rate(stream: Stream, at: Sequence[float]) -> float | None:
    """Tokens a second between the first and the last; None when that was too short to say."""
    counted = (stream.usage or {}).get("completion_tokens")
    written = len(stream.text) + len(stream.reasoning) + sum(len(str(c.arguments)) for c in stream.calls)
    tokens = counted if type(counted) is int else written // CHARACTERS
    took = at[-1] - at[0]
    return tokens / took if tokens >= FEW and took > 0 else None
