"""Every kind of wrong request is refused as the real service refuses it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

USER = {"role": "user", "content": "Say hello."}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TURN = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "ok"}
TOOL = {"type": "function", "function": {"name": "f"}}


def tool(**function: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": function}]


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


WRONG_MESSAGES = [
    (42, "invalid_type", "messages"),
    ([], "empty_array", "messages"),
    (["hello"], "invalid_type", "messages[0]"),
    ([{"content": "x"}], "missing_required_parameter", "messages[0].role"),
    ([{"role": "narrator", "content": "x"}], "invalid_value", "messages[0].role"),
    ([{"role": "user"}], "missing_required_parameter", "messages[0].content"),
    ([{"role": "user", "content": 5}], "invalid_type", "messages[0].content"),
    ([{"role": "user", "content": []}], "empty_array", "messages[0].content"),
    ([{"role": "user", "content": [{"text": "x"}]}], "missing_required_parameter", "messages[0].content[0].type"),
    ([{"role": "user", "content": [{"type": "video"}]}], "invalid_value", "messages[0].content[0]"),
    ([{"role": "user", "content": None}], None, "messages.[0].content"),
    ([USER, TURN], None, "messages.[2].role"),
    ([USER, TURN, USER], None, "messages.[2].role"),
    ([USER, RESULT], None, "messages.[1].role"),
    ([USER, TURN, {**RESULT, "tool_call_id": "c2"}], None, "messages.[2].role"),
    ([USER, TURN, {**RESULT, "content": None}], None, "messages.[2].content"),
]
WRONG_FIELDS = [
    ({"temperature": 3}, "decimal_above_max_value", "temperature"),
    ({"temperature": "hot"}, "invalid_type", "temperature"),
    ({"top_p": -1}, "decimal_below_min_value", "top_p"),
    ({"n": 0}, "integer_below_min_value", "n"),
    ({"n": 129}, "integer_above_max_value", "n"),
    ({"max_tokens": 0}, "integer_below_min_value", "max_tokens"),
    ({"max_tokens": True}, "invalid_type", "max_tokens"),
    ({"top_logprobs": 2}, None, "top_logprobs"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "array_above_max_length", "stop"),
    ({"stop": 1}, "invalid_type", "stop"),
    ({"stream": "yes"}, "invalid_type", "stream"),
    ({"stream_options": {"include_usage": True}}, None, "stream_options"),
    ({"tools": tool(name="a b")}, "invalid_value", "tools[0].function.name"),
    ({"tools": tool(name="f\n")}, "invalid_value", "tools[0].function.name"),
    ({"tools": tool(name="x" * 65)}, "string_above_max_length", "tools[0].function.name"),
    ({"tools": tool()}, "missing_required_parameter", "tools[0].function.name"),
    (
        {"tools": tool(name="f", parameters={"type": "array"})},
        "invalid_function_parameters",
        "tools[0].function.parameters",
    ),
    ({"tools": [TOOL] * 129}, "array_above_max_length", "tools"),
    ({"tool_choice": "auto"}, None, "tool_choice"),
    ({"tools": [TOOL], "tool_choice": "any"}, "invalid_value", "tool_choice"),
    ({"tools": [TOOL], "tool_choice": named("g")}, None, "tool_choice"),
    ({"response_format": {"type": "xml"}}, "invalid_value", "response_format.type"),
    ({"response_format": {"type": "json_object"}}, None, "messages"),
    ({"response_format": {"type": "json_schema"}}, "missing_required_parameter", "response_format.json_schema"),
]


def refusal(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    error: dict[str, Any] = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"]
    return error


@pytest.mark.parametrize(("messages", "code", "param"), WRONG_MESSAGES, ids=range(len(WRONG_MESSAGES)))
def test_wrong_messages(sound: Any, messages: Any, code: str | None, param: str) -> None:
    error = refusal(sound.chat(messages) if isinstance(messages, list) else sound.chat([], messages=messages), 400)
    assert error["code"] == code
    assert error["param"].startswith(param)


@pytest.mark.parametrize(("fields", "code", "param"), WRONG_FIELDS, ids=range(len(WRONG_FIELDS)))
def test_wrong_fields(sound: Any, fields: dict[str, Any], code: str | None, param: str) -> None:
    error = refusal(sound.chat("Say hello.", **fields), 400)
    assert (error["code"], error["param"]) == (code, param)


def test_missing_messages_and_model(sound: Any) -> None:
    assert refusal(sound.send({"model": "reference-1"}), 400)["param"] == "messages"
    assert refusal(sound.send({"messages": [USER]}), 400)["param"] == "model"


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model(sound: Any, stream: bool) -> None:
    error = refusal(sound.chat("Hi", model="nobody-1", stream=stream), 404)
    assert error["code"] == "model_not_found"
    assert "nobody-1" in error["message"]


@pytest.mark.parametrize("body", [b"{", b"", b"[1]", b"\xff\xfe", b"[" * 100_000], ids=range(5))
def test_a_body_that_is_no_json_object(sound: Any, body: bytes) -> None:
    url = sound.server.base_url + "/chat/completions"
    refusal(sound.http.post(url, content=body, headers={"content-type": "application/json"}), 400)


def test_another_content_type(sound: Any) -> None:
    response = sound.http.post(sound.server.base_url + "/chat/completions", data={"a": "b"})
    assert refusal(response, 400)["code"] == "unsupported_content_type"


@pytest.mark.parametrize("value", [None, "Bearer", "Bearer sk-wrong", "Basic abc", "sk-reference-0123456789"])
@pytest.mark.parametrize("path", ["/models", "/models/reference-1", "/chat/completions"])
def test_the_key_is_checked_first(server: Any, path: str, value: str | None) -> None:
    headers = {} if value is None else {"authorization": value}
    method, content = ("POST", b"{") if path.startswith("/chat") else ("GET", b"")
    response = httpx.request(method, server.base_url + path, headers=headers, content=content, trust_env=False)
    error = refusal(response, 401)
    assert "sk-wrong" not in error["message"]


def test_unknown_paths_and_wrong_methods(sound: Any) -> None:
    assert refusal(sound.get("/nothing"), 404)["code"] == "unknown_url"
    root = sound.server.base_url.removesuffix("/v1")
    assert refusal(sound.http.get(root + "/"), 404)["code"] == "unknown_url"
    wrong = sound.get("/chat/completions")
    refusal(wrong, 405)
    assert wrong.headers["allow"] == "POST"
    assert sound.http.post(sound.server.base_url + "/models").headers["allow"] == "GET"


def test_a_prompt_beyond_the_window(serving: Callable[..., Any]) -> None:
    asking = serving(context_window=100)
    error = refusal(asking.chat("word " * 200, stream=True), 400)
    assert error["code"] == "context_length_exceeded"
    assert "maximum context length is 100 tokens" in error["message"]


def test_what_is_no_http_request(server: Any) -> None:
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(b"hello\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
