"""How the arguments of a streamed call arrive over time: growing before the user, or all at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from conformance.evidence.calls import assembled, group_by_call
from conformance.evidence.chat import Stream


@dataclass(frozen=True)
class Arrival:
    """The arguments of the longest call of a stream over time; times in seconds, shares from 0 to 1.

    `waited` is the time before the first fragment, `took` the time from the first fragment to the last, when the call
    can run. `by_half_time` is the share that had arrived after half of `took`, `largest_burst` the largest share that
    arrived at one moment, and `bursts` the number of such moments.
    """

    characters: int
    waited: float
    took: float
    by_half_time: float
    largest_burst: float
    bursts: int


def arrival_of(stream: Stream) -> Arrival | None:
    """How the longest call of a stream arrived; None when no call has arguments in fragments of text."""
    groups = [(assembled(group), group) for group in group_by_call(stream.tool_deltas)]
    texts = [(call, group) for call, group in groups if isinstance(call.arguments, str) and call.arguments]
    if not texts:
        return None
    _, group = max(texts, key=lambda found: len(found[0].arguments))
    sizes: Counter[float] = Counter()
    for delta in group:
        sizes[delta.at] += len(delta.function.get("arguments") or "")
    return _summed({at: size for at, size in sizes.items() if size})


def _summed(sizes: dict[float, int]) -> Arrival:
    times, total = sorted(sizes), sum(sizes.values())
    half = times[0] + (times[-1] - times[0]) / 2
    grown = zip(times, accumulate(sizes[at] for at in times), strict=True)
    by_half = max(size for at, size in grown if at <= half)
    return Arrival(
        characters=total,
        waited=times[0],
        took=times[-1] - times[0],
        by_half_time=by_half / total,
        largest_burst=max(sizes.values()) / total,
        bursts=len(times),
    )
