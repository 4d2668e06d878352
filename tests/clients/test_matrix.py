"""Every reader makes of every shape what the table of `matrix.py` says; no network, no SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.clients.ai_sdk.reading import read as ai_sdk
from conformance.clients.cline.reading import read as cline
from conformance.clients.kilo_code.reading import read as kilo_code
from conformance.clients.kilo_code_legacy.reading import read as kilo_code_legacy
from conformance.clients.openai_python.reading import read as openai_python
from conformance.clients.openai_python.reading import read_helper as openai_python_stream
from conformance.clients.reading import Ending, Reading
from conformance.clients.roo_code.reading import read as roo_code
from conformance.evidence.exchange import Exchange
from tests.clients.matrix import COLUMNS, MATRIX, WORDS
from tests.clients.shapes import SHAPES, Shape, exchange

READERS: dict[str, Callable[[Exchange], Reading]] = dict(
    zip(
        COLUMNS,
        (roo_code, kilo_code_legacy, kilo_code, ai_sdk, openai_python, openai_python_stream, cline),
        strict=True,
    )
)
READ, WEATHER = ("read_file", {"path": "src/a.py"}), ("get_weather", {"city": "Paris"})
TWO = {"two-no-index", "two-index-0", "index-from-1", "duplicate-ids", "interleaved"}
MARKS = ("<think>", "</think>", "<tool_call>", "[object Object]", "{'type'")


def calls(reading: Reading) -> list[tuple[str, Any]]:
    return [(call.name, call.value) for call in reading.calls]


def carried(shape: Shape) -> tuple[str, list[tuple[str, Any]]]:
    """The text and the calls that an answer is meant to bring."""
    if shape.tools and shape.name != "tool-calls-null":
        return "", [READ, WEATHER] if shape.name in TWO else [READ]
    body = b"".join(shape.chunks)
    return "Hello world" if b" world" in body or b"Hello world" in body else "Hello", []


def sound(shape: Shape, reading: Reading) -> bool:
    """True when all of it is there, and nothing else."""
    return (reading.text, calls(reading)) == carried(shape) and not reading.failure


def cell_of(shape: Shape, reading: Reading) -> str:
    """The word of the table for what a reader made of a shape."""
    if reading.ending is Ending.FAILED:
        return "FAIL"
    if reading.ending is Ending.BROKEN:
        return "BAD"
    if reading.ending is Ending.EMPTY:
        return "EMPTY"
    if any(mark in reading.text for mark in MARKS):
        return "TXT"
    if not sound(shape, reading) or without_thought(shape, reading):
        return "LOST"
    return "WAITS" if shape.held and reading.ended_at >= exchange(shape).seconds else "ok"


def without_thought(shape: Shape, reading: Reading) -> bool:
    """True when the answer thinks and its reader, which knows such a thing, passes it over."""
    return b"I look." in b"".join(shape.chunks) and not reading.reasoning


JUDGED = [place for place, cell in MATRIX.items() if cell != "-"]


@pytest.mark.parametrize(("shape", "column"), JUDGED)
def test_a_client_makes_of_an_answer_what_the_table_says(shape: str, column: str) -> None:
    reading = READERS[column](exchange(SHAPES[shape]))
    assert cell_of(SHAPES[shape], reading) == MATRIX[shape, column], reading


@pytest.mark.parametrize(("shape", "column"), [place for place in JUDGED if MATRIX[place] in ("FAIL", "BAD", "EMPTY")])
def test_the_user_reads_an_error_if_an_answer_cannot_be_used(shape: str, column: str) -> None:
    reading = READERS[column](exchange(SHAPES[shape]))
    assert reading.complaint
    assert reading.moments[-1].what == reading.complaint


@pytest.mark.parametrize(("shape", "columns", "words"), WORDS)
def test_it_fails_in_the_words_of_its_sdk(shape: str, columns: tuple[str, ...], words: str) -> None:
    said = {column: READERS[column](exchange(SHAPES[shape])).failure for column in columns}
    assert {column: failure for column, failure in said.items() if words not in failure} == {}


def test_every_shape_has_its_row() -> None:
    assert {shape for shape, _ in MATRIX} == set(SHAPES)
