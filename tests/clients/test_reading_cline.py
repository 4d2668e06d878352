"""What Cline makes of an answer, one behaviour each."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.clients.cline.reading import read
from conformance.clients.reading import Ending, Moment, Tokens
from tests.clients.answers import answer, called, deltas, message, refused
from tests.clients.shapes import PARIS, PATH, data, function, of

FIRST = {"index": 0, "id": "call_1"}


def values(exchange: Any) -> list[tuple[Any, str, Any]]:
    """Id, name and value of each call."""
    return [(call.id, call.name, call.value) for call in read(exchange).calls]


def test_a_call_appears_with_its_first_arguments() -> None:
    reading = read(called(of("", "read_file", **FIRST), of('{"path":"a"', index=0), of("}", index=0)))
    assert reading.moments == (
        Moment(2.0, "read_file appears"),
        Moment(2.0, "its path is complete"),
        Moment(4.0, "read_file runs"),
    )


@pytest.mark.parametrize(
    "entries",
    [
        [of(PATH, "read_file", id="a"), of(PARIS, "get_weather", id="b")],
        [of(PATH, "read_file", index=0, id="a"), of(PARIS, "get_weather", index=0, id="b")],
        [of(PATH, "read_file", index="x", id="a"), of(PARIS, "get_weather", index=None, id="b")],
    ],
)
def test_calls_are_separated_by_their_ids(entries: list[Any]) -> None:
    assert values(called(*entries)) == [
        ("a", "read_file", {"path": "src/a.py"}),
        ("b", "get_weather", {"city": "Paris"}),
    ]


def test_without_an_index_the_place_in_the_list_counts() -> None:
    entries = [of("", "read_file", id="a"), of("", "get_weather", id="b")]
    later = [of(PATH), of(PARIS)]
    assert [name for _, name, _ in values(deltas({"tool_calls": entries}, {"tool_calls": later}))] == [
        "read_file",
        "get_weather",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        of(PATH, "read_file", index=0),
        of(PATH, "read_file", index=0, id=""),
        of("", "read_file", **FIRST),
        of(None, "read_file", **FIRST),
        of(PATH, **FIRST),
    ],
)
def test_a_call_without_id_name_or_arguments_never_appears(entry: Any) -> None:
    reading = read(called(entry))
    assert (reading.ending, reading.retried) == (Ending.EMPTY, True)
    assert reading.complaint.startswith("Invalid API Response: The provider returned an empty or unparsable response.")


@pytest.mark.parametrize(
    ("pieces", "value"),
    [
        (["{}", PATH], {}),
        ([PATH, PATH], {"path": "src/a.py"}),
        ([' {"path": "a"} trailing'], {"path": "a"}),
        (['{"path":"a\\nb\\u0041","limit":5,"mo'], {"path": "a\nb\\u0041"}),
        (['{"path":"cut o'], {"path": "cut o"}),
        ([{"path": "a"}], {}),
        (['"double"'], {}),
        (["[1]"], {}),
    ],
)
def test_arguments_give_what_can_be_had_of_them(pieces: list[Any], value: Any) -> None:
    tool = function("read_file", {"path": {}}, [])
    first, *rest = pieces
    exchange = called(of(first, "read_file", **FIRST), *(of(piece, index=0) for piece in rest), tools=[tool])
    assert [(call.value, call.problem) for call in read(exchange).calls] == [(value, "")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("{}", "Cline tried to use read_file without value for required parameter 'path'. Retrying..."),
        ('{"path":""}', "Cline tried to use read_file without value for required parameter 'path'. Retrying..."),
        ('{"path":0}', ""),
    ],
)
def test_what_is_required_must_be_something(arguments: str, problem: str) -> None:
    reading = read(called(of(arguments, "read_file", **FIRST)))
    assert (reading.calls[0].problem, reading.complaint) == (problem, problem)


def test_a_tool_that_it_does_not_have_is_not_run() -> None:
    reading = read(called(of("{}", "nothing", **FIRST)))
    assert (reading.ending, reading.calls[0].runs) == (Ending.BROKEN, None)


def test_think_stays_text_and_reasoning_has_a_field() -> None:
    reading = read(deltas({"reasoning_content": "a", "reasoning": "x"}, {"content": "<think>b</think>"}))
    assert (reading.reasoning, reading.text) == ("a", "<think>b</think>")


def test_usage_counts_cached_tokens() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    assert read(deltas({"content": "a"}, usage=usage)).tokens == Tokens(5, 2, 4)


@pytest.mark.parametrize(
    ("exchange", "failure"),
    [
        (deltas({"tool_calls": {}}), "toolCallDeltas.entries is not a function"),
        (deltas({"tool_calls": [None]}), "Cannot read properties of null (reading 'index')"),
        (deltas("text"), "Cannot use 'in' operator to search for 'reasoning_content' in text"),
        (answer(data(None)), "Cannot read properties of null (reading 'choices')"),
    ],
)
def test_odd_deltas_throw(exchange: Any, failure: str) -> None:
    assert read(exchange).failure == failure


@pytest.mark.parametrize(
    ("status", "about_the_key", "again"),
    [
        (400, False, False),
        (401, True, False),
        (404, True, False),
        (422, True, False),
        (429, False, True),
        (503, False, True),
    ],
)
def test_most_refusals_look_like_a_matter_of_the_key(status: int, about_the_key: bool, again: bool) -> None:
    reading = read(refused(status, "No."))
    assert reading.complaint.startswith(f"API Request Failed: {status} No.")
    assert ("API key" in reading.complaint, reading.retried) == (about_the_key, again)


def test_a_conversation_that_is_too_long_is_cut_down() -> None:
    assert "cuts the conversation down" in read(refused(400, "maximum context length")).complaint


def test_an_error_in_the_middle_is_shown_as_such() -> None:
    reading = read(answer(data({"choices": [{"delta": {"content": "a"}}]}), data({"error": {"message": "Gone"}})))
    assert (reading.complaint, reading.text) == ("API Streaming Failed: Gone", "a")


def test_a_completion_is_read_by_the_same_fields() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "read_file", "arguments": PATH}}
    reading = read(message("b", tool_calls=[call]))
    assert (reading.text, [c.value for c in reading.calls]) == ("b", [{"path": "src/a.py"}])
