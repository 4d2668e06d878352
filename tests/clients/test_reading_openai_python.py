"""What a program with the OpenAI Python SDK makes of an answer, one behaviour after the other.

That the SDK itself does the same is held by `test_openai_python_agrees.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients.openai_python.reading import NOTHING, listed, read, read_helper
from conformance.clients.reading import Ending, Reading, Tokens
from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from tests.clients.shapes import (
    COUNTED,
    DONE,
    EVENTS,
    HEAD,
    HELLO,
    JSON,
    PATH,
    ROLE,
    SHAPES,
    WORLD,
    Shape,
    chunk,
    data,
    exchange,
    function,
    of,
    stream,
)

NOT_JSON = "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
SAME = settings(derandomize=True, deadline=None, database=None, max_examples=150)
READERS = {"read": read, "read_helper": read_helper}


def answer(*chunks: bytes, **more: Any) -> Exchange:
    """An answer of these chunks."""
    return exchange(Shape("made", chunks, **more))


def of_shape(name: str) -> Reading:
    return read(exchange(SHAPES[name]))


def helped(name: str) -> Reading:
    return read_helper(exchange(SHAPES[name]))


def test_text_is_joined_and_its_beginning_seen_when_the_first_of_it_comes() -> None:
    seen = of_shape("sound-text")
    assert (seen.text, seen.finish, seen.ending) == ("Hello world", "stop", Ending.ANSWER)
    [moment] = seen.moments
    assert moment.at == pytest.approx(0.3)
    assert moment.what == "the text begins"
    assert seen.complaint == ""


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_call_appears_with_its_name_and_runs_when_the_stream_is_over(reader: Any) -> None:
    evidence = exchange(SHAPES["sound-call"])
    seen = reader(evidence)
    [call] = seen.calls
    assert (call.id, call.name, call.value, call.problem) == ("call_1", "read_file", {"path": "src/a.py"}, "")
    assert call.appears == pytest.approx(0.3)
    assert call.runs == evidence.chunks[-1].at
    assert [moment.what for moment in seen.moments] == ["read_file appears", "read_file runs"]
    assert seen.ending is Ending.CALLS


def test_the_done_event_ends_the_answer_although_the_connection_stays_open() -> None:
    evidence = exchange(SHAPES["open-after-done"])
    assert read(evidence).ended_at == evidence.chunks[-1].at < evidence.seconds


def test_what_breaks_after_the_done_event_is_not_noticed() -> None:
    evidence = replace(answer(*stream(HELLO), b"\xff"), ended=Ended.TIMED_OUT, seconds=60)
    assert read(evidence).complaint == ""


@pytest.mark.parametrize(
    ("special", "complaint"),
    [
        (b"event: ping\n\n", NOT_JSON),
        (b"data:\n\n", NOT_JSON),
        (b"data\n\n", NOT_JSON),
        (b"retry: 3000\n\n", NOT_JSON),
        (b"id: 1\n\n", NOT_JSON),
        (b"retry: soon\n\n", ""),
        (b": ping\n\n", ""),
        (b"\n\n", ""),
        (b"event:\n\n", ""),
        (b"id: 1\0\n\n", ""),
        (b"data: [DONE] and more\n\n", ""),
        (b'data: {"error":null}\n\n', ""),
        (b'data: {"error":{"message":"No."}}\n\n', "openai.APIError: No."),
        (b'data: {"error":{"code":1}}\n\n', "openai.APIError: An error occurred during streaming"),
        (b"data: null\n\n", "AttributeError: 'NoneType' object has no attribute 'choices'"),
        (b"data: []\n\n", "AttributeError: 'list' object has no attribute 'choices'"),
        (b": \xff\n\n", "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte"),
    ],
)
def test_lines_between_the_chunks(special: bytes, complaint: str) -> None:
    evidence = answer(data(chunk(HELLO)), special, data(chunk({}, "stop")), DONE)
    seen = read(evidence)
    assert (seen.text, seen.complaint) == ("Hello", complaint)
    assert (seen.ending is Ending.FAILED) == bool(complaint)
    if complaint:
        assert (seen.moments[-1].what, seen.moments[-1].at) == (complaint, evidence.chunks[1].at)


def test_an_id_is_never_forgotten_so_that_a_later_comment_ends_the_answer() -> None:
    events = (b"id: 7\n" + data(chunk(HELLO)), data(chunk(WORLD)), b": still here\n\n", DONE)
    assert (read(answer(*events)).text, read(answer(*events)).complaint) == ("Hello world", NOT_JSON)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_lines_end_in_lf_cr_or_both_however_they_are_cut(end: bytes, size: int) -> None:
    body = b"".join(stream(ROLE, HELLO, WORLD)).replace(b"\n", end)
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    assert read(answer(*parts)).text == "Hello world"


def test_a_byte_order_mark_costs_the_first_event() -> None:
    first, *rest = stream(HELLO, WORLD)
    assert read(answer(b"\xef\xbb\xbf" + first, *rest)).text == " world"


def test_the_last_event_is_lost_without_its_blank_line() -> None:
    assert of_shape("no-last-blank-line").text == "Hello"


@pytest.mark.parametrize("shape", ["html", "error-object", "full-completion", "empty-body", "single-newlines"])
def test_a_body_without_events_leaves_the_loop_nothing_and_the_helper_an_assertion(shape: str) -> None:
    assert (of_shape(shape).ending, of_shape(shape).complaint) == (Ending.EMPTY, NOTHING)
    assert (helped(shape).failure, helped(shape).complaint) == ("AssertionError", "AssertionError")


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ("content-parts", 'TypeError: can only concatenate str (not "list") to str'),
        ("choice-without-delta", "AttributeError: 'NoneType' object has no attribute 'content'"),
        ("message-instead-of-delta", "AttributeError: 'NoneType' object has no attribute 'content'"),
        ("arguments-object", 'TypeError: can only concatenate str (not "dict") to str'),
        ("tool-calls-object", "AttributeError: 'str' object has no attribute 'id'"),
        ("plain-choices-missing", "TypeError: 'NoneType' object is not subscriptable"),
        ("plain-choices-empty", "IndexError: list index out of range"),
        ("plain-sse", "AttributeError: 'str' object has no attribute 'choices'"),
    ],
)
def test_odd_shapes_fail_where_the_program_touches_them(shape: str, complaint: str) -> None:
    assert (of_shape(shape).complaint, of_shape(shape).ending) == (complaint, Ending.FAILED)


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ("no-index", "TypeError: list indices must be integers or slices, not NoneType"),
        ("index-from-1", "IndexError: list index out of range"),
        ("no-function", "AssertionError"),
        ("usage-null-choices", "TypeError: 'NoneType' object is not iterable"),
        ("choice-without-delta", "AttributeError: 'NoneType' object has no attribute 'to_dict'"),
    ],
)
def test_the_helper_is_stricter_than_the_loop(shape: str, complaint: str) -> None:
    assert (helped(shape).complaint, helped(shape).ending) == (complaint, Ending.FAILED)


def test_the_helper_passes_over_chunks_that_do_not_name_their_object() -> None:
    bare = {name: value for name, value in chunk(HELLO).items() if name != "object"}
    assert read(answer(data(bare), DONE)).text == "Hello"
    assert read_helper(answer(data(bare), DONE)).complaint == "AssertionError"


def test_the_helper_joins_ids_and_names_that_are_repeated_and_the_loop_keeps_the_first() -> None:
    loop, helper = of_shape("repeated-names").calls[0], helped("repeated-names").calls[0]
    assert (loop.id, loop.name, loop.problem) == ("call_1", "read_file", "")
    assert (helper.id, helper.name) == ("call_1call_1call_1", "read_fileread_fileread_file")
    assert helper.problem == "KeyError: 'read_fileread_fileread_file'"


def test_a_name_in_parts_is_whole_for_the_helper_only() -> None:
    assert (of_shape("name-split").calls[0].problem, of_shape("name-split").ending) == (
        "KeyError: 'read_'",
        Ending.BROKEN,
    )
    assert helped("name-split").ending is Ending.CALLS


@pytest.mark.parametrize(
    ("finish", "complaint"),
    [
        ("length", "openai.LengthFinishReasonError: Could not parse response content as the length limit was reached"),
        (
            "content_filter",
            "openai.ContentFilterFinishReasonError: Could not parse response content as the request was"
            " rejected by the content filter",
        ),
        ("stop", ""),
        ("function_call", ""),
    ],
)
def test_the_helper_refuses_an_answer_that_was_cut_off(finish: str, complaint: str) -> None:
    chunks = (data(chunk(HELLO)), data(chunk({}, finish)), DONE)
    assert (read_helper(answer(*chunks)).complaint, read(answer(*chunks)).complaint) == (complaint, "")


def test_the_helper_tells_the_usage_of_an_answer_that_was_cut_off() -> None:
    complaint = read_helper(answer(*stream(HELLO, finish="length"))).complaint
    assert complaint.endswith(
        " - CompletionUsage(completion_tokens=10, prompt_tokens=20, total_tokens=30,"
        " completion_tokens_details=None, prompt_tokens_details=None)"
    )


def strict(*deltas: Any) -> Exchange:
    """A streamed call of a strict tool, whose arguments the helper parses itself."""
    tool = function("read_file", {"path": {"type": "string"}}, ["path"])
    tool["function"]["strict"] = True
    evidence = answer(*stream(*({"tool_calls": [delta]} for delta in deltas)), tools=True)
    body = json.dumps(evidence.request.json | {"tools": [tool]}).encode()
    return replace(evidence, request=replace(evidence.request, body=body))


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (["", '{"path":', '"src/a.py"}'], ""),
        (["", "{}", PATH], "Extra data: line 1 column 3 (char 2)"),
        (["", '{"path":tr', "ue}"], ""),
        (["", '{"path":,', "1}"], "expected value at line 1 column 9"),
        (["", '"{', '}"'], "EOF while parsing a string at line 1 column 2"),
        (["", "read it", ""], "expected value at line 1 column 1"),
        (['{"path":', "", ""], "Expecting value: line 1 column 9 (char 8)"),
    ],
)
def test_the_helper_parses_the_arguments_of_strict_tools(arguments: list[str], failure: str) -> None:
    first, *later = arguments
    read_call = of(first, "read_file", index=0, id="call_1"), *(of(part, index=0) for part in later)
    assert read_helper(strict(*read_call)).failure == failure


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("read_file", PATH, ""),
        ("read_file", '{"path":"a","start_line":1}', ""),
        ("Read_file", PATH, "KeyError: 'Read_file'"),
        ("read_file", "", NOT_JSON),
        ("read_file", "[]", "TypeError: read_file() argument after ** must be a mapping, not list"),
        ("read_file", "{}", "TypeError: read_file() missing 1 required positional argument: 'path'"),
        ("read_file", '{"path":"a","mode":1}', "TypeError: read_file() got an unexpected keyword argument 'mode'"),
        ("copy", "{}", "TypeError: copy() missing 2 required positional arguments: 'here' and 'there'"),
        ("copy", '{"here":1,"there":2,"more":3}', ""),
    ],
)
def test_a_call_runs_when_python_could_call_the_function(name: str, arguments: str, problem: str) -> None:
    optional = {"type": ["string", "null"]}
    copy = function("copy", {"here": {}, "there": {}, "how": optional}, ["here", "there", "how"])
    del copy["function"]["parameters"]["additionalProperties"]
    evidence = answer(*stream({"tool_calls": [of(arguments, name, index=0, id="call_1")]}), tools=True)
    body = json.dumps(evidence.request.json | {"tools": [*evidence.request.json["tools"], copy]}).encode()
    seen = read(replace(evidence, request=replace(evidence.request, body=body)))
    assert (seen.calls[0].problem, seen.complaint) == (problem, problem)
    assert (seen.calls[0].value is None) == (seen.calls[0].runs is None) == bool(problem)


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (401, b'{"error":{"message":"No such key"}}', "openai.AuthenticationError: Error code: 401 - No such key"),
        (403, b"", "openai.PermissionDeniedError: Error code: 403"),
        (404, b'{"message":"Gone"}', "openai.NotFoundError: Error code: 404 - Gone"),
        (404, b'{"detail":"Not Found"}', "openai.NotFoundError: Error code: 404"),
        (422, b'{"error":"no"}', "openai.UnprocessableEntityError: Error code: 422"),
        (413, b"<html>", "openai.APIStatusError: Error code: 413"),
        (503, b"<html>", "openai.InternalServerError: Error code: 503"),
        (304, b"", "openai.APIStatusError: Error code: 304"),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_refusal_has_a_class_by_status_and_the_message_of_its_body(
    status: int, body: bytes, complaint: str, streamed: bool
) -> None:
    seen = read(answer(body, status=status, streamed=streamed, headers=JSON))
    assert (seen.complaint, seen.failure) == (complaint, complaint.split(": ", 1)[1])


@pytest.mark.parametrize(
    ("status", "headers", "retried"),
    [
        (400, {}, False),
        (404, {}, False),
        (408, {}, True),
        (409, {}, True),
        (429, {}, True),
        (500, {}, True),
        (429, {"retry-after": "120"}, True),
        (429, {"retry-after": "121"}, False),
        (429, {"retry-after-ms": "1000", "retry-after": "600"}, True),
        (429, {"retry-after": "soon"}, True),
        (429, {"retry-after": "Mon, 01 Jan 2035 00:03:00 GMT", "date": "Mon, 01 Jan 2035 00:00:00 GMT"}, False),
        (429, {"x-should-retry": "false"}, False),
        (400, {"x-should-retry": "true"}, True),
    ],
)
def test_what_is_asked_again(status: int, headers: dict[str, str], retried: bool) -> None:
    assert read(answer(b"", status=status, headers=tuple(headers.items()))).retried is retried


@pytest.mark.parametrize(
    ("ended", "complaint"),
    [
        (Ended.REFUSED, "openai.APIConnectionError: Connection error."),
        (Ended.UNRESOLVED, "openai.APIConnectionError: Connection error."),
        (Ended.TLS_FAILURE, "openai.APIConnectionError: Connection error."),
        (Ended.TIMED_OUT, "openai.APITimeoutError: Request timed out."),
    ],
)
def test_no_answer_at_all(ended: Ended, complaint: str) -> None:
    evidence = replace(answer(), response=None, chunks=(), ended=ended, seconds=5.0)
    seen = read(evidence)
    assert (seen.complaint, seen.retried, seen.ended_at) == (complaint, True, 5.0)
    assert listed(evidence).complaint == complaint


def test_a_stream_that_breaks_off_fails_at_once_and_a_completion_is_asked_for_again() -> None:
    cut = {"ended": Ended.RESET}
    streamed, plain = read(answer(data(chunk(HELLO)), **cut)), read(answer(b"{", streamed=False, **cut))
    assert (streamed.text, streamed.failure, streamed.retried) == ("Hello", "Connection error.", False)
    assert (plain.failure, plain.retried) == ("Connection error.", True)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"ended": Ended.CLOSED_EARLY}, "RemoteProtocolError: peer closed connection without sending complete message"),
        ({"ended": Ended.RESET}, "ReadError: [Errno 104] Connection reset by peer"),
        ({"ended": Ended.TIMED_OUT}, "ReadTimeout: timed out"),
        ({"undecodable": "gzip"}, "DecodingError: Error -3 while decompressing data: incorrect header check"),
    ],
)
def test_a_refusal_of_a_stream_that_breaks_off_shows_the_library_below_the_sdk(
    broken: dict[str, Any], complaint: str
) -> None:
    refused = replace(answer(b"{", status=500), **broken)
    assert read(refused).complaint.startswith(f"httpx2.{complaint}")
    plain = replace(refused, request=replace(refused.request, body=b'{"messages":[]}'))
    assert read(plain).complaint.startswith("openai.API")


def test_missing_bytes_of_a_refusal_are_counted_if_its_length_is_known() -> None:
    cut = answer(b"{", status=500, headers=(("content-length", "100"),), ended=Ended.CLOSED_EARLY)
    assert read(cut).failure.endswith("(received 1 bytes, expected 100)")


def test_damaged_compression_is_a_connection_error_and_an_unknown_encoding_is_left_as_it_is() -> None:
    packed = replace(answer(*stream(HELLO)), undecodable="gzip")
    assert read(packed).failure == "Connection error."
    assert read(replace(packed, undecodable="snappy")).text == "Hello"


def test_an_endless_answer_is_reported_in_the_suites_words() -> None:
    endless = replace(answer(data(chunk(HELLO)), ended=Ended.OVER_LIMIT), detail="more than 9 chunks")
    assert read(endless).complaint == "The answer does not end: more than 9 chunks"
    page = replace(answer(b"<html>", status=502), ended=Ended.OVER_LIMIT)
    assert read(page).failure == "Error code: 502"


@pytest.mark.parametrize(("status", "ending"), [(301, Ending.FAILED), (302, Ending.FAILED), (307, Ending.EMPTY)])
def test_a_redirect_is_followed_and_loses_the_request_unless_its_status_keeps_it(status: int, ending: Ending) -> None:
    seen = read(answer(b"", status=status, headers=(("location", "https://h/v1"),)))
    assert (seen.ending, "https://h/v1" in seen.complaint) == (ending, True)


@pytest.mark.parametrize(
    ("body", "content_type", "text", "complaint"),
    [
        (b'{"choices":[{"message":{"content":"Hi"}}]}', "text/html", "Hi", ""),
        (b"\xef\xbb\xbf" + b'{"choices":[{"message":{"content":"Hi"}}]}', "application/json", "Hi", ""),
        (b'{"choices":[{"message":{"content":[1]}}]}', "application/json", "[1]", ""),
        (b"<html>", "text/html", "", "AttributeError: 'str' object has no attribute 'choices'"),
        (b"<html>", "application/json", "", NOT_JSON),
        (b"", "application/json", "", NOT_JSON),
        (b"null", "application/json", "", "AttributeError: 'NoneType' object has no attribute 'choices'"),
        (
            b'{"choices":[{"message":{"tool_calls":[{"type":"custom","custom":{}}]}}]}',
            "application/json",
            "",
            "AttributeError: 'ChatCompletionMessageCustomToolCall' object has no attribute 'function'",
        ),
    ],
)
def test_a_completion_is_parsed_with_any_content_type(
    body: bytes, content_type: str, text: str, complaint: str
) -> None:
    seen = read(answer(body, streamed=False, headers=(("content-type", content_type),)))
    assert (seen.text, seen.complaint) == (text, complaint)


def test_tokens_are_those_of_the_last_usage_and_0_for_anything_but_a_number() -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 4}}
    usage = {"prompt_tokens": "20", "completion_tokens": "many", **details}
    seen = read(answer(data(COUNTED), data(HEAD | {"choices": [], "usage": usage}), DONE))
    assert seen.tokens == Tokens(prompt=20, completion=0, cached=8, reasoning=4)
    assert read(answer(data(chunk(HELLO)), DONE)).tokens is None


def test_words_instead_of_a_call_are_noted_when_tools_were_offered() -> None:
    assert of_shape("call-as-text").used_no_tool
    assert not of_shape("sound-text").used_no_tool
    assert not of_shape("sound-call").used_no_tool


@pytest.mark.parametrize(
    ("body", "ids", "complaint"),
    [
        ({"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"id": "b"}]}, ("b", "a", "b"), ""),
        ({"data": []}, (), ""),
        ({"models": ["a"]}, (), ""),
        ({"data": ["a"]}, (), "AttributeError: 'str' object has no attribute 'id'"),
        ({"data": [{"name": "a"}]}, (), ""),
        ([{"id": "a"}], (), "AttributeError: 'list' object has no attribute '_set_private_attributes'"),
    ],
)
def test_the_list_of_models(body: Any, ids: tuple[str, ...], complaint: str) -> None:
    listing = listed(answer(json.dumps(body).encode(), streamed=False, headers=JSON))
    assert (listing.ids, listing.complaint) == (ids, complaint)


def test_a_list_that_is_a_web_page_ends_in_an_exception() -> None:
    page = answer(b"<html>", streamed=False, headers=(("content-type", "text/html"),))
    assert listed(page).complaint == "AttributeError: 'str' object has no attribute '_set_private_attributes'"


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
REQUESTS = st.builds(
    lambda stream, tools: Request("POST", "http://h", JSON, json.dumps({"stream": stream, "tools": tools}).encode()),
    st.booleans(),
    st.one_of(VALUES, st.lists(st.fixed_dictionaries({"function": VALUES}), max_size=2)),
)


@given(
    REQUESTS,
    st.one_of(
        st.none(),
        st.builds(
            Response,
            st.integers(100, 599),
            st.lists(st.tuples(st.sampled_from(["retry-after", "date", "content-type", "location"]), st.text())).map(
                tuple
            ),
        ),
    ),
    st.lists(st.builds(Chunk, st.floats(0, 9), st.binary(max_size=40)), max_size=4).map(tuple),
    st.sampled_from(Ended),
    st.sampled_from(["", "gzip", "br"]),
)
@SAME
def test_any_bytes_are_read(
    request: Request, response: Response | None, chunks: tuple[Chunk, ...], ended: Ended, undecodable: str
) -> None:
    evidence = Exchange("made#1", "made", request, response, chunks, ended, undecodable=undecodable)
    for reader in (read, read_helper):
        assert isinstance(reader(evidence).ending, Ending)
    assert isinstance(listed(evidence).complaint, str)


@given(REQUESTS, st.lists(VALUES, max_size=3), st.lists(VALUES, max_size=3), VALUES)
@SAME
def test_any_json_is_read_wherever_readers_look(
    request: Request, deltas: list[Any], entries: list[Any], other: Any
) -> None:
    choices = [{"index": 0, "delta": delta, "message": delta} for delta in deltas]
    called = [chunk({"tool_calls": [entry, {"index": 0, "function": entry}]}) for entry in entries]
    values = [{**HEAD, "choices": choices, "usage": other, "data": entries}, *called, {**HEAD, "choices": other}, other]
    for streamed in (b"".join(map(data, values)), json.dumps(values[0]).encode(), json.dumps(other).encode()):
        evidence = Exchange("made#1", "made", request, Response(200, EVENTS), (Chunk(0.1, streamed),))
        for reader in (read, read_helper):
            assert isinstance(reader(evidence).complaint, str)
        assert all(isinstance(id, str) for id in listed(evidence).ids)
