"""The moments of a tool call that a client's user can see. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from conformance.clients.reading import Moment

_FIRST = re.compile(r'\s*\{\s*"((?:[^"\\]|\\.)+)"\s*:\s*"(?:[^"\\]|\\.)*"', re.DOTALL)


def of_call(name: str, appears: float, pieces: Sequence[tuple[float, str]], runs: float | None) -> Iterator[Moment]:
    """When it appears, when its first string argument is complete, when it runs."""
    yield Moment(appears, f"{name} appears")
    whole = _FIRST.match("".join(piece for _, piece in pieces))
    if whole:
        yield Moment(_at(pieces, whole.end()), f"its {whole[1]} is complete")
    if runs is not None:
        yield Moment(runs, f"{name} runs")


def in_order(moments: Iterable[Moment], complaint: str, at: float) -> tuple[Moment, ...]:
    """The moments by time, the complaint last."""
    last = (Moment(at, complaint),) if complaint else ()
    return (*sorted(moments, key=lambda moment: moment.at), *last)


def _at(pieces: Sequence[tuple[float, str]], length: int) -> float:
    """When that many characters have arrived."""
    lengths = accumulate(len(piece) for _, piece in pieces)
    return next(at for (at, _), there in zip(pieces, lengths, strict=True) if there >= length)
