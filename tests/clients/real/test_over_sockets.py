"""The OpenAI Python SDK over real sockets beside its reader: every shape. The SDKs of npm join in with `nox -s clients`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("openai")

from tests.clients.real.columns import COLUMNS, Column
from tests.clients.real.node import Node
from tests.clients.real.run import compare, difference, explained, explanations
from tests.clients.real.shapes_served import served
from tests.clients.shapes import SHAPES, exchange, question

PYTHON = [column for column in COLUMNS if column.name.startswith("openai-python")]
NO_NODE: Node = None  # type: ignore[assignment]
WORDING, REASONS = explanations()


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with served() as one:
        yield one


@pytest.mark.parametrize(
    ("shape", "column"),
    [(name, column) for name, shape in SHAPES.items() for column in PYTHON if column.takes(question(shape))],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_reader_agrees_with_the_sdk(root: str, shape: str, column: Column) -> None:
    theirs = column.ask(NO_NODE, f"{root}/{shape}/v1", "key", question(SHAPES[shape]))
    one = compare(column, f"shape {shape}", theirs, exchange(SHAPES[shape]), WORDING)
    assert one.agree or explained(one, REASONS), difference(one)


def test_a_difference_is_told_with_both_sides() -> None:
    column = replace(COLUMNS[0], ours=lambda _: {"text": "Hello"})
    one = compare(column, "shape html", {"text": "Bye"}, exchange(SHAPES["html"]), WORDING)
    assert not one.agree
    assert not explained(one, REASONS)
    assert "Hello" in difference(one) and "Bye" in difference(one)


def test_ids_and_times_make_no_difference_but_other_pairings_do() -> None:
    column = replace(COLUMNS[0], ours=lambda _: ["chatcmpl-" + "a" * 24, "call_" + "b" * 24, 1760000000])
    seen = exchange(SHAPES["html"])
    others = ["chatcmpl-" + "1" * 24, "call_" + "2" * 24, 1770000000]
    assert compare(column, "", others, seen, WORDING).agree
    assert not compare(column, "", ["chatcmpl-" + "1" * 24, "call_" + "1" * 24, 1770000000], seen, WORDING).agree
