"""What Kilo Code makes of an answer and of a list of models, beyond what the AI SDK below it does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients.kilo_code.listing import NONE, TIMEOUT, listed
from conformance.clients.kilo_code.reading import CUT, CUT_THINKING, INCOMPLETE, INVALID, NOTHING, read, without_marker
from conformance.clients.reading import Ending, Listing, Tokens
from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from tests.clients.shapes import DONE, FIRST, JSON, LATER, LEFT, PATH, WHOLE, Shape, chunk, data, exchange, of, stream
from tests.clients.total import BODIES, exchanges, writable

settings.register_profile("total", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("total")


def answer(*chunks: bytes, **more: Any) -> Exchange:
    return exchange(Shape("made", chunks, tools=True, **more))


def calling(*entries: Any, finish: str = "tool_calls") -> Exchange:
    return answer(*stream(*({"tool_calls": [entry]} for entry in entries), finish=finish))


def refusal(status: int, body: str, reason: str = "") -> Exchange:
    return replace(answer(body.encode()), response=Response(status, JSON, reason))


def test_any_error_part_ends_the_turn_and_nothing_after_it_is_read() -> None:
    seen = answer(*stream({"content": "Hi"})[:1], b'data: {"type":"ping"}\n\n', *stream({"content": " there"}))
    reading = read(seen)
    assert (reading.text, reading.ending) == ("Hi", Ending.FAILED)
    assert reading.complaint == "Type validation failed: choices: Invalid input: expected array, received undefined"
    assert reading.ended_at == pytest.approx(0.3)


def test_a_call_that_ran_before_the_error_is_still_reported() -> None:
    reading = read(answer(*stream({"tool_calls": [WHOLE]})[:1], b"data: {\n\n"))
    assert [m.what for m in reading.moments][:3] == ["read_file appears", "its path is complete", "read_file runs"]
    assert reading.ending is Ending.FAILED


def test_the_message_of_an_error_within_a_stream_is_shown_in_quotes() -> None:
    reading = read(answer(data({"error": {"message": "The model is overloaded."}})))
    assert (reading.complaint, reading.retried) == ('"The model is overloaded."', True)


NAMES = {
    " Read_File": ("read_file", ""),
    "READ_FILE": ("read_file", ""),
    "read": ("read", "Model tried to call unavailable tool 'read'."),
    "": ("", "Model tried to call unavailable tool ''."),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_repaired_to_lower_case_and_an_unknown_one_is_reported_to_the_model(name: str) -> None:
    wanted, problem = NAMES[name]
    reading = read(calling(of(PATH, name, **FIRST)))
    (call,) = reading.calls
    assert call.name == wanted
    assert call.problem.startswith(problem)
    assert (call.value, reading.ending) == (
        ({"path": "src/a.py"}, Ending.CALLS) if not problem else (None, Ending.BROKEN)
    )
    assert reading.complaint == (f"Invalid Tool: {INVALID} {call.problem}" if problem else "")  # fmt: skip


def test_invalid_arguments_and_a_reached_limit_are_both_reported() -> None:
    reading = read(calling(of(LEFT, "read_file", **FIRST), finish="length"))
    assert reading.complaint.startswith(
        f"Invalid Tool: {INVALID} Invalid input for tool read_file: JSON parsing failed"
    )
    assert reading.complaint.endswith(CUT)
    assert reading.calls[0].runs is None


def test_of_calls_with_one_id_the_last_takes_the_place_of_the_others() -> None:
    seen = calling(WHOLE, of('{"city":"Rome"}', "get_weather", index=1, id="call_1"))
    assert [call.name for call in read(seen).calls] == ["get_weather"]
    assert read(seen).complaint.startswith("2 tool calls came under one id")


EMPTY: dict[str, tuple[tuple[bytes, ...], str]] = {
    "nothing at all": ((), INCOMPLETE),
    "a web page": ((b"<html>",), INCOMPLETE),
    "only blanks": ((data(chunk({"content": " \n"})), DONE), INCOMPLETE),
    "no finish reason but text": ((data(chunk({"content": "Hi"})),), ""),
    "no finish reason but reasoning": ((data(chunk({"reasoning": "Hm"})),), NOTHING),
    "nothing but usage": ((data({"choices": [], "usage": {"prompt_tokens": 1}}),), NOTHING),
    "usage of nothing": ((data({"choices": [], "usage": {"prompt_tokens": 0}}),), INCOMPLETE),
    "an end and nothing before it": ((data(chunk({}, "stop")),), NOTHING),
    "calls that never came": ((data(chunk({}, "tool_calls")),), NOTHING),
    "a limit hit while thinking": ((data(chunk({"reasoning": "Hm"}, "length")),), CUT_THINKING),
    "a limit hit while speaking": ((data(chunk({"content": "Hi"}, "length")),), CUT),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_answer_of_nothing_is_asked_for_again_and_any_other_empty_turn_just_ends(name: str) -> None:
    chunks, complaint = EMPTY[name]
    reading = read(answer(*chunks))
    assert reading.complaint == complaint
    assert (reading.ending is Ending.FAILED, reading.retried) == (complaint == INCOMPLETE,) * 2


FINISH = {"stop": "stop", "tool_calls": "stop", "length": "length", "content_filter": "content-filter", "eos": "unknown"}  # fmt: skip


@pytest.mark.parametrize("sent", FINISH)
def test_the_finish_reason_is_kilo_codes_own(sent: str) -> None:
    assert read(answer(data(chunk({"content": "Hi"}, sent)))).finish == FINISH[sent]
    assert read(calling(WHOLE)).finish == "tool-calls"


MARKED = {
    "</think>Hi": "Hi",
    "</THINK>\nHi": "\nHi",
    "<|end_of_thinking|>Hi": "Hi",
    "<｜end▁of▁thinking｜>Hi": "Hi",
    "</think></think>": "</think>",
    "<think>a</think>Hi": "<think>a</think>Hi",
    " </think>Hi": " </think>Hi",
    "</thin": "</thin",
}


@pytest.mark.parametrize("text", MARKED)
def test_only_the_end_of_a_reasoning_at_the_very_start_is_left_out(text: str) -> None:
    assert without_marker(text) == MARKED[text]
    halves = stream({"content": text[:3]}, {"content": text[3:]})
    assert read(answer(*halves)).text == MARKED[text]


def test_cached_tokens_and_reasoning_are_taken_out_of_what_they_are_part_of() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 7},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    reading = read(answer(data(chunk({"content": "Hi"}, "stop", usage=usage))))
    assert reading.tokens == Tokens(prompt=3, completion=-1, cached=7, reasoning=5)


REFUSALS = {  # status, reason phrase, body: what is shown, and whether it is asked for again
    (401, "Unauthorized", '{"error":{"message":"Bad key"}}'): ("Bad key", False),
    (401, "", ""): ("Unauthorized", False),
    (401, "", '{"detail":"Bad key"}'): ('{"detail":"Bad key"}', False),
    (401, "Unauthorized", '{"detail":"Bad key"}'): ('Unauthorized: {"detail":"Bad key"}', False),
    (404, "Not Found", '{"message":"No such model"}'): ("Not Found: No such model", False),
    (404, "Not Found", '{"error":"No such model"}'): ("Not Found: No such model", False),
    (404, "Not Found", '{"error":{"message":7}}'): ('Not Found: {"error":{"message":7}}', False),
    (404, "Gone fishing", "no JSON"): ("Gone fishing", False),
    (404, "Not Found", "null"): ("Not Found: null", False),
    (502, "Bad Gateway", "<html>x</html>"): ("Bad Gateway", True),
    (400, "Bad Request", '{"error":{"message":"Upstream said 503"}}'): ("Upstream said 503", True),
    (400, "Bad Request", '{"error":{"message":"Port 5030"}}'): ("Port 5030", False),
    (429, "Too Many Requests", '{"error":{"message":"Slow"}}'): ("Slow", True),
    (429, "Too Many Requests", "FreeUsageLimitError"): ("Too Many Requests: FreeUsageLimitError", False),
    (500, "", " "): ("Unknown error", True),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_shown_with_what_can_be_found_of_its_reason(case: tuple[int, str, str]) -> None:
    status, reason, body = case
    reading = read(refusal(status, body, reason))
    assert (reading.complaint, reading.retried) == REFUSALS[case]
    assert reading.failure == reading.complaint


@pytest.mark.parametrize(("status", "hint"), [(401, "token may be missing"), (403, "permission to access")])
def test_a_web_page_in_place_of_a_refusal_is_reported_as_a_gateways(status: int, hint: str) -> None:
    reasons = {401: "Unauthorized", 403: "Forbidden"}
    assert hint in read(refusal(status, "<!DOCTYPE html>", reasons[status])).complaint


OVERFLOWS = [
    (413, "{}"),
    (400, '{"error":{"message":"too long","code":"context_length_exceeded"}}'),
    (400, '{"error":{"message":"This model\'s maximum context length is 8192 tokens."}}'),
    (422, '{"error":{"message":"Please reduce the length of the messages."}}'),
    (500, '{"error":{"message":"the request exceeds the available context size"}}'),
]


@pytest.mark.parametrize(("status", "body"), OVERFLOWS)
def test_a_conversation_that_is_too_long_is_compacted_without_a_complaint(status: int, body: str) -> None:
    reading = read(refusal(status, body, "Bad Request"))
    assert reading.failure
    assert (reading.complaint, reading.retried) == ("", True)


def test_an_overflow_within_the_stream_is_not_recognised() -> None:
    reading = read(answer(data({"error": {"message": "maximum context length is 8192 tokens"}})))
    assert (reading.complaint, reading.retried) == ('"maximum context length is 8192 tokens"', False)


CONNECTIONS = {
    Ended.REFUSED: ("Connection refused", True),
    Ended.UNRESOLVED: ("Host not found", True),
    Ended.TIMED_OUT: ("Request timed out", True),
    Ended.RESET: ("Connection reset by server", True),
    Ended.CLOSED_EARLY: ("Connection reset by server", True),
    Ended.TLS_FAILURE: ("self-signed certificate", False),
}


@pytest.mark.parametrize("ended", CONNECTIONS)
def test_a_failed_connection_is_reported_in_kilo_codes_words(ended: Ended) -> None:
    silent = replace(answer(), response=None, ended=ended, detail="self-signed certificate")
    assert (read(silent).complaint, read(silent).retried) == CONNECTIONS[ended]


def test_a_stream_that_breaks_off_is_asked_for_again() -> None:
    reading = read(answer(*stream({"content": "Hi"})[:1], ended=Ended.RESET))
    assert (reading.text, reading.complaint, reading.retried) == ("Hi", "Connection reset by server", True)


def test_kilo_code_accepts_text_without_a_tool() -> None:
    reading = read(answer(*stream({"content": "Hi"})))
    assert (reading.used_no_tool, reading.complaint) == (True, "")


def listing(body: bytes, status: int = 200, **more: Any) -> Exchange:
    request = Request("GET", "http://h/v1/models")
    return Exchange("m#1", "m", request, Response(status, JSON), (Chunk(0.1, body),), **more)


MODELS: dict[str, tuple[Any, Listing]] = {
    "trimmed, once, sorted": (
        {"data": [{"id": " b "}, {"id": "b"}, {"id": "a:1"}, {"id": "a1"}, {"id": "A"}, {"id": "a-1"}, {"id": "a"}]},
        Listing(("a", "A", "a-1", "a:1", "a1", "b")),
    ),
    "ids that are no text are left out": ({"data": [{"id": 5}, {"id": ""}, "x", {}, {"id": "a"}]}, Listing(("a",))),
    "an empty list": ({"data": []}, Listing((), NONE)),
    "no list": ({"models": [{"id": "a"}]}, Listing((), NONE)),
    "a bare list": ([{"id": "a"}], Listing((), NONE)),
    "null": (None, Listing((), NONE)),
    "null in the list": ({"data": [None]}, Listing((), "Cannot read properties of null (reading 'id')")),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_taken_from_data(name: str) -> None:
    body, wanted = MODELS[name]
    assert listed(listing(json.dumps(body).encode())) == wanted


def test_a_refused_list_is_shown_unchanged_and_shortened() -> None:
    assert listed(listing(b"x" * 300, status=401)).complaint == f"HTTP 401: {'x' * 200}"
    assert listed(listing(b"<html>")).complaint == "Unexpected token '<', \"<html>\" is not valid JSON"


def test_a_list_has_fifteen_seconds() -> None:
    body = b'{"data":[{"id":"a"}]}'
    assert listed(listing(body, seconds=14.9)).ids == ("a",)
    assert listed(listing(body, seconds=15.1)).complaint == TIMEOUT
    assert listed(replace(listing(b""), response=None, ended=Ended.REFUSED)).complaint == "fetch failed"
    assert listed(listing(body, ended=Ended.CLOSED_EARLY)).complaint == "terminated"


@given(seen=exchanges())
def test_no_bytes_make_the_reader_raise(seen: Exchange) -> None:
    reading = read(seen)
    assert reading == read(seen)
    writable(reading)
    assert reading.ending is not Ending.FAILED or reading.complaint or reading.retried


@given(body=BODIES, status=st.sampled_from([200, 200, 404]), ended=st.sampled_from(list(Ended)))
def test_no_bytes_make_the_list_raise(body: bytes, status: int, ended: Ended) -> None:
    found = listed(listing(body, status, ended=ended))
    assert bool(found.ids) != bool(found.complaint)
    assert "".join([*found.ids, found.complaint]).encode()


def test_later_pieces_of_a_finished_call_are_lost_silently() -> None:
    reading = read(calling(of("{}", "no_arguments", **FIRST), of(PATH, **LATER)))
    assert [call.arguments for call in reading.calls] == ["{}"]
