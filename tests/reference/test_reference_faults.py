"""Every fault is described and named once; that it changes what is sent is shown where every one of them is noticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conformance.probes.catalogue import catalogue as probes
from conformance.probes.conversations.images import red_picture
from conformance.reference import Fault, Provider, UnknownChange, catalogue

FAULTS = list(catalogue().values())
KEY, MODEL = "sk-reference-0123456789", "reference-1"
CALL = {"id": "a1B2c3D4e", "type": "function", "function": {"name": "read_file", "arguments": '{"path":"a"}'}}
TEXT = {"type": "string"}
RED = red_picture()


def function(name: str, properties: Any = None, **more: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties or {}), **more}
    return {
        "type": "function",
        "function": {"name": name} | ({"parameters": parameters} if properties is not None else {}),
    }


READ = function("read_file", {"path": TEXT})
WRITE = function("write_file", {"path": TEXT, "content": TEXT})
ODD = function(
    "odd",
    {"a": {"type": ["string", "null"]}, "b": {"anyOf": [TEXT], "format": "uri"}, "c": TEXT | {"nullable": True}},
    **{"$schema": "x"},
)
LONG = 'Call write_file with these arguments: {"path": "a", "content": "' + "x = {1} " * 200 + '"}'
TOOLS = [
    READ,
    WRITE,
    ODD,
    function("get_current_time", {}),
    function("list_open_tabs"),
    function("x" * 64, {"q": TEXT}),
]
TWO = 'Call read_file twice: {"path": "a"} and {"path": "b"}'


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def bodies() -> Iterator[Any]:
    """Chat requests in which every fault finds something to spoil."""
    yield [user("Say hello in one sentence.")]
    yield {"messages": 42}
    for word in ("amber-1", "birch-2", "cedar-3", "daisy-4"):
        yield {"messages": [user(f"Repeat exactly: {word} {word}")], "stream": True}
    for stream in ({}, {"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}):
        yield {"messages": [user("Repeat exactly: Grüße – \\path\\ {x} and a longer text " * 4)], **stream}
        yield {"messages": [user("Count from 1 to 100")], "max_tokens": 16, **stream}
        yield {"messages": [user("Count from 1 to 100")], "max_completion_tokens": 16, **stream}
        for prompt in (
            "Say hello",
            TWO,
            "Read the file a.py",
            "Call get_current_time.",
            'Call write_file {"content": "a}b"}',
            LONG,
        ):
            for choice in ("auto", "none", "required", {"type": "function", "function": {"name": "read_file"}}):
                yield {"messages": [user(prompt)], "tools": TOOLS, "tool_choice": choice, **stream}
    yield {"messages": [user(TWO)], "tools": TOOLS, "parallel_tool_calls": False}
    yield {"messages": [user("Say hello")], "tools": [READ] * 20}
    yield {"messages": [user("Count to 9")], "stop": " 4", "temperature": 0, "max_tokens": 32_000}
    yield {"messages": [user("Answer in JSON")], "response_format": {"type": "json_object"}, "seed": None, "unknown": 1}
    yield {"messages": [{"role": "developer", "content": "Be brief"}, user([{"type": "text", "text": "Hi"}])]}
    yield {"messages": [user("word " * 40_000)]}
    yield from specified()
    yield from histories()
    yield from narrow()


def specified() -> Iterator[Any]:
    """What the specification has and agents seldom send, and pictures."""
    hello, name = [user("Say hello")], {"type": "function", "function": {"name": "read_file"}}
    schema = {"name": "x", "schema": {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}}
    allowed = {"mode": "required", "tools": [name]}
    for fields in (
        {"n": 2},
        {"logprobs": True, "top_logprobs": 2},
        {"seed": 7},
        {"response_format": {"type": "json_schema", "json_schema": schema}},
        {"max_completion_tokens": -1},
        {"reasoning_effort": "minimal"},
        {"tools": TOOLS, "reasoning_effort": "medium", "tool_choice": "required"},
        {"tools": [WRITE, READ], "tool_choice": {"type": "allowed_tools", "allowed_tools": allowed}},
        {"tools": [{"type": "custom", "custom": {"name": "shell"}}], "tool_choice": "required"},
    ):
        yield {"messages": hello, **fields}
    fact, question = user("The number is 7."), user("What is the number?")
    yield [{**fact, "cache_control": {"type": "ephemeral"}}, question]
    yield [user([{"type": "text", "text": one["content"]} for one in (fact, question)])]
    yield [user(f"The number is 7. {'word ' * 20_000} What is the number?")]
    picture = {"type": "image_url", "image_url": {"url": RED}}
    seen = user([{"type": "text", "text": "What colour is this?"}, picture])
    yield [seen]
    long = {**CALL, "id": "call_" + "0" * 48}
    result = {"role": "tool", "tool_call_id": long["id"], "content": "word " * 10_000}
    called = {"role": "assistant", "content": "x", "tool_calls": [long]}
    yield {"messages": [*hello, called, result, seen], "tools": TOOLS}


def histories() -> Iterator[Any]:
    own = {**CALL, "id": "call_" + "0" * 24}
    for content, call, result in (("", CALL, ""), (None, CALL, [{"type": "text", "text": "x"}]), ("x", own, "x")):
        turn = {"role": "assistant", "content": content, "tool_calls": [call], "reasoning_content": "hm"}
        past = [user("Read the file a.py"), turn, {"role": "tool", "tool_call_id": call["id"], "content": result}]
        yield {"messages": past, "tools": TOOLS, "stream": True}
        yield {"messages": [*past, user("Thank you")]}


def narrow() -> Iterator[Any]:
    """What single faults wait for: one parameter more, one role, one word in a history."""
    hello, stream = [user("Say hello")], {"stream": True}
    yield {"messages": hello, "logprobs": True, **stream}
    yield {"messages": hello, "response_format": {"type": "json_schema", "schema": {"type": "object"}}}
    yield {"messages": [user("word " * 40_000)], **stream}
    yield [{"role": "system", "content": [{"type": "text", "text": "Be brief"}]}, *hello]
    older = {"role": "assistant", "content": None, "function_call": CALL["function"]}
    yield [*hello, older, {"role": "function", "name": "read_file", "content": "x"}]
    turn = {"role": "assistant", "content": "", "tool_calls": [CALL]}
    failed = {"role": "tool", "tool_call_id": CALL["id"], "content": "Error: no such file"}
    details = user("<environment_details>Mode: code</environment_details>")
    yield {"messages": [*hello, turn, failed, details], "tools": TOOLS}
    again = [*hello, turn, failed, user("Read the file b.py")]
    yield {"messages": again, "tools": TOOLS, "tool_choice": "required", **stream}
    count = function("count_lines", {"path": TEXT, "lines": {"type": "integer"}})
    called = user('Call count_lines with exactly these arguments: {"path": "src/a.py", "lines": 75}')
    yield {"messages": [called], "tools": [count], **stream}


def requests() -> Iterator[tuple[str, str, str | None, bytes]]:
    right, wrong = f"Bearer {KEY}", "Bearer sk-wrong"
    chat = "/v1/chat/completions"
    for body in bodies():
        fields = body if isinstance(body, dict) else {"messages": body}
        yield "POST", chat, right, json.dumps({"model": MODEL, **fields}).encode()
    for key in (wrong, "Bearer other", None, "Bearer", right):
        for stream in (False, True):
            model = "nobody" if key == right else MODEL
            yield ("POST", chat, key, json.dumps({"model": model, "stream": stream, "messages": [user("Hi")]}).encode())
    hi = json.dumps({"model": MODEL, "messages": [user("Hi")]}).encode()
    yield "POST", "/invocations", None, hi
    yield "POST", chat, wrong + "é", hi
    yield "POST", chat, right, hi.replace(MODEL.encode(), b"somebody/some-model")
    yield "POST", chat, right, hi.replace(b"Hi", b"H\xed")
    yield "POST", chat, right, b"{"
    yield ("POST", chat, right, json.dumps({"model": MODEL, "messages": [user("Hi")]}).encode() + b" " * 1_200_000)
    yield ("POST", chat + "/chat/completions", right, json.dumps({"model": MODEL, "messages": [user("Hi")]}).encode())
    for path in ("/v1/models", "/v1//models", f"/v1/models/{MODEL}", "/v1/models/x", "/v1/nothing"):
        yield "GET", path, right, b""
        yield "GET", path, wrong, b""


def answers(*faults: str) -> list[list[Any]]:
    provider = Provider(MODEL, KEY, faults=faults, clock=lambda: 1_700_000_000)
    return [list(provider.handle(m, p, {"authorization": k} if k else {}, body)) for m, p, k, body in requests()]


@pytest.fixture(scope="module")
def healthy() -> list[list[Any]]:
    return answers()


def test_the_sound_provider_is_deterministic(healthy: list[list[Any]]) -> None:
    assert answers() == healthy


def test_one_answer_in_three_can_be_spoiled_and_the_others_are_sound() -> None:
    provider = Provider(MODEL, KEY, faults=["chat-500"], every=3)
    body = json.dumps({"model": MODEL, "messages": [user("Hi")]}).encode()
    asked = ("POST", "/v1/chat/completions", {"authorization": f"Bearer {KEY}"}, body)
    assert [provider.handle(*asked).reply.status for _ in range(7)] == [200, 200, 500, 200, 200, 500, 200]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_described(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name)
    assert fault.summary.endswith(".")
    assert fault.source.startswith("https://")
    assert fault.caught_by
    assert fault.caught_by <= probes().keys()


def test_every_probe_has_a_fault() -> None:
    proven = {probe for fault in FAULTS for probe in fault.caught_by}
    assert probes().keys() - proven == set()


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(UnknownChange) as raised:
        Provider(faults=["delta-without-indx"])
    assert "delta-without-index" in raised.value.nearest
    assert "delta-without-index" in str(raised.value)


@pytest.mark.parametrize(
    "name", ["stream-cut", "stream-reset", "bad-chunk-size", "short-content-length", "not-http", "no-answer"]
)
def test_a_broken_connection_is_really_broken(serving: Callable[..., Any], name: str) -> None:
    with pytest.raises(httpx.TransportError):
        serving(name).chat("Count from 1 to 60", stream=True)


@pytest.mark.parametrize("name", ["stream-hangs", "open-after-done"])
def test_a_silent_connection_is_really_silent(serving: Callable[..., Any], name: str) -> None:
    asking = serving(name)
    asking.http.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        asking.chat("Count from 1 to 60", stream=True)


def test_faults_add_up(serving: Callable[..., Any]) -> None:
    body = serving("completion-without-id", "completion-without-usage").chat("Say hello").json()
    assert not body.keys() & {"id", "usage"}
