"""Where the older Kilo Code reads an answer in another way than Roo Code."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.clients.kilo_code_legacy.reading import read
from conformance.clients.reading import Ending
from tests.clients.answers import answer, called, deltas, message, refused
from tests.clients.shapes import JSON, PATH, function, of


@pytest.mark.parametrize(
    ("delta", "reasoning"),
    [
        ({"reasoning_content": "a"}, "a"),
        ({"reasoning": "b"}, "b"),
        ({"reasoning_content": "a", "reasoning": "b"}, "a"),
        ({"reasoning_content": "", "reasoning": "b"}, "b"),
    ],
)
def test_reasoning_comes_from_either_field(delta: Any, reasoning: str) -> None:
    assert read(deltas(delta)).reasoning == reasoning


@pytest.mark.parametrize(("given", "kept"), [(7, "7"), (1.5, "1.5"), (True, "true"), (0, "0"), ("a", "a")])
def test_ids_become_text(given: Any, kept: str) -> None:
    reading = read(called(of(PATH, "read_file", index=0, id=given)))
    assert [(call.id, call.problem) for call in reading.calls] == [(kept, "")]


def test_a_null_id_is_still_none() -> None:
    assert read(called(of(PATH, "read_file", index=0, id=None))).ending is Ending.EMPTY


def test_an_empty_answer_is_blamed_on_rate_limits() -> None:
    assert read(deltas()).complaint.endswith("This may be a sign of rate limiting.")


@pytest.mark.parametrize(
    ("body", "headers", "failure"),
    [
        (b"{}", JSON, "Cannot read properties of undefined (reading '0')"),
        (b'{"choices":null}', JSON, "Cannot read properties of null (reading '0')"),
        (b'{"choices":[]}', (), "Cannot read properties of undefined (reading '0')"),
        (b"null", JSON, "Cannot read properties of null (reading 'choices')"),
    ],
)
def test_a_completion_without_choices_throws(body: bytes, headers: Any, failure: str) -> None:
    assert read(answer(body, headers=headers, streamed=False)).failure == failure


def test_a_completion_has_its_reasoning_in_one_field() -> None:
    assert read(message("b", reasoning="a")).reasoning == "a"
    assert read(message("b", reasoning_content="a")).reasoning == ""


def test_cerebras_words_for_a_long_conversation_are_known() -> None:
    reading = read(refused(400, "Please reduce the length of the messages or completion."))
    assert reading.complaint == "Kilo Code cuts the conversation down and asks again."


def test_its_texts_bear_its_own_name() -> None:
    assert read(refused(404, "No.")).complaint.startswith("Unknown API error. Please contact Kilo Code support.")
    assert read(called(of("{", "read_file", index=0, id="a"))).complaint.startswith("Kilo Code is having trouble...")


@pytest.mark.parametrize(("arguments", "runs"), [('{"files":[]}', True), (PATH, False)])
def test_its_read_file_takes_files(arguments: str, runs: bool) -> None:
    tool = function("read_file", {"files": {}, "path": {}}, ["path"])
    reading = read(called(of(arguments, "read_file", index=0, id="a"), tools=[tool]))
    assert [call.runs is not None for call in reading.calls] == [runs]
