"""What Roo Code makes of an answer, one behaviour each; whole shapes of answers are in `test_matrix.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.clients.reading import Ending, Moment, Tokens
from conformance.clients.roo_code.reading import read
from conformance.evidence.exchange import Ended
from tests.clients.answers import answer, called, deltas, message, refused
from tests.clients.shapes import PATH, data, function, of

FIRST = {"index": 0, "id": "call_1"}
BROKEN = "Invalid tool call for 'read_file': missing nativeArgs."
NOTHING = "Unexpected API Response: The language model did not provide any assistant messages."
PATH_TOOL = function("read_file", {"path": {"type": "string"}}, ["path"])


def test_a_call_appears_with_its_name_and_runs_when_the_connection_closes() -> None:
    held = called(of('{"pa', "read_file", **FIRST), of('th":"a', index=0), of('.py"}', index=0))
    reading = read(replace(held, seconds=9.0))
    assert reading.moments == (
        Moment(1.0, "read_file appears"),
        Moment(3.0, "its path is complete"),
        Moment(9.0, "read_file runs"),
    )
    (call,) = reading.calls
    assert (call.appears, call.runs, call.value) == (1.0, 9.0, {"path": "a.py"})
    assert reading.ended_at == 9.0


def test_a_call_whose_name_comes_late_keeps_the_arguments_before_it() -> None:
    reading = read(called(of('{"path":', **FIRST), of('"a.py"}', "read_file", index=0)))
    assert [(call.name, call.value, call.appears) for call in reading.calls] == [("read_file", {"path": "a.py"}, 2.0)]


def test_deltas_before_the_id_are_dropped_and_the_rest_is_invalid_json() -> None:
    reading = read(called(of('{"path":', "read_file", index=0), of('"a.py"}', "read_file", **FIRST)))
    assert [(call.arguments, call.problem) for call in reading.calls] == [('"a.py"}', BROKEN)]


def test_the_first_name_counts_once_the_call_has_appeared() -> None:
    reading = read(called(of("", "read_file", **FIRST), of(PATH, "get_weather", index=0)))
    assert [call.name for call in reading.calls] == ["read_file"]


@pytest.mark.parametrize("arguments", ['{"path":', PATH + PATH, '"x"', "null", "[]", "5", "", '{"file":"a"}'])
def test_arguments_that_do_not_fit_are_reported_to_the_model(arguments: str) -> None:
    reading = read(called(of(arguments, "read_file", **FIRST)))
    assert reading.ending is Ending.BROKEN
    assert [call.problem for call in reading.calls] == [BROKEN]
    assert reading.complaint == f"Roo is having trouble... {BROKEN}"
    assert reading.moments[-1].what == reading.complaint


@pytest.mark.parametrize(
    ("tool", "arguments", "runs"),
    [
        (function("get_time", {}, []), "", True),
        (function("read_file", {"path": {}, "limit": {}}, ["path", "limit"]), '{"path":"a","odd":1}', True),
        (function("read_file", {"files": {}}, ["files"]), '{"path":"a"}', False),
        (function("execute_command", {"command": {}, "cwd": {}}, ["command", "cwd"]), '{"command":""}', False),
        (function("write_to_file", {"path": {}, "content": {}}, ["path"]), '{"path":"a"}', False),
        (function("write_to_file", {"path": {}, "content": {}}, []), '{"path":"a","content":null}', True),
        (function("my_tool", {"a": {}, "b": {}}, ["a"]), '{"a":1}', True),
        (function("my_tool", {"a": {}, "b": {}}, ["a"]), '{"b":1}', False),
        (function("mcp--srv--do-it", {"a": {}}, ["a"]), "", True),
        (function("mcp--srv--do-it", {"a": {}}, ["a"]), "[1]", False),
    ],
)
def test_its_own_tools_need_the_least_they_can_do_with(tool: Any, arguments: str, runs: bool) -> None:
    reading = read(called(of(arguments, tool["function"]["name"], **FIRST), tools=[tool]))
    assert [call.runs is not None for call in reading.calls] == [runs]


@pytest.mark.parametrize(
    ("offered", "name", "known"),
    [
        ("mcp--srv--do-it", "mcp__srv__do_it", True),
        ("write_to_file", "write_file", True),
        ("read_file", "Read_File", False),
        ("read_file", "read_files", False),
    ],
)
def test_a_name_is_known_in_a_few_spellings(offered: str, name: str, known: bool) -> None:
    reading = read(called(of("{}", name, **FIRST), tools=[function(offered, {}, [])]))
    assert ("Unknown tool" not in reading.calls[0].problem) is known


@pytest.mark.parametrize(
    ("tools", "complaint"),
    [(None, True), ([], True), ("read_file", True), ([{"type": "function"}, None, PATH_TOOL], False)],
)
def test_only_offered_tools_are_known(tools: Any, complaint: bool) -> None:
    assert bool(read(called(of(PATH, "read_file", **FIRST), tools=tools)).complaint) is complaint


def test_a_number_for_an_id_ends_the_task() -> None:
    reading = read(called(of(PATH, "read_file", index=0, id=7)))
    assert (reading.failure, reading.calls) == ("id.replace is not a function", ())
    assert not reading.retried
    assert "stops the task" in reading.complaint


@pytest.mark.parametrize(
    ("delta", "failure"),
    [
        ({"tool_calls": {}}, "delta.tool_calls is not iterable"),
        ({"tool_calls": [None]}, "Cannot read properties of null (reading 'index')"),
        ({"content": {"text": "a"}}, "chunk is not iterable"),
        ("text", "Cannot use 'in' operator to search for 'reasoning_content' in text"),
    ],
)
def test_odd_deltas_throw(delta: Any, failure: str) -> None:
    reading = read(deltas(delta))
    assert (reading.ending, reading.failure) == (Ending.FAILED, failure)


def test_a_chunk_that_is_null_throws() -> None:
    assert read(answer(data(None))).failure == "Cannot read properties of null (reading 'choices')"


@pytest.mark.parametrize(
    ("contents", "text", "reasoning"),
    [
        (["<think>a", "</think>b"], "b", "a"),
        (["<thi", "nk>", "a</th", "ink>", "b"], "b", "a"),
        (["< think >a</ think >b"], "b", "a"),
        (["\n<think>a</think>b"], "\n<think>a</think>b", ""),
        (["a</think>b"], "a</think>b", ""),
        (["</think>b"], "b", ""),
        (["<think>a"], "", "a"),
        (["<thinking>a"], "<thinking>a", ""),
        (["<think>a<b>c</think>d<think>"], "d<think>", "a<b>c"),
        (["<", "b"], "<b", ""),
        (["<think>a<think>b</think>c</think>d"], "d", "a<think>b</think>c"),
        ([["<think>", {}]], "<think>[object Object]", ""),
    ],
)
def test_think_is_separated_at_the_first_character_only(contents: list[Any], text: str, reasoning: str) -> None:
    reading = read(deltas(*({"content": content} for content in contents)))
    assert (reading.text, reading.reasoning) == (text, reasoning)


def test_reasoning_comes_from_one_field_only() -> None:
    reading = read(deltas({"reasoning_content": "a"}, {"reasoning": "b"}, {"content": "c"}))
    assert (reading.reasoning, reading.text) == ("a", "c")
    assert reading.moments == (Moment(1.0, "the reasoning begins"), Moment(3.0, "the text begins"))


def test_words_without_a_call_are_known_as_such() -> None:
    assert read(deltas({"content": "a"})).used_no_tool
    assert not read(deltas({"content": "a"}, tools=None)).used_no_tool
    assert read(deltas({"content": "a"})).complaint == ""


@pytest.mark.parametrize("empty", [deltas(), deltas({"reasoning_content": "a"}), answer(b"<html>"), message()])
def test_an_answer_without_words_or_calls_is_asked_for_again(empty: Any) -> None:
    reading = read(empty)
    assert (reading.ending, reading.retried, reading.failure) == (Ending.EMPTY, True, "")
    assert reading.complaint.startswith(NOTHING)


@pytest.mark.parametrize(
    ("model", "text", "tokens"), [("m", "b", Tokens(3, 2, 1)), ("solar-pro3", "<think>a</think>b", Tokens(6, 4))]
)
def test_ids_that_look_like_the_o_series_are_read_in_another_way(model: str, text: str, tokens: Tokens) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "cache_read_input_tokens": 1}
    first = data({"choices": [{"delta": {"content": "<think>a</think>b", "reasoning_content": "c"}}], "usage": usage})
    reading = read(answer(first, data({"choices": [], "usage": usage}), model=model))
    assert (reading.text, reading.tokens) == (text, tokens)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (None, None),
        ({}, Tokens()),
        ({"prompt_tokens": "12", "completion_tokens": 3}, Tokens(12, 3)),
        ({"prompt_tokens": None, "completion_tokens": [1]}, Tokens()),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}, Tokens(5)),
    ],
)
def test_usage_is_taken_as_far_as_it_is_numbers(usage: Any, tokens: Tokens | None) -> None:
    assert read(deltas({"content": "a"}, usage=usage)).tokens == tokens


@pytest.mark.parametrize(
    ("status", "words", "again"),
    [
        (400, "The provider couldn't process the request as made.", False),
        (401, "Couldn't authenticate with provider.", False),
        (402, "You seem to have run out of funds/credits", False),
        (403, "Unauthorized. Your API key is valid", False),
        (404, "Unknown API error. Please contact Roo Code support.", False),
        (422, "Unknown API error. Please contact Roo Code support.", False),
        (429, "Too many requests.", True),
        (500, "Provider server error.", True),
        (503, "Unknown API error. Please contact Roo Code support.", True),
    ],
)
def test_a_refusal_is_reported_by_its_status(status: int, words: str, again: bool) -> None:
    reading = read(refused(status, "No."))
    assert (reading.failure, reading.retried) == (f"{status} No.", again)
    assert reading.complaint.startswith(words)
    assert reading.complaint.endswith(f"(OpenAI completion error: {status} No.)")


@pytest.mark.parametrize(
    ("exchange", "shortened"),
    [
        (refused(400, "This model's maximum context length is 8192 tokens."), True),
        (refused(400, "Too many tokens"), True),
        (refused(413, "maximum context length"), False),
        (refused(400, "prompt is too long"), False),
        (answer(b'{"detail":"maximum context length"}', status=400), False),
        (answer(data({"error": {"message": "context window", "code": 400}})), True),
        (answer(data({"error": {"message": "context window", "code": "context_length_exceeded"}})), False),
        (deltas({"content": "a"}, {"content": 5}), False),
    ],
)
def test_a_conversation_that_is_too_long_is_cut_down(exchange: Any, shortened: bool) -> None:
    reading = read(exchange)
    assert ("cuts the conversation down" in reading.complaint) is shortened
    assert reading.failure
    assert reading.retried or not shortened


def test_an_error_in_the_middle_throws_the_turn_away() -> None:
    cut = called(of(PATH, "read_file", **FIRST), of("", index=0), ended=Ended.RESET)
    reading = read(cut)
    assert (reading.failure, reading.calls, reading.retried) == ("terminated", (), True)
    assert reading.complaint == "Provider ended the request: terminated"
    assert [moment.what for moment in reading.moments] == [
        "read_file appears",
        "its path is complete",
        reading.complaint,
    ]


def test_an_error_before_any_content_is_reported_without_a_prefix() -> None:
    reading = read(answer(data({"error": {"message": "Overloaded"}})))
    assert reading.complaint == "Unknown API error. Please contact Roo Code support. (Overloaded)"
    assert not reading.retried


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ({"id": "a", "type": "function", "function": {"name": "read_file", "arguments": PATH}}, ("a", "")),
        ({"id": "a", "function": {"name": "read_file", "arguments": PATH}}, None),
        ({"id": "a", "type": "function", "function": {"name": "read_file", "arguments": "{"}}, None),
        ({"id": "a", "type": "function", "function": {"name": "nothing", "arguments": PATH}}, None),
        ({"id": "a", "type": "function", "function": {"name": "read_file", "arguments": {"path": "a"}}}, None),
        (
            {"type": "function", "function": {"name": "read_file", "arguments": PATH}},
            (None, "Invalid tool call: missing tool_use.id."),
        ),
    ],
)
def test_a_call_of_a_completion_that_does_not_fit_is_dropped_without_a_word(call: Any, left: Any) -> None:
    reading = read(message(tool_calls=[call]))
    assert [(c.id, c.problem) for c in reading.calls] == ([left] if left else [])


@pytest.mark.parametrize(
    ("entry", "failure"),
    [
        (None, "Cannot read properties of null (reading 'type')"),
        ({"type": "function"}, "Cannot read properties of undefined (reading 'name')"),
    ],
)
def test_an_odd_call_of_a_completion_throws(entry: Any, failure: str) -> None:
    assert read(message(tool_calls=[entry])).failure == failure


def test_a_completion_is_text_without_reasoning() -> None:
    reading = read(message("<think>a</think>b", reasoning_content="c"))
    assert (reading.text, reading.reasoning, reading.tokens) == ("<think>a</think>b", "", Tokens())


def test_a_completion_of_invalid_json_fails_under_the_name_of_the_request() -> None:
    reading = read(answer(b"<html>", headers=(("content-type", "application/json"),), streamed=False))
    assert reading.failure == "Unexpected token '<', \"<html>\" is not valid JSON"
    assert f"(OpenAI completion error: {reading.failure})" in reading.complaint
