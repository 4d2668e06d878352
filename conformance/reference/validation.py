"""Checks the body of a chat request. Each rule is one function that raises a refusal or returns nothing.

Texts, codes and params are those of the real service, because clients recognise errors by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from conformance.reference.history import check_messages
from conformance.reference.refusal import Refused, invalid, missing, wrong_type
from conformance.reference.text import dump

Body = Mapping[str, Any]

_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")
MOST_TOOLS = 128
LONGEST_NAME = 64
_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_INTEGER_RANGES: dict[str, tuple[int, int]] = {
    "n": (1, 128),
    "max_tokens": (1, 2**53),
    "max_completion_tokens": (1, 2**53),
    "top_logprobs": (0, 20),
    "seed": (-(2**63), 2**63 - 1),
}
_KINDS: dict[str, tuple[type, str]] = {
    "stream": (bool, "a boolean"),
    "logprobs": (bool, "a boolean"),
    "parallel_tool_calls": (bool, "a boolean"),
    "store": (bool, "a boolean"),
    "stream_options": (dict, "an object"),
    "logit_bias": (dict, "an object"),
    "metadata": (dict, "an object"),
    "response_format": (dict, "an object"),
    "tools": (list, "an array of objects"),
    "user": (str, "a string"),
    "reasoning_effort": (str, "a string"),
}


def validate(body: Body) -> None:
    """Refuse the first thing that is wrong with a chat request."""
    for rule in _RULES:
        rule(body)


def _check_kinds(body: Body) -> None:
    for name, (kind, expected) in _KINDS.items():
        if body.get(name) is not None and not isinstance(body[name], kind):
            raise wrong_type(name, expected, body[name])


def _check_ranges(body: Body) -> None:
    for name, (low, high) in _RANGES.items():
        value = body.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise wrong_type(name, "a decimal", value)
        if value is not None and not low <= value <= high:
            raise _out_of_range("decimal", name, value, low, high)
    for name, (least, most) in _INTEGER_RANGES.items():
        value = body.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise wrong_type(name, "an integer", value)
        if value is not None and not least <= value <= most:
            raise _out_of_range("integer", name, value, least, most)


def _out_of_range(kind: str, name: str, value: float, low: float, high: float) -> Refused:
    side, bound, relation = ("below_min", low, ">=") if value < low else ("above_max", high, "<=")
    problem = side.replace("_min", " minimum").replace("_max", " maximum")
    message = f"Invalid '{name}': {kind} {problem} value. Expected a value {relation} {bound}, but got {value} instead."
    return invalid(message, name, f"{kind}_{side}_value")


def _check_stop(body: Body) -> None:
    stop = body.get("stop")
    if stop is None or isinstance(stop, str):
        return
    if not isinstance(stop, list) or not all(isinstance(one, str) for one in stop):
        raise wrong_type("stop", "a string or an array of strings", stop)
    if len(stop) > 4:
        message = f"Invalid 'stop': array too long. Expected an array with maximum length 4, but got {len(stop)} items."
        raise invalid(message, "stop", "array_above_max_length")


def _check_dependent(body: Body) -> None:
    if body.get("stream_options") is not None and body.get("stream") is not True:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid(message, "stream_options", None)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise invalid("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs", None)
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) is not None and not body.get("tools"):
            raise invalid(
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.", name, None
            )


def _check_response_format(body: Body) -> None:
    wanted = body.get("response_format") or {"type": "text"}
    kind = wanted.get("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise _not_one_of("response_format.type", kind, "'json_object', 'json_schema', and 'text'")
    if kind == "json_object" and "json" not in dump(body.get("messages")).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise invalid(message, "messages", None)
    if kind == "json_schema":
        _check_json_schema(wanted.get("json_schema"))


def _check_json_schema(wanted: object) -> None:
    if not isinstance(wanted, Mapping):
        raise missing("response_format.json_schema")
    _check_name(wanted.get("name"), "response_format.json_schema.name")
    if not isinstance(wanted.get("schema", {}), Mapping):
        raise wrong_type("response_format.json_schema.schema", "an object", wanted["schema"])


def _not_one_of(param: str, value: object, supported: str) -> Refused:
    if value is None:
        return missing(param)
    return invalid(f"Invalid value: '{value}'. Supported values are: {supported}.", param, "invalid_value")


def _check_name(name: object, param: str) -> None:
    if name is None:
        raise missing(param)
    if not isinstance(name, str):
        raise wrong_type(param, "a string", name)
    if len(name) > LONGEST_NAME:
        message = f"Invalid '{param}': string too long. Expected a string with maximum length {LONGEST_NAME}, but got a string with length {len(name)} instead."
        raise invalid(message, param, "string_above_max_length")
    if not _NAME.match(name):
        message = f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        raise invalid(message, param, "invalid_value")


def _check_tools(body: Body) -> None:
    tools = body.get("tools") or []
    if len(tools) > MOST_TOOLS:
        message = f"Invalid 'tools': array too long. Expected an array with maximum length {MOST_TOOLS}, but got an array with length {len(tools)} instead."
        raise invalid(message, "tools", "array_above_max_length")
    for at, tool in enumerate(tools):
        _check_tool(tool, f"tools[{at}]")


def _check_tool(tool: object, param: str) -> None:
    if not isinstance(tool, Mapping):
        raise wrong_type(param, "an object", tool)
    kind = tool.get("type")
    if kind != "function":
        raise _not_one_of(f"{param}.type", kind, "'function'")
    inner = tool.get(kind)
    if not isinstance(inner, Mapping):
        raise missing(f"{param}.{kind}")
    _check_name(inner.get("name"), f"{param}.{kind}.name")
    _check_text(inner.get("description"), f"{param}.{kind}.description")
    _check_parameters(inner, f"{param}.{kind}.parameters")


def _check_text(value: object, param: str) -> None:
    if value is not None and not isinstance(value, str):
        raise wrong_type(param, "a string", value)


def _check_parameters(function: Mapping[str, Any], param: str) -> None:
    schema = function.get("parameters")
    if schema is not None and not isinstance(schema, Mapping):
        raise wrong_type(param, "an object", schema)
    if schema and schema.get("type", "object") != "object":
        message = f"Invalid schema for function '{function['name']}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema['type']}\"'."
        raise invalid(message, param, "invalid_function_parameters")


def _check_tool_choice(body: Body) -> None:
    wanted = body.get("tool_choice")
    if wanted is None or wanted in ("none", "auto", "required"):
        return
    if isinstance(wanted, str):
        raise _not_one_of("tool_choice", wanted, "'none', 'auto', and 'required'")
    if not isinstance(wanted, Mapping):
        raise wrong_type("tool_choice", "one of a string or an object", wanted)
    kind = wanted.get("type")
    if kind not in ("function", "custom", "allowed_tools"):
        raise _not_one_of("tool_choice.type", kind, "'function', 'custom', and 'allowed_tools'")
    known = {_name_of(tool) for tool in body.get("tools") or []}
    for name in _chosen_names(wanted):
        if name not in known:
            raise invalid(
                f"Invalid value for 'tool_choice': function '{name}' not found in 'tools'.", "tool_choice", None
            )


def _chosen_names(wanted: Mapping[str, Any]) -> list[object]:
    if wanted["type"] != "allowed_tools":
        return [_name_of(wanted)]
    allowed = wanted.get("allowed_tools")
    if not isinstance(allowed, Mapping) or not isinstance(allowed.get("tools"), list):
        raise missing("tool_choice.allowed_tools.tools")
    if allowed.get("mode") not in ("auto", "required"):
        raise _not_one_of("tool_choice.allowed_tools.mode", allowed.get("mode"), "'auto' and 'required'")
    return [_name_of(entry) for entry in allowed["tools"]]


def _name_of(entry: object) -> object:
    inner = entry.get(entry.get("type")) if isinstance(entry, Mapping) else None
    return inner.get("name") if isinstance(inner, Mapping) else None


_RULES: tuple[Callable[[Body], None], ...] = (
    _check_kinds,
    lambda body: check_messages(body.get("messages"), "messages" in body),
    _check_ranges,
    _check_stop,
    _check_tools,
    _check_dependent,
    _check_tool_choice,
    _check_response_format,
)
