"""Views of chat answers: what they assemble from streams and completions, also from damaged ones."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.chat import Completion, Stream
from conformance.evidence.exchange import MISSING, Chunk, Exchange, Request, Response
from conformance.evidence.kinds import KINDS

ASKED = {"model": "m", "messages": [], "tools": [{"type": "function", "function": {"name": "read_file"}}]}


def exchange(body: bytes, *, stream: bool, status: int = 200, at: tuple[int, ...] = ()) -> Exchange:
    request = Request("POST", "http://h/v1/chat/completions", (), json.dumps(ASKED | {"stream": stream}).encode())
    edges = [0, *sorted(at), len(body)]
    pieces = tuple(Chunk(float(n), body[a:b]) for n, (a, b) in enumerate(itertools.pairwise(edges)))
    return Exchange("c#1", "c", request, Response(status), pieces)


def sse(*values: Any, done: bool = True) -> bytes:
    events = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
    return events + (b"data: [DONE]\n\n" if done else b"")


def delta(finish: Any = None, **members: Any) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": 0, "delta": members, "finish_reason": finish}]}


def call(index: Any = 0, id: Any = None, name: Any = None, arguments: Any = None) -> dict[str, Any]:
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    entry = {k: v for k, v in (("index", index), ("id", id)) if v is not None}
    return delta(tool_calls=[entry | {"function": function}])


def stream(*values: Any, **more: Any) -> Stream:
    return Stream(exchange(sse(*values, **more), stream=True))


def calls(*values: Any) -> list[tuple[Any, Any, Any]]:
    return [(c.id, c.name, c.arguments) for c in stream(*values).calls]


def test_text_reasoning_finish_and_usage_of_a_stream() -> None:
    seen = stream(
        delta(role="assistant", content=""),
        delta(reasoning_content="hm"),
        delta(content="Hel"),
        delta(content="lo"),
        delta("stop"),
        {"choices": [], "usage": {"prompt_tokens": 3}},
    )
    assert (seen.text, seen.reasoning, seen.finish_reason) == ("Hello", "hm", "stop")
    assert seen.usage == {"prompt_tokens": 3}
    assert seen.done
    assert not seen.errors


def test_fragments_are_joined_by_index_even_when_interleaved() -> None:
    assert calls(
        call(0, "a", "f", ""),
        call(1, "b", "g", ""),
        call(0, arguments='{"x":'),
        call(1, arguments="{}"),
        call(0, arguments="1}"),
    ) == [("a", "f", '{"x":1}'), ("b", "g", "{}")]


def test_without_index_a_new_id_starts_a_new_call() -> None:
    assert calls(call(None, "a", "f", '{"x":'), call(None, arguments="1}"), call(None, "b", "g", "{}")) == [
        ("a", "f", '{"x":1}'),
        ("b", "g", "{}"),
    ]


def test_arguments_that_are_not_a_string_stay_unchanged() -> None:
    assert calls(call(0, "a", "f", {"x": 1})) == [("a", "f", {"x": 1})]
    assert stream(call(0, "a", "f", {"x": 1})).calls[0].parsed is MISSING


def test_only_the_first_choice_is_read() -> None:
    second = {"index": 1, "delta": {"content": "no", "tool_calls": [{"index": 0, "id": "z"}]}}
    value = delta(content="yes")
    value["choices"].append(second)
    seen = stream(value)
    assert seen.text == "yes"
    assert not seen.calls
    assert seen.other_choices == (second,)


def test_deltas_after_the_finish_reason_are_marked() -> None:
    seen = stream(call(0, "a", "f", ""), delta("tool_calls"), call(0, arguments="{}"))
    assert [d.after_finish for d in seen.tool_deltas] == [False, True]


@pytest.mark.parametrize("value", [{"error": {"message": "no"}}, {"error": "no"}])
def test_error_events_are_recognised(value: Any) -> None:
    assert len(stream(delta(content="a"), value).errors) == 1
    assert not stream(delta(content="a") | {"error": None}).errors


def test_an_event_named_error_is_an_error() -> None:
    seen = Stream(exchange(b'event: error\ndata: {"message": "no"}\n\n', stream=True))
    assert len(seen.errors) == 1


def test_a_completion_is_read() -> None:
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    body = {"choices": [{"message": message, "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 1}}
    seen = Completion(exchange(json.dumps(body).encode(), stream=False))
    assert [(c.id, c.name, c.parsed) for c in seen.calls] == [("a", "f", {})]
    assert (seen.text, seen.finish_reason, seen.usage) == ("", "tool_calls", {"prompt_tokens": 1})


def test_kinds_follow_request_and_status_not_the_body() -> None:
    odd = exchange(b"<html>", stream=True)
    assert KINDS["stream"].view(odd) is not None
    assert KINDS["completion"].view(odd) is None
    assert KINDS["tool_stream"].view(odd) is None
    refused = exchange(b"{}", stream=True, status=400)
    assert KINDS["error"].view(refused) is refused
    assert KINDS["stream"].view(refused) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(
            st.sampled_from("choices delta tool_calls function index id name arguments content".split()), v
        )
    ),
    max_leaves=10,
)


@given(
    body=st.binary(max_size=120) | st.lists(VALUES, max_size=4).map(lambda v: sse(*v)),
    cuts=st.sets(st.integers(0, 200)),
)
def test_views_are_total_and_do_not_depend_on_the_split(body: bytes, cuts: set[int]) -> None:
    def everything(seen: Stream) -> Any:
        return (
            seen.text,
            seen.reasoning,
            [(c.id, c.name, repr(c.arguments)) for c in seen.calls],
            seen.finish_reasons,
            seen.usage,
            seen.done,
            len(seen.errors),
        )

    inside = tuple(c for c in cuts if c <= len(body))
    whole, split = exchange(body, stream=True), exchange(body, stream=True, at=inside)
    assert everything(Stream(whole)) == everything(Stream(split))
    assert isinstance(Completion(whole).calls, tuple)


def test_the_halves_of_a_character_are_joined() -> None:
    halves = b'data: {"choices":[{"delta":{"content":"a \\ud83c"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\udf89!"}}]}\n\n'
    assert Stream(exchange(halves, stream=True)).text == "a 🎉!"
    alone = b'data: {"choices":[{"delta":{"content":"a \\ud83c"}}]}\n\n'
    assert Stream(exchange(alone, stream=True)).text == "a \ud83c"
