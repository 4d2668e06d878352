"""The measurements of how arguments arrive."""

from __future__ import annotations

import json

import pytest

from conformance.evidence.arrival import arrival_of
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Chunk, Exchange, Request, Response


def streamed(*fragments: tuple[float, str | None], index: int = 0) -> list[Chunk]:
    return [Chunk(at, event(arguments, index)) for at, arguments in fragments]


def event(arguments: str | None, index: int = 0) -> bytes:
    call = {"index": index, "id": f"call_{index}", "function": {"name": "write_to_file", "arguments": arguments}}
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}).encode() + b"\n\n"


def stream(chunks: list[Chunk]) -> Stream:
    return Stream(Exchange("t#1", "t", Request("POST", "http://h/v1"), Response(200), tuple(chunks)))


def test_half_of_evenly_spread_fragments_has_arrived_at_half_time() -> None:
    found = arrival_of(stream(streamed(*((0.5 + n / 10, "x" * 10) for n in range(11)))))
    assert found
    assert (found.characters, found.bursts) == (110, 11)
    assert found.waited == pytest.approx(0.5)
    assert found.took == pytest.approx(1.0)
    assert found.by_half_time == pytest.approx(60 / 110)
    assert found.largest_burst == pytest.approx(1 / 11)


def test_arguments_that_arrive_at_once_are_one_burst() -> None:
    found = arrival_of(stream(streamed((0.1, ""), (2.0, "x" * 500))))
    assert found
    assert (found.bursts, found.largest_burst, found.took, found.waited) == (1, 1.0, 0.0, 2.0)


def test_fragments_that_arrive_together_are_one_burst() -> None:
    found = arrival_of(stream(streamed((0.1, "ab"), (0.2, "cd"), (0.2, "ef"))))
    assert found
    assert found.bursts == 2
    assert found.largest_burst == pytest.approx(4 / 6)


def test_the_longest_call_is_measured() -> None:
    chunks = streamed((0.1, "short")) + streamed((0.2, "much longer"), (0.3, " than that"), index=1)
    found = arrival_of(stream(chunks))
    assert found
    assert found.characters == len("much longer than that")


@pytest.mark.parametrize("chunks", [[], streamed((0.1, None)), [Chunk(0.1, b"data: {}\n\n")]])
def test_without_arguments_there_is_nothing_to_measure(chunks: list[Chunk]) -> None:
    assert arrival_of(stream(chunks)) is None
