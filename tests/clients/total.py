"""Exchanges of any content, for tests that no reader raises: bytes of any kind, and odd values where readers look."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.clients.reading import Reading
from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([1.5, 1e400, -0.0, 2**70])
    | st.sampled_from(["", "assistant", "stop", "length", "tool_calls", "{}", "{", "f", "\ud800", "</think>", "id"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["message", "id", "name"]), inner),
    max_leaves=4,
)
STATUSES = st.sampled_from([200, 200, 200, 200, 204, 302, 400, 401, 404, 413, 429, 500, 999])
HEADERS = st.sampled_from(
    [(), (("content-type", "text/event-stream"),), (("connection", "close"),), (("location", "\t"),)]
)
PACKED = st.sampled_from(["", "", "", "gzip", "br"])


@st.composite
def entries(draw: st.DrawFn) -> Any:
    """One entry of `tool_calls`, mostly sound, and any part of it odd."""
    sound = {"index": draw(st.integers(0, 1)), "id": draw(st.sampled_from(["a", "b", None, ""]))}
    function = {"name": draw(st.sampled_from(["f", "F", None])), "arguments": draw(st.sampled_from(["{", "}", "{}"]))}
    return spoiled(draw, {**sound, "function": spoiled(draw, function)})


def spoiled(draw: st.DrawFn, value: dict[str, Any]) -> Any:
    """The same with one member odd or gone, or something else altogether; often as it was."""
    match draw(st.sampled_from(["sound", "sound", "sound", "odd", "gone", "else"])):
        case "odd":
            return value | {draw(st.sampled_from(sorted(value))): draw(ODD)}
        case "gone":
            gone = draw(st.sampled_from(sorted(value)))
            return {key: inner for key, inner in value.items() if key != gone}
        case "else":
            return draw(ODD)
    return value


@st.composite
def values(draw: st.DrawFn) -> Any:
    """A chunk, a completion, an error or a list of models, with something odd in it."""
    said: dict[str, Any] = {"role": "assistant", "content": draw(st.sampled_from(["Hi", "", None, "</think>x"]))}
    said["tool_calls"] = draw(st.lists(entries(), max_size=3) | st.none())
    inner = spoiled(draw, said)
    choice = spoiled(draw, {"index": 0, "delta": inner, "message": inner, "finish_reason": draw(ODD)})
    usage = spoiled(draw, {"prompt_tokens": 3, "completion_tokens": 1, "prompt_tokens_details": draw(ODD)})
    whole = spoiled(draw, {"id": "x", "created": 1, "model": "m", "choices": [choice], "usage": usage})
    kept = draw(st.sampled_from(["chunk", "chunk", "chunk", "error", "data"]))
    return whole if kept == "chunk" else {kept: draw(ODD | st.lists(ODD, max_size=3))}


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


BODIES = st.one_of(
    st.binary(max_size=120),
    values().map(lambda value: json.dumps(value).encode()),
    st.lists(values().map(event) | st.sampled_from([b"data: [DONE]\n\n", b"data:\n\n", b": x\r\r"]), max_size=5).map(b"".join),
)  # fmt: skip


@st.composite
def anywhere(draw: st.DrawFn) -> Exchange:
    """A complete answer with odd values in all the places readers look."""
    offered = [{"type": "function", "function": {"name": "f", "parameters": draw(ODD | st.just({"type": "object"}))}}]
    asked = {"model": "m", "messages": [], "stream": draw(st.booleans()), "tools": draw(ODD | st.just(offered))}
    request = Request("POST", "http://h/v1/chat/completions", (), json.dumps(asked).encode())
    return Exchange("made#1", "made", request, Response(200), (Chunk(0.1, draw(BODIES)),), seconds=0.2)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """An exchange of any kind: statuses, endings, encodings, bytes in any chunks."""
    seen = draw(anywhere())
    cut = draw(st.integers(0, 200))
    chunks = (Chunk(0.1, seen.body[:cut]), Chunk(0.2, seen.body[cut:]))
    response = draw(st.none() | st.builds(Response, STATUSES, HEADERS, st.sampled_from(["", "Not Found"])))
    return Exchange(
        "made#1",
        "made",
        seen.request,
        response,
        chunks if response else (),
        draw(st.sampled_from(list(Ended))),
        undecodable=draw(PACKED),
        seconds=0.3,
    )


def writable(reading: Reading) -> None:
    """Everything in it that is shown can be written as UTF-8."""
    shown = [reading.text, reading.reasoning, reading.failure, reading.complaint]
    shown += [text for call in reading.calls for text in (call.name, call.arguments, call.problem)]
    shown += [moment.what for moment in reading.moments]
    assert "".join(shown).encode() is not None
