"""The moments of an answer that its user can see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.clients.ai_sdk.parts import Call, Parts
from conformance.clients.reading import Moment, ReadCall

_FIRST_MEMBER = re.compile(
    r'\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|(?:true|false|null|-?\d[^\s,}]*)(?=[\s,}]))', re.DOTALL
)


def timeline(parts: Parts, calls: tuple[ReadCall, ...], complaint: str) -> tuple[Moment, ...]:
    """Everything in order; a complaint comes last."""
    seen = sorted((*_words(parts), *_appearances(parts), *_runs(calls)), key=lambda moment: moment.at)
    last = (Moment(parts.ended_at, complaint),) if complaint else ()
    return (*seen, *last)


def _words(parts: Parts) -> Iterator[Moment]:
    if parts.reasoning_at is not None:
        yield Moment(parts.reasoning_at, "the reasoning begins")
    if parts.text_at is not None:
        yield Moment(parts.text_at, "the text begins")


def _appearances(parts: Parts) -> Iterator[Moment]:
    for call in parts.started:
        yield Moment(call.appears, f"{call.name} appears")
        yield from _first_argument(call)


def _first_argument(call: Call) -> Iterator[Moment]:
    """When the first argument, mostly a path, is complete."""
    if found := _FIRST_MEMBER.match(call.input):
        yield Moment(call.arrival(found.end()), f"its {found[1]} is complete")


def _runs(calls: tuple[ReadCall, ...]) -> Iterator[Moment]:
    for call in calls:
        if call.runs is not None:
            yield Moment(call.runs, f"{call.name} runs")
