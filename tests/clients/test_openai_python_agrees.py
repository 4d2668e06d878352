"""The reader of the OpenAI Python SDK beside the SDK itself: the same bytes, the same program over both.

What is compared is all that a developer sees: the text, the calls, and the last line of a traceback.
"""

from __future__ import annotations

import json
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openai import OpenAI

from conformance.clients.openai_python import reading
from conformance.clients.openai_python.program import Gathered, gather, take
from conformance.evidence.exchange import Chunk, Exchange, Headers, Request, Response, shown
from tests.clients.shapes import DONE, HEAD, HELLO, JSON, SHAPES, TOOLS, Shape, chunk, data, exchange, of, question

Outcome = tuple[str, list[tuple[Any, Any, Any]], Any, str]
FORMS = ("read", "read_helper")
EVENTS: Headers = (("content-type", "text/event-stream"),)


def same(examples: int) -> settings:
    """So many examples, the same on every run."""
    return settings(derandomize=True, deadline=None, database=None, max_examples=examples)


def real(evidence: Exchange, form: str) -> Outcome:
    """What the SDK and the program over it make of the answer."""
    body, so_far = evidence.request.json, Gathered(lambda: 0.0)
    with client(evidence) as sdk:
        error = raised(lambda: PROGRAMS[form](sdk, body, so_far))
    calls = [(call.id, text(call.name), text(call.arguments)) for call in so_far.calls]
    return so_far.text, calls, so_far.finish if isinstance(so_far.finish, str) else None, error


def text(value: Any) -> str:
    """A value as readers give it."""
    return value if isinstance(value, str) else shown(value)


def client(evidence: Exchange) -> OpenAI:
    """The SDK on a transport that gives the exchange's answer."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        assert evidence.response
        parts = (part.data for part in evidence.chunks)
        return httpx2.Response(evidence.response.status, headers=list(evidence.response.headers), content=parts)

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    return OpenAI(base_url="http://h/v1", api_key="key", max_retries=0, http_client=transport)


def raised(act: Callable[[], None]) -> str:
    """The last line of the traceback, "" when there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic's, on values that are not what the SDK's types say
        try:
            act()
        except Exception as error:
            return re.sub("0x[0-9a-f]+>", "0x0>", "".join(traceback.format_exception_only(error)).removesuffix("\n"))
    return ""


def program(sdk: OpenAI, body: dict[str, Any], so_far: Gathered) -> None:
    """The usual program: the loop over chunks, or the message of a completion."""
    answer: Any = sdk.chat.completions.create(**body)
    if body.get("stream"):
        gather(answer, so_far)
    else:
        take(answer, so_far)


def helper(sdk: OpenAI, body: dict[str, Any], so_far: Gathered) -> None:
    """The SDK's own helper."""
    asked = {name: value for name, value in body.items() if name != "stream"}
    with sdk.chat.completions.stream(**asked) as stream:
        take(stream.get_final_completion(), so_far)


PROGRAMS = {"read": program, "read_helper": helper}


def ours(evidence: Exchange, form: str) -> Outcome:
    """What the reader makes of it."""
    seen = getattr(reading, form)(evidence)
    if seen.failure:
        return seen.text, [], seen.finish, seen.complaint
    return seen.text, [(call.id, call.name, call.arguments) for call in seen.calls], seen.finish, ""


def agree(evidence: Exchange, form: str) -> None:
    """Raises where they differ. Of an answer that fails, the helper leaves its program nothing."""
    theirs, mine = real(evidence, form), ours(evidence, form)
    if theirs[-1]:
        assert mine[-1] == theirs[-1]
        if form == "read":
            assert mine[0] == theirs[0]
    else:
        assert mine == theirs


def forms(shape: Shape) -> tuple[str, ...]:
    return FORMS if shape.streamed else FORMS[:1]


WHOLE = [shape for shape in SHAPES.values() if shape.ended == "complete"]


@pytest.mark.parametrize(
    ("shape", "form"), [(s, f) for s in WHOLE for f in forms(s)], ids=lambda v: getattr(v, "name", v)
)
def test_every_shape_is_read_as_the_sdk_reads_it(shape: Shape, form: str) -> None:
    agree(exchange(shape), form)


def streamed(chunks: list[bytes], strict: bool = False) -> Exchange:
    asked = question(Shape("made", (), tools=True))
    if strict:
        asked["tools"] = [{**tool, "function": {**tool["function"], "strict": True}} for tool in TOOLS]
    return Exchange(
        id="made#1",
        conversation="made",
        request=Request("POST", "http://h/v1/chat/completions", JSON, json.dumps(asked).encode()),
        response=Response(200, EVENTS, at=0.1),
        chunks=tuple(Chunk(0.2, part) for part in chunks),
        seconds=0.3,
    )


LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINES = st.sampled_from(
    [
        b"",
        b"data: " + json.dumps(chunk(HELLO)).encode(),
        b"data:" + json.dumps(chunk(HELLO)).encode(),
        b"data",
        b"data: ",
        b"data: [DONE]",
        b"data: [DONE]more",
        b"data: {",
        b"data: null",
        b'data: {"error":{"message":"no"}}',
        b'data: {"error":{"message":7}}',
        b'data: {"error":"no"}',
        b'data: {"error":null}',
        b"event: thread.x",
        b"event: error",
        b"event:",
        b"id: 1",
        b"id:",
        b"id: \0",
        b"retry: 3000",
        b"retry: soon",
        b": comment",
        b"{}",
        b"\xef\xbb\xbfdata: 1",
        b"data: \xff",
        b"  data: x",
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> list[bytes]:
    """Lines with any line ends, blank ones often, cut anywhere."""
    lines = draw(st.lists(st.tuples(LINES, LINE_ENDS, st.booleans(), LINE_ENDS), max_size=8))
    body = b"".join(line + end + (blank if twice else b"") for line, end, twice, blank in lines)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=4)))
    return [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@given(bodies())
@example([b"data: 1\r", b"\n\r\n"])
@example([b"id: 1\n\n", b": still here\n\n"])
@same(300)
def test_any_lines_make_the_same_events(parts: list[bytes]) -> None:
    agree(streamed(parts), "read")


SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1, 2, -1, 1.0, 0.5, "", "0", " 1 ", "x", [], {}, ["x"], [{}], [{"index": 0}], {"index": 0}]
)


def either(usual: st.SearchStrategy[Any], *, often: int = 6) -> st.SearchStrategy[Any]:
    """Mostly what is usual, now and then anything."""
    return st.one_of(*[usual] * often, SCALARS)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


NAMES = st.sampled_from(["read_file", "get_weather", "", None])
TEXTS = st.sampled_from(["", "{}", '{"path":', '"src/a.py"}', '{"path":"src/a.py"}', None])
PIECES = objects(
    index=either(st.sampled_from([0, 1, 0, 1, 2])),
    id=either(st.sampled_from(["call_1", "call_2", "", None])),
    type=either(st.sampled_from(["function", "custom", None]), often=12),
    function=either(objects(name=either(NAMES), arguments=either(TEXTS))),
    extra=SCALARS,
)
SOUND_PIECES = st.fixed_dictionaries(
    {
        "index": st.sampled_from([0, 1]),
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"arguments": TEXTS}, optional={"name": NAMES}),
    },
    optional={"id": st.sampled_from(["call_1", "call_2"])},
)
DELTAS = objects(
    content=either(st.sampled_from(["Hello", " world", "", None])),
    role=either(st.just("assistant")),
    tool_calls=either(st.lists(st.one_of(SOUND_PIECES, SOUND_PIECES, PIECES), max_size=3), often=12),
    details=SCALARS,
)
FINISHES = st.sampled_from([None, None, None, "stop", "tool_calls", "length", "content_filter"])
CHOICES = objects(
    index=either(st.just(0), often=12),
    delta=either(DELTAS, often=12),
    finish_reason=either(FINISHES, often=12),
    logprobs=st.sampled_from([None, None, None, {}, {"content": []}, {"content": [{"token": "a"}]}, [], "x"]),
)
SOUND_CHOICES = st.fixed_dictionaries({"index": st.just(0), "delta": DELTAS, "finish_reason": FINISHES})
CHUNKS = st.fixed_dictionaries(
    {
        **{name: st.just(value) for name, value in HEAD.items()},
        "choices": either(st.lists(st.one_of(SOUND_CHOICES, SOUND_CHOICES, CHOICES), max_size=2, min_size=0), often=20),
    },
    optional={
        "usage": st.sampled_from(
            [None, {}, {"prompt_tokens": 1}, {"completion_tokens": 1, "prompt_tokens": 2, "total_tokens": 3}]
        )
    },
)


@pytest.mark.parametrize("form", FORMS)
@given(values=st.lists(either(CHUNKS, often=30), max_size=4), strict=st.booleans())
@same(400)
def test_any_chunks_make_the_same_answer(form: str, values: list[Any], strict: bool) -> None:
    agree(streamed([*map(data, values), DONE], strict), form)


# Numbers that are none, like 1.x, are left out: the reader has only Python's words for them.
FRAGMENTS = st.sampled_from([*'{}[],:"x1 \\\n', "", "{}", '{"path":', '"src/a', '/b.py"', "tr", "ue"])


@pytest.mark.full
@given(st.lists(FRAGMENTS, max_size=6), st.lists(st.sampled_from([None, None, "stop", "length"]), max_size=2))
@same(400)
def test_any_fragments_of_a_strict_call_make_the_same_answer(fragments: list[str], finishes: list[Any]) -> None:
    pieces = [of("", "read_file", index=0, id="call_1"), *(of(part, index=0) for part in fragments)]
    chunks = [chunk({"tool_calls": [piece]}) for piece in pieces] + [chunk({}, finish) for finish in finishes]
    agree(streamed([*map(data, chunks), DONE], strict=True), "read_helper")


def answered(body: bytes, status: int = 200, stream: bool = False, **headers: str) -> Exchange:
    """An answer in one chunk; `a_b` names the header a-b."""
    shape = Shape("answered", (body,), stream, status, tuple((k.replace("_", "-"), v) for k, v in headers.items()))
    return exchange(shape)


REFUSALS = st.one_of(
    st.sampled_from([b"", b" ", b"<html>", b"null", b"[]", b'"no"', b"\xef\xbb\xbf{}", b"\xff", b"7", b"{"]),
    st.builds(
        lambda value: json.dumps(value).encode(),
        objects(
            error=either(objects(message=either(st.just("No such model")), code=SCALARS), often=12),
            message=either(st.just("No such model")),
            detail=st.just("Not authenticated"),
        ),
    ),
)


@given(REFUSALS, st.sampled_from([304, 400, 401, 403, 404, 408, 409, 413, 422, 429, 451, 500, 502]), st.booleans())
@same(200)
def test_any_refusal_is_worded_as_the_sdk_words_it(body: bytes, status: int, stream: bool) -> None:
    agree(answered(body, status, stream), "read")


MESSAGES = objects(
    role=either(st.just("assistant")),
    content=either(st.sampled_from(["Hello", "", None])),
    tool_calls=either(
        st.lists(
            objects(
                id=either(st.just("call_1")),
                type=st.sampled_from(["function", "function", "custom", "other", None, 7]),
                function=either(objects(name=either(NAMES), arguments=either(TEXTS)), often=12),
                custom=SCALARS,
            ),
            max_size=2,
        ),
        often=12,
    ),
)
COMPLETIONS = objects(
    id=either(st.just("chatcmpl-1")),
    choices=either(
        st.lists(either(objects(index=SCALARS, message=either(MESSAGES), finish_reason=either(FINISHES))), min_size=1),
        often=20,
    ),
    usage=SCALARS,
)
TYPES = st.sampled_from(
    ["application/json", "text/html", "application/json; charset=utf-8", "application/problem+json"]
)


@pytest.mark.full
@given(
    st.one_of(
        st.builds(lambda value: json.dumps(value).encode(), either(COMPLETIONS, often=20)),
        st.sampled_from([b"", b"<html>", b"{", b"\xef\xbb\xbf{}", b"\xff"]),
    ),
    TYPES,
)
@same(500)
def test_any_completion_makes_the_same_answer(body: bytes, content_type: str) -> None:
    agree(answered(body, content_type=content_type), "read")


ENTRIES = either(objects(id=either(st.sampled_from(["reference-1", "other"])), object=SCALARS))


@given(
    st.one_of(
        st.builds(
            lambda value: json.dumps(value).encode(),
            either(objects(data=either(st.lists(ENTRIES, max_size=3), often=12), object=SCALARS), often=12),
        ),
        REFUSALS,
    ),
    st.sampled_from([200, 200, 200, 401, 404, 500]),
    TYPES,
)
@same(300)
def test_any_list_of_models_gives_the_same_ids(body: bytes, status: int, content_type: str) -> None:
    evidence = answered(body, status, content_type=content_type)
    ids: list[Any] = []
    with client(evidence) as sdk:
        error = raised(lambda: ids.extend(model.id for model in sdk.models.list()))
    listing = reading.listed(evidence)
    assert listing.complaint == error
    assert error or list(listing.ids) == [id for id in ids if isinstance(id, str)]
