"""The schemas: valid, accept what conforming services send, and name precisely what is wrong."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.schema import folder, load, schema_names, violations

CALL = {"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": "{}"}}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1782321928,
    "model": "bar-1",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop", "logprobs": None},
        {"index": 1, "message": {"role": "assistant", "tool_calls": [CALL]}, "finish_reason": "tool_calls"},
    ],
    "usage": USAGE,
}
CHUNK: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1782321928,
    "model": "bar-1",
    "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **CALL}]}, "finish_reason": None}],
}
ERROR: dict[str, Any] = {"error": {"message": "no", "type": "tokens", "param": None, "code": None}}
MODELS: dict[str, Any] = {
    "object": "list",
    "data": [{"id": "bar-1", "object": "model", "created": 1, "owned_by": "bar", "permission": []}],
}
REQUEST: dict[str, Any] = {
    "model": "bar-1",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "read it"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "hm"},
        {"role": "tool", "tool_call_id": "call_1", "content": "(empty)"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "read_file"}},
    "parallel_tool_calls": True,
    "stream": True,
    "stream_options": {"include_usage": True},
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}},
    "max_completion_tokens": -1,
}
GOOD = {
    "openai/chat-completion": COMPLETION,
    "openai/chat-completion-chunk": CHUNK,
    "openai/error": ERROR,
    "openai/model-list": MODELS,
    "openai/chat-completion-request": REQUEST,
}


def spoiled(value: Any, path: str, new: Any) -> Any:
    """A copy of the value with one place changed; `...` removes it. The path is written as `a.0.b`."""
    result = copy.deepcopy(value)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = result
    for step in way:
        place = place[step]
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return result


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_is_valid_and_has_a_title_and_a_description(name: str) -> None:
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] and schema["title"] and schema["description"]


def test_ids_are_unique() -> None:
    ids = [load(name)["$id"] for name in schema_names()]
    assert len(ids) == len(set(ids)) and set(GOOD) <= set(schema_names())


def test_an_installed_package_contains_its_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.schema.__file__", str(tmp_path / "schema.py"))
    assert folder() == tmp_path.parent / "schemas"
    (tmp_path / "_data" / "schemas").mkdir(parents=True)
    assert folder() == tmp_path / "_data" / "schemas"


def test_the_source_of_the_protocol_is_pinned() -> None:
    assert (folder() / "openai" / "SOURCE").read_text().count("\n") == 1


@pytest.mark.parametrize("name", GOOD)
def test_good_examples_are_accepted(name: str) -> None:
    assert violations(name, GOOD[name]) == []


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("choices.0.logprobs", ...),
        ("choices.0.message.refusal", None),
        ("choices.0.message.tool_calls", None),
        ("choices.0.finish_reason", "tool_calls"),
        ("choices.1.message.content", None),
        ("choices.1.message.tool_calls.0.id", "functions.read_file:0"),
        ("system_fingerprint", None),
        ("service_tier", "on_demand"),
        ("usage", None),
        ("usage.prompt_tokens_details", None),
        ("vendor_extension", {"x": 1}),
        ("choices.0.message.reasoning_content", "hm"),
    ],
)
def test_what_conforming_services_answer_is_accepted(path: str, new: Any) -> None:
    assert violations("openai/chat-completion", spoiled(COMPLETION, path, new)) == []


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("choices", []),
        ("choices.0.delta", {}),
        ("choices.0.delta", {"role": None, "content": None, "tool_calls": None, "reasoning_content": "x"}),
        ("choices.0", {"index": 0, "finish_reason": None, "content_filter_results": {}}),
        ("choices.0.delta.tool_calls.0", {"index": 0, "id": None, "type": None, "function": {"name": ""}}),
        ("choices.0.delta.tool_calls.0", {"index": 0, "function": {"arguments": '{"pa'}}),
        ("usage", None),
        ("usage", USAGE),
        ("object", ""),
        ("obfuscation", ""),
    ],
)
def test_what_conforming_services_stream_is_accepted(path: str, new: Any) -> None:
    assert violations("openai/chat-completion-chunk", spoiled(CHUNK, path, new)) == []


@pytest.mark.parametrize(
    ("name", "path", "new", "line"),
    [
        ("chat-completion", "id", ..., "id: is missing"),
        ("chat-completion", "object", "x", 'object: must be "chat.completion", not "x"'),
        ("chat-completion", "created", "1", "created: must be a number, not a string"),
        ("chat-completion", "created", float("nan"), "created: must be a number, not nan"),
        ("chat-completion", "choices", [], "choices: must have at least 1 entries, but has 0"),
        ("chat-completion", "choices.0.message.content", ..., "choices[0].message.content: is missing"),
        (
            "chat-completion",
            "choices.0.message.content",
            ["hi"],
            "choices[0].message.content: must be a string or null, not a list",
        ),
        (
            "chat-completion",
            "choices.1.message.tool_calls.0.function.arguments",
            {},
            "choices[1].message.tool_calls[0].function.arguments: must be a string, not an object",
        ),
        (
            "chat-completion",
            "choices.1.message.tool_calls.0.id",
            "",
            "choices[1].message.tool_calls[0].id: must have at least 1 characters, but has 0",
        ),
        (
            "chat-completion",
            "choices.1.message.tool_calls.0.function",
            ...,
            "choices[1].message.tool_calls[0].function: is missing",
        ),
        ("chat-completion", "usage.total_tokens", "7", "usage.total_tokens: must be an integer, not a string"),
        ("chat-completion", "usage.total_tokens", -1, "usage.total_tokens: must be at least 0, not -1"),
        ("chat-completion-chunk", "choices", None, "choices: must be a list, not null"),
        ("chat-completion-chunk", "choices.0.delta", ..., "choices[0].delta: is missing"),
        (
            "chat-completion-chunk",
            "choices.0.delta.tool_calls.0.index",
            ...,
            "choices[0].delta.tool_calls[0].index: is missing",
        ),
        (
            "chat-completion-chunk",
            "choices.0.delta.tool_calls.0.index",
            True,
            "choices[0].delta.tool_calls[0].index: must be an integer, not true or false",
        ),
        ("error", "error", "no", "error: must be an object, not a string"),
        ("error", "error.message", None, "error.message: must be a string, not null"),
        ("model-list", "data", {}, "data: must be a list, not an object"),
        ("model-list", "data.0.id", ..., "data[0].id: is missing"),
        ("chat-completion-request", "messages", [], "messages: must have at least 1 entries, but has 0"),
        ("chat-completion-request", "temprature", 1, "temprature: unknown key, did you mean temperature?"),
        ("chat-completion-request", "zzz", 1, "zzz: unknown key (known: 37 others)"),
        ("chat-completion-request", "temperature", 3, "temperature: must be at most 2, not 3"),
        (
            "chat-completion-request",
            "messages.0.role",
            "systen",
            'messages[0].role: must be one of "developer", "system", "user", "assistant", "tool", "function",'
            ' not "systen"',
        ),
        ("chat-completion-request", "messages.3.tool_call_id", ..., "messages[3].tool_call_id: is missing"),
        ("chat-completion-request", "messages.1.content.0.text", ..., "messages[1].content[0].text: is missing"),
        ("chat-completion-request", "tool_choice", "any", "tool_choice: must be one of"),
        ("chat-completion-request", "tool_choice.function.name", ..., "tool_choice.function.name: is missing"),
        ("chat-completion-request", "tools", ..., "tools: is missing, but tool_choice needs it"),
        ("chat-completion-request", "tools.0.function.name", "a b", "tools[0].function.name: must match"),
        ("chat-completion-request", "tools.0.function.name", "a\n", "tools[0].function.name: must match"),
    ],
)
def test_each_violation_names_its_path(name: str, path: str, new: Any, line: str) -> None:
    found = violations(f"openai/{name}", spoiled(GOOD[f"openai/{name}"], path, new))
    assert found and found[0].startswith(line)


def test_violations_are_in_the_order_of_the_document_and_limited() -> None:
    broken: dict[str, Any] = {"object": 1, "choices": [{"index": "0", "delta": 1}], "model": 3, "created": "x"}
    paths = [line.split(":")[0] for line in violations("openai/chat-completion-chunk", broken, most=9)]
    assert paths == ["object", "choices[0].index", "choices[0].delta", "model", "created", "id"]
    assert len(violations("openai/chat-completion-chunk", broken, most=2)) == 2


@pytest.mark.parametrize("value", [None, [], "text", 1, float("inf"), object(), {"choices": {"a\nb": 1}}])
@pytest.mark.parametrize("name", GOOD)
def test_any_value_gives_single_lines(name: str, value: Any) -> None:
    found = violations(name, value)
    assert found and not any("\n" in line for line in found)


def test_long_values_are_not_quoted() -> None:
    (line,) = violations("openai/chat-completion", {**COMPLETION, "object": "x" * 5000})
    assert line == 'object: must be "chat.completion", not a string'


def test_names_of_keys_stay_on_one_line() -> None:
    (line,) = violations("conformance/configuration", {"a\nb": 1})
    assert line.startswith('["a\\nb"]: unknown key')


def test_the_validator_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, conformance.endpoint.config; print('jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.lower()) is False
