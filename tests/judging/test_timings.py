"""Timings: when the first token came and how fast the others did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.evidence.exchange import Chunk, Exchange
from conformance.judging.timings import spread, timings
from tests.report.formats.examples import exchange


def event(**delta: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def stream(*moments: tuple[float, bytes]) -> Exchange:
    """A stream whose bytes arrived at these times."""
    return replace(exchange(), chunks=tuple(Chunk(at, data) for at, data in moments))


def test_a_delta_with_a_role_only_is_no_token() -> None:
    measured = timings([stream((0.1, event(role="assistant", content="")), (0.4, event(content="a")))])
    assert measured.first_token is not None
    assert measured.first_token.median == 0.4
    assert measured.tokens_per_second is None


def test_tokens_are_counted_by_the_server() -> None:
    usage = b'data: {"choices":[],"usage":{"completion_tokens":50}}\n\n'
    measured = timings([stream((1.0, event(content="a")), (3.0, event(content="b")), (9.0, usage))])
    assert measured.tokens_per_second is not None
    assert measured.tokens_per_second.median == pytest.approx(25)


def test_without_a_count_tokens_are_estimated() -> None:
    measured = timings(
        [
            stream(
                (1.0, event(content="a" * 40)),
                (2.0, event(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "b" * 40}}])),
            )
        ]
    )
    assert measured.tokens_per_second is not None
    assert measured.tokens_per_second.median == pytest.approx(20)


def test_without_streams_there_are_no_timings() -> None:
    measured = timings([exchange(response=None, chunks=())])
    assert (measured.first_token, measured.tokens_per_second) == (None, None)


def test_a_single_value_is_its_own_spread() -> None:
    assert vars(spread([2.0]) or 0) == {"median": 2.0, "low": 2.0, "high": 2.0, "count": 1}
    assert vars(spread([1.0, 2.0, 9.0]) or 0)["median"] == 2.0
