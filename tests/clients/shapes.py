"""The shapes of answers on which clients differ, as bytes: most were met at real providers.

Readers are tested with them in `test_matrix.py`, the real SDKs in `tests/clients/real`. Each shape is a sound answer
with one thing changed; the first three are sound. All calls are of `read_file` unless their names say otherwise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from itertools import accumulate
from typing import Any

from conformance.evidence.exchange import Chunk, Ended, Exchange, Headers, Request, Response

Json = dict[str, Any]
EVENTS: Headers = (("content-type", "text/event-stream"),)
JSON: Headers = (("content-type", "application/json"),)
HTML: Headers = (("content-type", "text/html"),)
CLOSING: Headers = (*EVENTS, ("connection", "close"))
PAUSE = 0.1  # seconds between two chunks of an exchange


@dataclass(frozen=True)
class Shape:
    """One answer. `held` is how many seconds the connection stays open after it; `tools` says that tools were offered."""

    name: str
    chunks: tuple[bytes, ...]
    streamed: bool = True
    status: int = 200
    headers: Headers = EVENTS
    ended: Ended = Ended.COMPLETE
    held: float = 0.0
    tools: bool = False


SHAPES: dict[str, Shape] = {}


def function(name: str, properties: Json, required: list[str]) -> Json:
    """One tool as it is offered."""
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": schema}}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
TOOLS = [
    function("read_file", {"path": TEXT, "start_line": NUMBER, "end_line": NUMBER}, ["path"]),
    function("get_weather", {"city": TEXT}, ["city"]),
]


def question(shape: Shape) -> Json:
    """The body of the request that a shape answers."""
    asked: Json = {"model": "reference-1", "messages": [{"role": "user", "content": "Read the file src/a.py."}]}
    if shape.streamed:
        asked |= {"stream": True, "stream_options": {"include_usage": True}}
    return asked | ({"tools": TOOLS, "tool_choice": "auto"} if shape.tools else {})


def exchange(shape: Shape) -> Exchange:
    """The evidence that an answer of this shape leaves, its chunks a tenth of a second apart."""
    times = accumulate(PAUSE for _ in range(len(shape.chunks) + 1))
    response = Response(shape.status, shape.headers, HTTPStatus(shape.status).phrase, at=next(times))
    chunks = tuple(Chunk(at, data) for at, data in zip(times, shape.chunks, strict=True))
    return Exchange(
        id=f"{shape.name}#1",
        conversation=shape.name,
        request=Request("POST", "http://h/v1/chat/completions", JSON, json.dumps(question(shape)).encode()),
        response=response,
        chunks=chunks,
        ended=shape.ended,
        detail="" if shape.ended is Ended.COMPLETE else str(shape.ended),
        seconds=(chunks[-1].at if chunks else response.at) + shape.held,
    )


def add(name: str, *chunks: bytes, **more: Any) -> None:
    """A shape for the collection."""
    assert name not in SHAPES, name
    SHAPES[name] = Shape(name, chunks, **more)


# Parts of streams

HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1760000000, "model": "reference-1"}
USAGE = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
COUNTED = HEAD | {"choices": [], "usage": USAGE}
DONE = b"data: [DONE]\n\n"
ROLE, HELLO, WORLD = {"role": "assistant", "content": ""}, {"content": "Hello"}, {"content": " world"}


def data(value: Any, end: str = "\n\n") -> bytes:
    """One event."""
    return f"data: {json.dumps(value)}{end}".encode()


def chunk(delta: Json, finish: str | None = None, **more: Any) -> Json:
    """One chunk of a completion."""
    return {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def stream(*deltas: Json, finish: str | None = "stop") -> tuple[bytes, ...]:
    """A sound stream of these deltas."""
    return (*(data(chunk(d)) for d in deltas), data(chunk({}, finish)), data(COUNTED), DONE)


def words(name: str, *deltas: Json, **more: Any) -> None:
    """A stream whose deltas are what is special."""
    add(name, *stream(*deltas), **more)


def events(name: str, *special: bytes, after: int = 2, **more: Any) -> None:
    """The greeting with something special among its events."""
    greeting = stream(ROLE, HELLO, WORLD)
    add(name, *greeting[:after], *special, *greeting[after:], **more)


def counted(name: str, usage: Json) -> None:
    """The greeting with a usage event of its own."""
    add(name, *stream(ROLE, HELLO, WORLD)[:-2], data(usage), DONE)


def edited(name: str, **fields: Any) -> None:
    """The greeting with these fields in every chunk."""
    sound = [chunk(ROLE), chunk(HELLO), chunk(WORLD), chunk({}, "stop"), COUNTED]
    add(name, *(data(value | fields) for value in sound), DONE)


PATH = '{"path":"src/a.py"}'
LEFT, RIGHT = '{"path":', '"src/a.py"}'
PARIS = '{"city":"Paris"}'
FIRST, SECOND = {"index": 0, "id": "call_1"}, {"index": 1, "id": "call_2"}


def of(arguments: Any, name: Any = None, **more: Any) -> Json:
    """One entry of `tool_calls`; what is not given is left out."""
    named = {} if name is None else {"name": name}
    return {"type": "function", **more, "function": {**named, "arguments": arguments}}


def calls(name: str, *deltas: Any, finish: str | None = "tool_calls") -> None:
    """A stream of tool calls: each delta is one entry of `tool_calls`, or a list of them."""
    wrapped = ({"tool_calls": d if isinstance(d, list) else [d]} for d in deltas)
    add(name, *stream({"role": "assistant", "content": None}, *wrapped, finish=finish), tools=True)


def plain(name: str, message: Json, headers: Headers = JSON, finish: str = "stop", **fields: Any) -> None:
    """An answer that is not streamed, in one chunk."""
    said = {"role": "assistant", "content": None, **message}
    choice = {"index": 0, "message": said, "finish_reason": finish}
    body = HEAD | {"object": "chat.completion", "choices": [choice], "usage": USAGE} | fields
    add(name, json.dumps(body).encode(), streamed=False, headers=headers, tools="tool_calls" in message)


READ = of("", "read_file", **FIRST)
WHOLE = of(PATH, "read_file", **FIRST)
LATER = {"index": 0}
NO_TYPE = {"index": 0, "id": "call_1", "function": {"name": "read_file", "arguments": PATH}}
CALLED = {"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": PATH}}
FULL = HEAD | {
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": USAGE,
}
REFUSAL = {"error": {"message": "The model is overloaded.", "type": "server_error", "code": "overloaded"}}
THOUGHT = {"content": "<think>I look."}

# Sound ones
words("sound-text", ROLE, HELLO, WORLD)
calls("sound-call", READ, of(LEFT, **LATER), of(RIGHT, **LATER))
plain("sound-plain", {"content": "Hello world"})

# Framing
add("html", b"<!doctype html><title>Welcome</title>", headers=HTML)
add("error-object", json.dumps(REFUSAL).encode(), headers=JSON)
add("full-completion", json.dumps(FULL).encode(), headers=JSON)
add("empty-body")
add("no-done", *stream(ROLE, HELLO, WORLD)[:-1])
add("no-finish", data(chunk(ROLE)), data(chunk(HELLO)), data(COUNTED), DONE)
events("open-after-done", held=0.5)
events("comments", b": ping\n\n")
events("blank-keep-alives", b"\n\n\n")
events("ping-without-data", b"event: ping\n\n")
events("data-empty", b"data:\n\n")
events("ping-with-data", b'event: ping\ndata: {"type":"ping"}\n\n')
add("single-newlines", *(event.replace(b"\n\n", b"\n") for event in stream(ROLE, HELLO, WORLD)))
add("no-last-blank-line", data(chunk(ROLE)), data(chunk(HELLO)), data(chunk(WORLD, "stop", usage=USAGE), ""))
events("id-then-comment", b"id: 1\n" + data(chunk({"content": ""})), b": ping\n\n")
events("lone-retry", b"retry: 3000\n\n")
events("text-plain", headers=(("content-type", "text/plain"),))
events("no-content-type", headers=())

# Errors on the way
events("stream-error-object", data(REFUSAL))
events("stream-error-string", data({"error": "overloaded"}))
flat = b'event: error\ndata: {"message":"The model is overloaded."}\n\n'
add("event-error-flat", data(chunk(ROLE)), flat, DONE)
edited("error-null", error=None)

# Chunks
add("usage-choices-empty", *stream(ROLE, HELLO))
without = {key: value for key, value in COUNTED.items() if key != "choices"}
counted("usage-without-choices", without)
counted("usage-null-choices", COUNTED | {"choices": None})
events("vendor-event", data({"type": "billing.summary", "cost": 0.01}), after=4)
counted("usage-strings", COUNTED | {"usage": {key: str(n) for key, n in USAGE.items()}})
words("role-empty", {"role": "", "content": ""}, HELLO)
words("role-model", {"role": "model", "content": ""}, HELLO)
words("role-tool", {"role": "tool", "content": ""}, HELLO)
words("content-parts", ROLE, {"content": [{"type": "text", "text": "Hello"}]})
edited("created-string", created="1760000000")
edited("chunk-id-number", id=1)
events("choice-without-delta", data({**HEAD, "choices": [{"index": 0, "finish_reason": None}]}))
message = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
add("message-instead-of-delta", data({**HEAD, "choices": [message]}), data(COUNTED), DONE)
words("reasoning-content", {"role": "assistant", "reasoning_content": "I look."}, HELLO)
words("reasoning", {"role": "assistant", "reasoning": "I look."}, HELLO)
words("think-first", THOUGHT, {"content": "</think>"}, HELLO)
words("think-after-newline", {"content": "\n"}, THOUGHT, {"content": "</think>"}, HELLO)
words("think-only-closer", {"content": "I look."}, {"content": "</think>"}, HELLO)
words("reasoning-only", {"role": "assistant", "reasoning_content": "I look."})

# Tool calls
calls("call-finish-stop", WHOLE, finish="stop")
calls("call-no-finish", WHOLE, finish=None)
calls("no-index", of(PATH, "read_file", id="call_1"))
calls("no-index-fragmented", of("", "read_file", id="call_1"), of(LEFT), of(RIGHT))
calls("two-no-index", of(PATH, "read_file", id="call_1"), of(PARIS, "get_weather", id="call_2"))
calls("two-index-0", WHOLE, of(PARIS, "get_weather", index=0, id="call_2"))
one, two = of(PATH, "read_file", index=1, id="call_1"), of(PARIS, "get_weather", index=2, id="call_2")
calls("index-from-1", one, two)
calls("index-string", of(PATH, "read_file", index="0", id="call_1"))
calls("id-missing", of(PATH, "read_file", index=0))
calls("id-null", of(PATH, "read_file", index=0, id=None))
calls("id-empty", of(PATH, "read_file", index=0, id=""))
calls("id-number", of(PATH, "read_file", index=0, id=7))
calls("id-in-second-delta", of("", "read_file", index=0), of(PATH, **FIRST))
calls("name-in-second-delta", of("", **FIRST), of(PATH, "read_file", index=0))
calls("repeated-names", READ, of(LEFT, "read_file", **FIRST), of(RIGHT, "read_file", **FIRST))
calls("id-changes", READ, of(LEFT, index=0, id="call_8"), of(RIGHT, index=0, id="call_9"))
calls("later-empty", READ, of(PATH, "", index=0, id=""))
NULLS = LATER | {"id": None, "function": {"name": None, "arguments": PATH}}
calls("later-null", READ, NULLS)
calls("later-null-type", READ, NULLS | {"type": None})
calls("name-split", of("", "read_", **FIRST), of(PATH, "file", **LATER))
calls("arguments-object", of({"path": "src/a.py"}, "read_file", **FIRST))
calls("arguments-null-first", of(None, "read_file", **FIRST), of(PATH, **LATER))
calls("arguments-absent-first", FIRST | {"function": {"name": "read_file"}}, of(PATH, **LATER))
calls("placeholder", of("{}", "read_file", **FIRST), of(PATH, **LATER))
calls("arguments-repeated", READ, of(LEFT, **LATER), of(RIGHT, **LATER), of(PATH, **LATER))
calls("cumulative", READ, of(LEFT, **LATER), of(PATH, **LATER))
calls("truncated", READ, of(LEFT, **LATER))
calls("arguments-empty", READ)
calls("double-encoded", of(json.dumps(PATH), "read_file", **FIRST))
calls("duplicate-ids", WHOLE, of(PARIS, "get_weather", index=1, id="call_1"))
begun = READ, of("", "get_weather", **SECOND), of(LEFT, index=0), of('{"city":', index=1)
calls("interleaved", *begun, [of(RIGHT, index=0), of('"Paris"}', index=1)])
calls("no-function", READ, LATER, of(PATH, **LATER))
words("tool-calls-null", {"role": "assistant", "tool_calls": None}, HELLO, tools=True)
words("tool-calls-object", {"role": "assistant", "tool_calls": WHOLE}, tools=True)
calls("no-type", NO_TYPE)
words("function-call", {"role": "assistant", "function_call": CALLED["function"]}, tools=True)
other = {"index": 1, "delta": {"tool_calls": [WHOLE]}, "finish_reason": "tool_calls"}
both = [{"index": 0, "delta": {}, "finish_reason": "stop"}, other]
add("second-choice", data({**HEAD, "choices": both}), data(COUNTED), DONE, tools=True)
markup = "<tool_call>", '{"name":"read_file","arguments":' + PATH + "}", "</tool_call>"
words("call-as-text", *({"content": text} for text in markup), tools=True)
add("finish-without-calls", *stream({"role": "assistant", "content": None}, finish="tool_calls"), tools=True)

# Not streamed
plain("plain-no-type", {"tool_calls": [{"id": "call_1", "function": CALLED["function"]}]})
plain("plain-no-id", {"tool_calls": [{"type": "function", "function": CALLED["function"]}]})
plain("plain-arguments-object", {"tool_calls": [of({"path": "src/a.py"}, "read_file", id="call_1")]})
add("plain-choices-missing", json.dumps(HEAD).encode(), streamed=False, headers=JSON)
plain("plain-choices-empty", {}, choices=[])
plain("plain-content-type", {"content": "Hello"}, headers=(("content-type", "text/plain"),))
add("plain-sse", *stream(ROLE, HELLO, WORLD), streamed=False)
plain("plain-reasoning-content", {"content": "Hello", "reasoning_content": "I look."})
plain("plain-role", {"role": "model", "content": "Hello"})
plain("plain-error-null", {"content": "Hello"}, error=None)
plain("plain-call", {"tool_calls": [CALLED]}, finish="tool_calls")
add("plain-no-content", streamed=False, status=204, headers=())

# Refusals, and a stream that breaks off
add("refusal", json.dumps(REFUSAL).encode(), status=400, headers=JSON)
add("refusal-detail", b'{"detail":"Not authenticated"}', status=401, headers=JSON)
add("refusal-flat", b'{"object":"error","message":"No such model"}', status=404, headers=JSON)
add("refusal-string", b'{"error":"Model not found"}', status=404, headers=JSON)
add("refusal-html", b"<html>Bad gateway</html>", status=502, headers=HTML)
add("refusal-empty", status=403, headers=())
add("cut-off", *stream(ROLE, HELLO, WORLD)[:2], ended=Ended.CLOSED_EARLY)
add("cut-off-announced", *stream(ROLE, HELLO, WORLD)[:2], headers=CLOSING, ended=Ended.CLOSED_EARLY)
