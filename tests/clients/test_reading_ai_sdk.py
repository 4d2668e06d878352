"""What a program on the AI SDK makes of an answer, at both versions. The real packages are compared in `real`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients.ai_sdk import json_text, tools
from conformance.clients.ai_sdk.parts import V2_0_48, V3_0_35
from conformance.clients.ai_sdk.reading import parts_of, read, read_2_0_48
from conformance.clients.reading import Ending, Moment, Reading, Tokens
from conformance.evidence.exchange import Chunk, Ended, Exchange, Response
from tests.clients.shapes import (
    DONE,
    EVENTS,
    FIRST,
    JSON,
    LATER,
    LEFT,
    PATH,
    READ,
    RIGHT,
    WHOLE,
    Shape,
    chunk,
    data,
    exchange,
    of,
    stream,
)
from tests.clients.total import anywhere, exchanges, writable

settings.register_profile("total", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("total")


def answer(*chunks: bytes, **more: Any) -> Exchange:
    return exchange(Shape("made", chunks, tools=True, **more))


def calling(*entries: Any, finish: str | None = "tool_calls") -> Exchange:
    """A stream with these entries of `tool_calls`, each in a chunk of its own."""
    deltas = ({"tool_calls": entry if isinstance(entry, list) else [entry]} for entry in entries)
    return answer(*stream(*deltas, finish=finish))


def plain(body: Any, **more: Any) -> Exchange:
    return answer(json.dumps(body).encode(), **{"streamed": False, "headers": JSON, **more})


def named(reading: Reading) -> list[tuple[str, str]]:
    """The calls, by name and arguments."""
    return [(call.name, call.arguments) for call in reading.calls]


SECOND = of('{"city":"Rome"}', "get_weather", index=1, id="call_2")
BY_VERSION = {  # entries, and what the versions make of them: arguments of the calls, or what fails
    "the placeholder is final for 2": ([of("{}", "read_file", **FIRST), of(PATH, **LATER)], ["{}"], ["{}" + PATH]),
    "what follows whole arguments is lost on 2": ([WHOLE, of(PATH, **LATER)], [PATH], [PATH + PATH]),
    "pieces without an index": (
        [of("", "read_file", id="a"), of(LEFT), of(RIGHT)],
        "Expected 'id' to be a string.",
        [PATH],
    ),
    "two ids under one index": ([WHOLE, {**SECOND, "index": 0}], [PATH], [PATH, '{"city":"Rome"}']),
    "one id under two indices": ([WHOLE, {**SECOND, "id": "call_1"}], [PATH, '{"city":"Rome"}'], [PATH + '{"city":"Rome"}']),
    "the name comes late": (
        [of(LEFT, **FIRST), of(RIGHT, "read_file", **LATER)],
        "Expected 'function.name' to be a string.",
        [PATH],
    ),
    "the name never comes": ([of(PATH, **FIRST)], *["Expected 'function.name' to be a string."] * 2),
    "the id never comes": ([of(PATH, "read_file", **LATER)], *["Expected 'id' to be a string."] * 2),
    "the id changes": ([READ, of(PATH, index=0, id="call_9")], [PATH], "Expected 'function.name' to be a string."),
    "an unfinished one below another is handed on first": (
        [of("1", "get_weather", index=7, id="b"), of("{", "read_file", index=2, id="a")],
        ["1", "{"],
        ["1", "{"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_VERSION)
def test_each_version_puts_calls_together_in_its_own_way(name: str) -> None:
    entries, *expected = BY_VERSION[name]
    for reading, wanted in zip((read_2_0_48(calling(*entries)), read(calling(*entries))), expected, strict=True):
        if isinstance(wanted, str):
            assert reading.failure == wanted
        else:
            assert [call.arguments for call in reading.calls] == wanted


def test_unfinished_calls_are_handed_on_in_the_order_of_their_indices_by_2_and_of_their_coming_by_3() -> None:
    entries = [of("{", "late", index=5, id="b"), of("{", "early", index=2, id="a"), of("{", "odd", index=-1, id="c")]
    assert [call.name for call in read_2_0_48(calling(*entries)).calls] == ["early", "late"]
    assert [call.name for call in read(calling(*entries)).calls] == ["late", "early", "odd"]


def test_a_call_runs_when_its_arguments_are_whole_on_2_and_when_the_stream_ends_on_3() -> None:
    seen = calling(READ, of(LEFT, **LATER), of(RIGHT, **LATER))  # chunks at 0.2, 0.3, ... ; the last of all at 0.7
    appears = [Moment(0.2, "read_file appears"), Moment(0.4, "its path is complete")]
    for reading, runs in ((read_2_0_48(seen), 0.4), (read(seen), 0.7)):
        moments = [Moment(round(m.at, 3), m.what) for m in reading.moments]
        assert moments == [*appears, Moment(runs, "read_file runs")]
        assert reading.calls[0].runs == pytest.approx(runs)


def test_a_stream_without_a_finish_reason_is_an_error_for_3_alone() -> None:
    seen = answer(data(chunk({"content": "Hi"})), DONE)
    assert read_2_0_48(seen).ending is Ending.ANSWER
    assert read(seen).failure == "Response stream ended without a finish reason."
    assert read(seen).complaint.startswith("AI_InvalidResponseDataError: ")


BAD_EVENTS = {
    "": "JSON parsing failed: Text: . Error message: Unexpected end of JSON input",
    "[DONE] ": "JSON parsing failed: Text: [DONE]. Error message: Unexpected token 'D'",
    '{"choices":[],"created":NaN}': "JSON parsing failed",
    '{"choices":[],"__proto__":{}}': "JSON parsing failed: Text: {\"choices\":[],\"__proto__\":{}}. Error message: Object contains forbidden",
    '{"choices":[],"created":1e999}': "Type validation failed: created: Invalid input: expected number",
    '{"type":"ping"}': "Type validation failed: choices: Invalid input: expected array, received undefined",
    '{"choices":[null]}': "Type validation failed: choices[0]: Invalid input: expected object, received null",
    '{"choices":[{"delta":{"role":"tool"}}]}': 'Type validation failed: choices[0].delta.role: Invalid option: expected one of "assistant"|""',
    '{"choices":[{"delta":{"content":[]}}]}': "Type validation failed: choices[0].delta.content: Invalid input: expected string, received array",
    '{"choices":[{"delta":{"tool_calls":[{"index":true,"function":{}}]}}]}': "Type validation failed: choices[0].delta.tool_calls[0].index: Invalid input: expected number, received boolean",
    '{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}': "Type validation failed: choices[0].delta.tool_calls[0].function: Invalid input: expected object",
    '{"choices":[],"usage":{"prompt_tokens":"3"}}': "Type validation failed: usage.prompt_tokens: Invalid input",
    '{"error":"down"}': "Type validation failed: error: Invalid input: expected object, received string",
    '{"error":{"message":"down","code":true}}': "Type validation failed: error.code: Invalid input: expected string, received boolean",
    '{"error":{"message":"down","code":503}}': "down",
    "[]": "Type validation failed: Invalid input: expected object, received array",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_EVENTS)
def test_an_event_of_another_shape_is_an_error_although_the_rest_is_sound(text: str) -> None:
    seen = answer(*stream({"content": "Hi"})[:1], f"data: {text}\n\n".encode(), *stream({"content": " there"}))
    reading = read_2_0_48(seen)
    assert reading.failure.startswith(BAD_EVENTS[text])
    assert reading.text == "Hi there"
    assert reading.ending is Ending.FAILED
    assert reading.moments[-1].what == reading.complaint


SOUND_EVENTS = {
    "a role of nothing": {"choices": [{"delta": {"role": ""}}]},
    "nulls": {"id": None, "created": None, "choices": [{"delta": None, "finish_reason": None}], "usage": None},
    "keys that nobody knows": {"choices": [], "billing": {"cost": 1}},
    "a time with a fraction": {"choices": [], "created": 1.5},
    "no delta": {"choices": [{"message": {"content": "unread"}}]},
}


@pytest.mark.parametrize("name", SOUND_EVENTS)
def test_undeclared_members_are_accepted(name: str) -> None:
    seen = answer(data(SOUND_EVENTS[name]), *stream({"content": "Hi"}))
    assert read(seen).text == "Hi"
    assert not read(seen).complaint


def test_an_error_of_null_throws_on_2_and_is_an_error_part_on_3() -> None:
    seen = answer(data({**chunk({"content": "Hi"}), "error": None}), *stream({"content": " there"}))
    assert read_2_0_48(seen).failure == "Cannot read properties of null (reading 'message')"
    assert not read_2_0_48(seen).text
    assert read(seen).failure == "null"
    assert read(seen).text == " there"


def test_an_error_beside_choices_is_read_for_its_message_by_2_and_handed_on_whole_by_3() -> None:
    texts = {False: "undefined", True: '{"reason":"busy"}'}
    seen = answer(data({"choices": [], "error": {"reason": "busy"}}), *stream({"content": "Hi"}))
    assert {r.whole_errors: parts_of(seen, r).errors[0].message for r in (V2_0_48, V3_0_35)} == texts


FRAMING = {
    "comments and events without data are skipped": (b": hi\n\nevent: ping\n\nretry: 5\n\n", True),
    "a byte order mark is skipped": (b"\xef\xbb\xbf", True),
    "a field of another name is skipped": (b"Data: {}\n\n", True),
    "bytes that are no UTF-8 become U+FFFD": (b": \xff\xfe\n\n", True),
}


@pytest.mark.parametrize("name", FRAMING)
def test_of_the_framing_only_data_counts(name: str) -> None:
    before, sound = FRAMING[name]
    assert (read(answer(before, *stream({"content": "Hi"}))).ending is Ending.ANSWER) is sound


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_an_event_needs_its_blank_line_and_a_cr_at_the_very_end_is_waited_for(line_end: str) -> None:
    whole = b"".join(stream({"content": "Hi"})[:2]).replace(b"\n", line_end.encode())
    assert read(answer(whole)).failure == ("Response stream ended without a finish reason." * (line_end == "\r"))
    cut = whole.removesuffix(line_end.encode())
    assert read(answer(cut)).failure == "Response stream ended without a finish reason."
    assert read(answer(cut)).text == "Hi"


def test_halves_of_a_character_in_two_chunks_become_one() -> None:
    halves = [
        b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n',
    ]
    assert read(answer(*halves, *stream())).text == "\N{GRINNING FACE}"  # fmt: skip


def test_usage_and_reasoning_are_read_and_the_last_usage_counts() -> None:
    counts = {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}
    more = {**counts, "completion_tokens_details": {"reasoning_tokens": 2}}
    thought = {"reasoning_content": "Hm", "reasoning": "unread"}
    seen = answer(
        data(chunk(thought, usage={"prompt_tokens": 1})), data(chunk({"content": "Hi"}, "stop", usage=more)), DONE
    )
    reading = read(seen)
    assert (reading.reasoning, reading.tokens, reading.finish) == ("Hm", Tokens(9, 5, 4, 2), "stop")
    assert [m.what for m in reading.moments] == ["the reasoning begins", "the text begins"]


TOOL_CALLS = {
    "whole": ("read_file", PATH, ""),
    "blank arguments are an empty object": ("no_arguments", "  ", ""),
    "keys that nobody asked for are dropped": ("read_file", '{"path":"a","more":1}', ""),
    "an unknown name": ("write", PATH, "Model tried to call unavailable tool 'write'. Available tools: read_file, "),
    "no JSON": ("read_file", '{"path":', "Invalid input for tool read_file: JSON parsing failed: Text: {\"path\":. "),
    "no object": ("read_file", '"{}"', "Invalid input for tool read_file: Type validation failed: Invalid input: expected object"),
    "a required key is missing": ("read_file", "{}", "Invalid input for tool read_file: Type validation failed: path: Invalid input: expected string, received undefined"),
    "a number in quotes": ("read_file", '{"path":"a","line":"3"}', "Invalid input for tool read_file: Type validation failed: line: Invalid input: expected number, received string"),
    "a fraction for an integer": ("read_file", '{"path":"a","line":1.5}', "Invalid input for tool read_file: Type validation failed: line: Invalid input: expected int"),
    "null for an optional key": ("read_file", '{"path":"a","line":null}', "Invalid input for tool read_file: Type validation failed: line"),
    "null where it may be": ("read_file", '{"path":"a","until":null}', ""),
    "a word that is none of the choices": ("read_file", '{"path":"a","mode":"x"}', 'Invalid input for tool read_file: Type validation failed: mode: Invalid option: expected one of "r"|"w"'),
    "a list of the wrong things": ("read_file", '{"path":"a","tags":[1]}', "Invalid input for tool read_file: Type validation failed: tags[0]: Invalid input: expected string, received number"),
}  # fmt: skip
PARAMETERS = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "line": {"type": "integer"},
        "until": {"type": ["integer", "null"]},
        "mode": {"enum": ["r", "w"]},
        "tags": {"type": "array", "items": {"anyOf": [{"type": "string"}]}},
    },
    "required": ["path"],
    "additionalProperties": False,
}


def offering(seen: Exchange, **schemas: Any) -> Exchange:
    """The same answer to a request with these tools."""
    offered = [{"type": "function", "function": {"name": n, "parameters": s}} for n, s in schemas.items()]
    body = {**seen.request.json, "tools": offered}
    return replace(seen, request=replace(seen.request, body=json.dumps(body).encode()))


@pytest.mark.parametrize("case", TOOL_CALLS)
def test_a_call_runs_when_a_tool_of_that_name_takes_its_arguments(case: str) -> None:
    name, arguments, problem = TOOL_CALLS[case]
    seen = offering(calling(of(arguments, name, **FIRST)), read_file=PARAMETERS, no_arguments={"type": "object"})
    (call,) = read(seen).calls
    assert call.problem.startswith(problem)
    assert bool(call.problem) == bool(problem)
    assert (call.value is None, call.runs is None) == (bool(problem), bool(problem))
    assert (problem in read(seen).complaint) and bool(read(seen).complaint) == bool(problem)


def test_schemas_of_any_kind_check_what_they_can() -> None:
    odd: list[Any] = [None, 5, {"type": 3}, {"properties": [], "required": {}}, {"anyOf": [1]}, {"items": "x"}]
    for schema in odd:
        assert tools.of_json_schema(schema)({"a": 1}) == []
    missing = tools.of_json_schema({"type": "object", "required": ["a", 5]})({})
    assert [issue["path"] for issue in missing] == [["a"]]


REFUSALS = {
    '{"error":{"message":"No such model","code":"x"}}': "No such model",
    '{"error":{"message":"No such model","code":true}}': "Not Found",
    '{"error":"No such model"}': "Not Found",
    '{"detail":"No such model"}': "Not Found",
    "<html>": "Not Found",
    "": "Not Found",
}


@pytest.mark.parametrize("body", REFUSALS)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_refusal_is_read_for_its_nested_message_and_for_nothing_else(body: str, streamed: bool) -> None:
    reading = read(answer(body.encode(), status=404, streamed=streamed))
    assert (reading.failure, reading.retried) == (REFUSALS[body], False)
    assert reading.complaint == f"AI_APICallError: {REFUSALS[body]}"


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 599])
def test_passing_faults_are_asked_for_again(status: int) -> None:
    seen = answer(b'{"error":{"message":"later"}}', headers=JSON)
    reading = read(replace(seen, response=Response(status, JSON, "No")))
    assert reading.retried
    assert reading.complaint == "AI_RetryError: Failed after 3 attempts. Last error: later"


def test_a_refusal_without_a_message_is_reported_by_its_name() -> None:
    assert read(replace(answer(), response=Response(403))).failure == "AI_APICallError"


NO_ANSWER = {
    Ended.REFUSED: "Cannot connect to API: connect ECONNREFUSED",
    Ended.UNRESOLVED: "Cannot connect to API: getaddrinfo ENOTFOUND",
    Ended.TIMED_OUT: "Cannot connect to API: Headers Timeout Error",
    Ended.RESET: "Cannot connect to API: read ECONNRESET",
    Ended.CLOSED_EARLY: "Cannot connect to API: other side closed",
    Ended.TLS_FAILURE: "Cannot connect to API: self-signed certificate",
}


@pytest.mark.parametrize("ended", NO_ANSWER)
def test_without_an_answer_the_cause_is_reported_and_the_request_retried(ended: Ended) -> None:
    silent = replace(answer(), response=None, ended=ended, detail="self-signed certificate")
    reading = read(silent)
    assert (reading.failure, reading.retried) == (NO_ANSWER[ended], True)


def test_a_stream_that_breaks_off_keeps_its_words_and_is_not_asked_for_again() -> None:
    reading = read(answer(*stream({"content": "Hi"})[:1], ended=Ended.CLOSED_EARLY))
    assert (reading.text, reading.failure, reading.retried) == ("Hi", "terminated", False)


def test_a_stream_that_stays_open_is_waited_for() -> None:
    seen = answer(*stream({"content": "Hi"}), ended=Ended.TIMED_OUT, held=2.0)
    assert read(seen).ending is Ending.ANSWER
    assert read(seen).ended_at == seen.seconds
    assert read(answer(*stream({"content": "Hi"})[:1], ended=Ended.TIMED_OUT)).failure == "terminated"


def test_a_body_of_unknown_length_is_whole_for_node_when_its_end_was_announced() -> None:
    closing = (*EVENTS, ("Connection", "close"))
    sound = stream({"content": "Hi"})
    for headers, whole in ((closing, True), (EVENTS, False), ((*closing, ("content-length", "999")), False)):
        assert (not read(answer(*sound, headers=headers, ended=Ended.CLOSED_EARLY)).failure) is whole


@pytest.mark.parametrize(("status", "method"), [(302, "with GET and without the body"), (307, "again")])
def test_of_a_redirect_only_where_it_leads_is_known(status: int, method: str) -> None:
    reading = read(answer(status=status, headers=(("location", "http://h/v2"),)))
    assert reading.complaint == f"HTTP {status}: http://h/v2 is asked {method}."
    assert bool(reading.failure) is (status == 302)


def completion(**message: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 2}}


COMPLETIONS: dict[str, tuple[Any, str]] = {
    "sound": (completion(role="assistant", content="Hi", reasoning="Hm"), ""),
    "an error of null beside it": ({**completion(content="Hi"), "error": None}, ""),
    "another role": (completion(role="model", content="Hi"), "Invalid JSON response"),
    "no choices": ({"id": "x"}, "Invalid JSON response"),
    "an error instead": ({"error": {"message": "down"}}, "Invalid JSON response"),
    "no choice": ({"choices": []}, "Cannot read properties of undefined (reading 'message')"),
    "arguments as an object": (
        completion(tool_calls=[{"id": "a", "function": {"name": "f", "arguments": {}}}]),
        "Invalid JSON response",
    ),
}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_a_completion_of_another_shape_is_an_invalid_json_response(name: str) -> None:
    body, failure = COMPLETIONS[name]
    for reading in (read(plain(body)), read_2_0_48(plain(body, headers=(("content-type", "text/html"),)))):
        assert reading.failure == failure
        assert failure or (reading.text, reading.tokens) == ("Hi", Tokens(prompt=2))


def test_calls_of_a_completion_need_neither_type_nor_id() -> None:
    entries = [{"function": {"name": "f", "arguments": "{"}}, {"id": "", "function": {"name": "g", "arguments": "{}"}}]
    seen = plain(completion(tool_calls=entries))
    assert named(read(seen)) == [("f", "{"), ("g", "{}")]
    assert all(call.id for call in read(seen).calls)
    assert [bool(call.id) for call in read_2_0_48(seen).calls] == [True, False]


@given(st.recursive(st.none() | st.text(max_size=6) | st.integers(), lambda v: st.lists(v) | st.dictionaries(st.text(max_size=4), v)), st.data())  # fmt: skip
def test_a_value_in_pieces_is_taken_for_whole_when_it_is(value: Any, draw: st.DataObject) -> None:
    text, progress = json.dumps(value), json_text.Progress()
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert [progress.add(piece) for piece in pieces][-1]


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_nesting_without_end_ends_as_an_error(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for body in (b'data: {"choices":' + deep + b"}\n\n", b"data: " + deep + b"\n\n"):
        assert read(answer(body)).failure
    assert read(calling(of(deep.decode(), "read_file", **FIRST))).ending is Ending.BROKEN


@given(seen=exchanges())
def test_no_bytes_make_a_reader_of_the_ai_sdk_raise(seen: Exchange) -> None:
    for reader in (read, read_2_0_48):
        reading = reader(seen)
        assert reading == reader(seen)
        writable(reading)
        assert reading.ending is not Ending.FAILED or reading.complaint


@given(seen=anywhere(), cut=st.integers(0, 300))
def test_only_times_depend_on_where_the_network_cut_the_bytes(seen: Exchange, cut: int) -> None:
    body = seen.body
    split = replace(seen, chunks=(Chunk(0.1, body[:cut]), Chunk(0.2, body[cut:])))
    for reader in (read, read_2_0_48):
        whole, parted = reader(seen), reader(split)
        assert (whole.text, whole.failure, named(whole)) == (parted.text, parted.failure, named(parted))
