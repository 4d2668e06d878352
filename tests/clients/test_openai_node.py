"""The OpenAI Node SDK as readers have it: what it hands on, when, and in which words it fails; and no bytes break them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.clients import openai_node
from conformance.clients.cline import reading as cline
from conformance.clients.javascript import Thrown
from conformance.clients.kilo_code_legacy import reading as kilo_code_legacy
from conformance.clients.roo_code import reading as roo_code
from conformance.clients.v8_json import NotJson, parse
from conformance.evidence.exchange import Chunk, Ended, Exchange, Headers, Response
from tests.clients.answers import answer
from tests.clients.shapes import CLOSING, EVENTS, HTML, JSON, data

READERS = (roo_code, kilo_code_legacy, cline)
ONE, TWO = data({"n": 1}), data({"n": 2})


def streamed(exchange: Exchange) -> tuple[list[tuple[float, Any]], tuple[float | None, str] | None]:
    """The chunks with their times, and the error with its own."""
    seen: list[tuple[float, Any]] = []
    try:
        seen.extend(openai_node.stream(exchange))
    except Thrown as error:
        return seen, (error.at, error.message)
    return seen, None


@pytest.mark.parametrize(
    ("parts", "chunks"),
    [
        ((ONE, TWO), [(1, 1), (2, 2)]),
        ((ONE[:5], ONE[5:-1], b"\n" + TWO), [(3, 1), (3, 2)]),
        ((ONE[:-1], b"\r", b"\n", TWO), [(4, 1), (4, 2)]),  # LF CR LF is no gap: the event waits for the next one
        ((ONE.replace(b"\n", b"\r\n"), TWO), [(1, 1), (2, 2)]),
        ((ONE.replace(b"\n", b"\r"), TWO), [(2, 1), (2, 2)]),  # a lone CR waits for the byte after it
        ((ONE, TWO[:-1]), [(1, 1)]),
        ((ONE, TWO[:-1] + b"\r"), [(1, 1), (3, 2)]),  # seen only at the end
        ((b"\xef\xbb\xbf" + ONE, b"\xef\xbb\xbf" + TWO), [(1, 1), (2, 2)]),
        ((b": hi\n\nid: 7\n\nretry: 1\n\n", ONE), [(2, 1)]),
        ((b"event: ping\n" + ONE,), [(1, 1)]),
        ((b'data: {"n":\ndata:1}\n\n',), [(1, 1)]),
        ((ONE, b"data: [DONE]-ish\n\n", TWO, b"data: no json\n\n"), [(1, 1)]),
        ((b"Data: 1\n\n<html>",), []),
    ],
)
def test_an_event_is_handed_on_when_the_gap_behind_it_is_there(
    parts: Sequence[bytes], chunks: list[tuple[int, int]]
) -> None:
    assert streamed(answer(*parts)) == ([(float(at), {"n": n}) for at, n in chunks], None)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (b"event: ping\n\n", "Unexpected end of JSON input"),
        (b"data:\n\n", "Unexpected end of JSON input"),
        (b"data: <nil>\n\n", "Unexpected token '<', \"<nil>\" is not valid JSON"),
        (data({"error": {"message": "Overloaded", "code": 1}}), "Overloaded"),
        (data({"error": {"message": {"a": 1.0}}}), '{"a":1}'),
        (data({"error": {"code": 5}}), '{"code":5}'),
        (data({"error": "busy"}), '"busy"'),
        (data({"error": []}), "[]"),
    ],
)
def test_an_event_ends_the_stream_with_an_error(event: bytes, message: str) -> None:
    assert streamed(answer(ONE, event, TWO)) == ([(1.0, {"n": 1})], (2.0, message))


@pytest.mark.parametrize("falsy", [None, 0, "", False])
def test_an_error_that_is_nothing_is_none(falsy: Any) -> None:
    assert streamed(answer(data({"error": falsy}))) == ([(1.0, {"error": falsy})], None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ended": Ended.RESET}, "terminated"),
        ({"ended": Ended.CLOSED_EARLY}, "terminated"),
        ({"ended": Ended.TIMED_OUT}, "terminated"),
        ({"undecodable": "gzip"}, "terminated"),
        ({"ended": Ended.CLOSED_EARLY, "response": Response(200, CLOSING)}, None),
        ({"ended": Ended.CLOSED_EARLY, "response": Response(200, EVENTS, http_version="HTTP/1.0")}, None),
        ({"undecodable": "zstd"}, None),
    ],
)
def test_a_broken_connection_is_an_error_unless_it_was_to_close(changes: Any, message: str | None) -> None:
    answered = streamed(replace(answer(ONE, b"data: [DONE]\n\n"), **changes))
    assert answered == ([(1.0, {"n": 1})], message and (3.0, message))


def test_what_waited_for_its_gap_is_lost_with_the_connection() -> None:
    assert streamed(answer(ONE, TWO[:-1] + b"\r\n", ended=Ended.RESET))[0] == [(1.0, {"n": 1})]


@pytest.mark.parametrize(
    ("ended", "message"),
    [
        (Ended.REFUSED, "Connection error."),
        (Ended.TLS_FAILURE, "Connection error."),
        (Ended.NOT_HTTP, "Connection error."),
        (Ended.TIMED_OUT, "Request timed out."),
    ],
)
def test_without_a_response_the_error_tells_no_more_than_that(ended: Ended, message: str) -> None:
    silent = replace(answer(ended=ended), response=None)
    assert streamed(silent) == ([], (1.0, message))
    assert openai_node.asks_again(silent)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{"error":{"message":"Incorrect API key"}}', "401 Incorrect API key"),
        (404, b'{"detail":"Not Found"}', "404 status code (no body)"),
        (404, b'{"object":"error","message":"No such model"}', "404 status code (no body)"),
        (400, b'{"error":"bad"}', '400 "bad"'),
        (400, b'{"error":{"message":""}}', '400 {"message":""}'),
        (400, b"[]", "400 status code (no body)"),
        (400, b"null", "400 null"),
        (502, b"<html>", "502 <html>"),
        (500, b"", "500 status code (no body)"),
        (400, b'\xef\xbb\xbf{"error":1}', "400 1"),
    ],
)
def test_only_a_nested_error_gets_into_the_message(status: int, body: bytes, message: str) -> None:
    assert streamed(answer(body, status=status)) == ([], (2.0, message))


@pytest.mark.parametrize(
    ("status", "headers", "again"),
    [
        (200, (), False),
        (400, (), False),
        (401, (), False),
        (408, (), True),
        (409, (), True),
        (429, (), True),
        (500, (), True),
        (529, (), True),
        (400, (("X-Should-Retry", "true"),), True),
        (503, (("x-should-retry", "false"),), False),
    ],
)
def test_some_statuses_are_asked_for_again(status: int, headers: Headers, again: bool) -> None:
    assert openai_node.asks_again(answer(status=status, headers=headers)) is again


@pytest.mark.parametrize(
    ("status", "headers", "body", "value"),
    [
        (200, JSON, b'\xef\xbb\xbf{"a": 1.0}', {"a": 1}),
        (200, (("content-type", "application/problem+json; charset=utf-8"),), b"[]", []),
        (200, (*HTML, *JSON), b"{}", {}),  # two headers are one to it
        (200, HTML, b"{}", "{}"),
        (200, (("content-type", "Application/JSON"),), b"{}", "{}"),
        (200, (), b"{}", "{}"),
        (204, JSON, b"", None),
    ],
)
def test_a_completion_is_json_where_its_type_says_so(status: int, headers: Headers, body: bytes, value: Any) -> None:
    assert openai_node.completion(answer(body, status=status, headers=headers, streamed=False)) == value


def test_an_empty_completion_is_a_syntax_error() -> None:
    with pytest.raises(Thrown, match="Unexpected end of JSON input"):
        openai_node.completion(answer(headers=JSON, streamed=False))


def test_a_stream_without_a_body_is_an_error() -> None:
    assert streamed(answer(status=204)) == ([], (1.0, "Attempted to iterate over a response with no body"))


@pytest.mark.parametrize(
    ("text", "message"),
    [  # measured with Node 20.20
        ("", "Unexpected end of JSON input"),
        ('{"a":', "Unexpected end of JSON input"),
        ("{", "Expected property name or '}' in JSON at position 1"),
        ('{"a"', "Expected ':' after property name in JSON at position 4"),
        ('{"a":1', "Expected ',' or '}' after property value in JSON at position 6"),
        ('{"a":1,}', "Expected double-quoted property name in JSON at position 7"),
        ('{"a":1,"b" "c"', "Unexpected string in JSON at position 11"),
        ("[1 2]", "Expected ',' or ']' after array element in JSON at position 3"),
        ('{"a":1}{"a":1}', "Unexpected non-whitespace character after JSON at position 7"),
        ('"abc', "Unterminated string in JSON at position 4"),
        ('"a\nb"', "Bad control character in string literal in JSON at position 2"),
        ('"\\x"', "Bad escaped character in JSON at position 2"),
        ('"\\u12"', "Bad Unicode escape in JSON at position 5"),
        ('{"a":"b\\', "Unexpected end of JSON input"),
        ("01", "Unexpected number in JSON at position 1"),
        ("-x", "No number after minus sign in JSON at position 1"),
        ("1.", "Unterminated fractional number in JSON at position 2"),
        ("1e+", "Exponent part is missing a number in JSON at position 3"),
        ("NaN", '"NaN" is not valid JSON'),
        ("[NaN]", "Unexpected token 'N', \"[NaN]\" is not valid JSON"),
        ("[object Object]", '"[object Object]" is not valid JSON'),
        ("truE", "Unexpected token 'E', \"truE\" is not valid JSON"),
        ("<html><body>hello world</body>", "Unexpected token '<', \"<html><bod\"... is not valid JSON"),
        ("[true,fals,null,1,2,3,4]", "Unexpected token ',', ...\"[true,fals,null,1,2,\"... is not valid JSON"),
        ("[1,2,3,4,5,6,7,8,9,10,11,<", "Unexpected token '<', ...\"8,9,10,11,<\" is not valid JSON"),
    ],
)
def test_invalid_json_is_reported_in_the_words_of_v8(text: str, message: str) -> None:
    with pytest.raises(NotJson) as caught:
        parse(text)
    assert caught.value.message == message


PLACES = st.sampled_from(
    "choices delta message content tool_calls index id function name arguments type usage error code prompt_tokens "
    "completion_tokens prompt_tokens_details cached_tokens reasoning reasoning_content finish_reason data".split()
)
SMALL = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.5, "", "call_1", "read_file", '{"path":"a"}', "<think>"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(PLACES, inner, max_size=4),
    max_leaves=10,
)


CALL = st.fixed_dictionaries(
    {
        "index": SMALL,
        "id": SMALL,
        "type": st.just("function") | SMALL,
        "function": SMALL | st.fixed_dictionaries({"name": SMALL, "arguments": SMALL}),
    }
)
DELTA = SMALL | st.fixed_dictionaries(
    {"content": SMALL, "reasoning_content": SMALL, "tool_calls": SMALL | st.lists(CALL | SMALL, max_size=3)}
)
CHOICE = SMALL | st.fixed_dictionaries({"delta": DELTA, "message": DELTA})
VALUE = SMALL | st.fixed_dictionaries(
    {"choices": SMALL | st.lists(CHOICE, max_size=2), "usage": SMALL}, optional={"error": SMALL, "data": SMALL}
)
BODY = (
    st.binary(max_size=80)
    | VALUE.map(lambda value: json.dumps(value).encode())
    | st.lists(VALUE.map(data) | st.binary(max_size=12), max_size=4).map(b"".join)
)
total = settings(derandomize=True, deadline=None, max_examples=200, database=None)


@st.composite
def answers(draw: st.DrawFn) -> tuple[Exchange, Exchange]:
    """An answer in one part, and the same in two that come together."""
    body, cut = draw(BODY), draw(st.integers(0, 80))
    status, ended = (draw(st.sampled_from([200, 200, 200, 204, 302, 400, 429])), draw(st.sampled_from(list(Ended))))
    model, asked = draw(st.sampled_from(["m", "o3"])), draw(st.booleans())
    one = answer(body, status=status, headers=JSON, ended=ended, streamed=asked, model=model)
    return one, replace(one, chunks=(Chunk(1.0, body[:cut]), Chunk(1.0, body[cut:])))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__.split(".")[-2])
@given(pair=answers())
@example((answer(data({"choices": [{"delta": {"content": "["}}]}), b"data: " + b"[" * 99999),) * 2)
@example((answer(b"[" * 99999, status=400), answer(b"[" * 99999, status=400)))
@total
def test_any_bytes_are_read_without_an_error_and_alike_however_they_are_cut(
    reader: Any, pair: tuple[Exchange, Exchange]
) -> None:
    whole, cut = (reader.read(exchange) for exchange in pair)
    assert whole == cut
    assert whole.moments == tuple(sorted(whole.moments, key=lambda moment: moment.at))
    assert all(isinstance(call.name, str) and isinstance(call.value, dict | None) for call in whole.calls)
    assert all((call.runs is None) == bool(call.problem) == (call.value is None) for call in whole.calls)
    assert bool(whole.complaint) == (whole.ending in ("failed", "empty", "broken"))
    assert reader.listed(pair[0]) == reader.listed(pair[1])


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__.split(".")[-2])
def test_values_nested_too_deep_for_us_end_as_a_failure(reader: Any) -> None:
    depth = 900
    content = "[" * depth + "]" * depth
    body = f'data: {{"choices":[{{"delta":{{"content":{content}}}}}]}}\n\n'.encode()
    assert reader.read(answer(body)).ending in ("failed", "answer")


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, ("a", "b")),
        ({"data": []}, ()),
        ({"data": None}, ()),
        ({"data": {"id": "a"}}, ()),
        ({"data": [None, {"id": "a"}]}, ()),
        ({"data": [{"name": "a"}, {"id": 1}, {"id": "b"}]}, ("b",)),
        ({"models": [{"id": "a"}]}, ()),
        (None, ()),
    ],
)
def test_a_list_of_models_is_read_or_silently_ignored(body: Any, ids: tuple[str, ...]) -> None:
    for reader in READERS:
        listing = reader.listed(answer(json.dumps(body).encode(), headers=HTML))  # axios does not ask for the type
        assert (listing.ids, listing.complaint) == (ids, "")


@pytest.mark.parametrize(
    "changes", [{"response": Response(401)}, {"response": None}, {"ended": Ended.CLOSED_EARLY}, {"undecodable": "br"}]
)
def test_a_list_that_fails_is_an_empty_one(changes: Any) -> None:
    fine = answer(b'{"data":[{"id":"a"}]}')
    assert [reader.listed(replace(fine, **changes)).ids for reader in READERS] == [(), (), ()]
    assert roo_code.listed(fine).ids == ("a",)
