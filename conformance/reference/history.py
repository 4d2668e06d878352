"""Checks the messages of a request: roles, contents, and a result for every call.

Strict where the real service is strict (a call without its result is an error, and so is a result without its call),
lenient where it is lenient: ids of any form, empty results, fields of other vendors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference.refusal import Refused, invalid, missing, wrong_type

Message = Mapping[str, Any]

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_PARTS = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


def check_messages(messages: object, given: bool) -> None:
    """Refuse the first thing that is wrong with the messages of a request."""
    if not given:
        raise missing("messages")
    if not isinstance(messages, list):
        raise wrong_type("messages", "an array of objects", messages)
    if not messages:
        text = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        raise invalid(text, "messages", "empty_array")
    for at, message in enumerate(messages):
        _check_message(message, at)
    _check_pairing(messages)


def _check_message(message: object, at: int) -> None:
    if not isinstance(message, Mapping):
        raise wrong_type(f"messages[{at}]", "an object", message)
    role = message.get("role")
    if role is None:
        raise missing(f"messages[{at}].role")
    if role not in ROLES:
        supported = ", ".join(f"'{one}'" for one in ROLES)
        raise invalid(
            f"Invalid value: '{role}'. Supported values are: {supported}.", f"messages[{at}].role", "invalid_value"
        )
    calls = message.get("tool_calls") if role == "assistant" else None
    _check_content(message, at, optional=bool(calls or message.get("function_call")) or role == "function")
    _check_calls(calls, f"messages[{at}].tool_calls")
    if role == "tool":
        _check_call_id(message.get("tool_call_id"), f"messages[{at}].tool_call_id")


def _check_content(message: Message, at: int, optional: bool) -> None:
    content, param = message.get("content"), f"messages[{at}].content"
    if isinstance(content, str) or (content is None and optional):
        return
    if content is None and "content" in message:
        raise invalid("Invalid value for 'content': expected a string, got null.", f"messages.[{at}].content", None)
    if content is None:
        raise missing(param)
    if not isinstance(content, list):
        raise wrong_type(param, "one of a string or array of objects", content)
    if not content:
        raise invalid(f"Invalid '{param}': empty array. Expected an array with minimum length 1.", param, "empty_array")
    for n, part in enumerate(content):
        _check_part(part, f"{param}[{n}]", _PARTS.get(message["role"], ("text",)))


def _check_part(part: object, param: str, supported: Sequence[str]) -> None:
    if not isinstance(part, Mapping):
        raise wrong_type(param, "an object", part)
    kind = part.get("type")
    if kind is None:
        raise missing(f"{param}.type")
    if kind not in supported:
        names = ", ".join(f"'{one}'" for one in supported)
        raise invalid(f"Invalid value: '{kind}'. Supported values are: {names}.", param, "invalid_value")
    if kind not in part:
        raise missing(f"{param}.{kind}")
    expected = (str, "a string") if kind in ("text", "refusal") else (dict, "an object")
    if not isinstance(part[kind], expected[0]):
        raise wrong_type(f"{param}.{kind}", expected[1], part[kind])


def _check_calls(calls: object, param: str) -> None:
    if calls is None:
        return
    if not isinstance(calls, list):
        raise wrong_type(param, "an array of objects", calls)
    for at, call in enumerate(calls):
        _check_call(call, f"{param}[{at}]")


def _check_call(call: object, param: str) -> None:
    if not isinstance(call, Mapping):
        raise wrong_type(param, "an object", call)
    _check_call_id(call.get("id"), f"{param}.id")
    kind = call.get("type") or "function"
    inner = call.get(kind)
    if not isinstance(inner, Mapping):
        raise missing(f"{param}.{kind}")
    for name in ("name", "arguments" if kind == "function" else "input"):
        if not isinstance(inner.get(name), str):
            field = f"{param}.{kind}.{name}"
            raise wrong_type(field, "a string", inner[name]) if name in inner else missing(field)


def _check_call_id(value: object, param: str) -> None:
    if value is None:
        raise missing(param)
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    if not value:
        raise invalid(
            f"Invalid '{param}': empty string. Expected a string with minimum length 1.", param, "empty_string"
        )


def _check_pairing(messages: Sequence[Message]) -> None:
    """Every call has its result before the next other message, and every result has its call."""
    waiting: set[str] = set()
    asked: set[str] = set()
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            _check_answer(message, asked, at)
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            raise _unanswered(waiting, at)
        asked = {call["id"] for call in message.get("tool_calls") or ()} if message["role"] == "assistant" else set()
        waiting = set(asked)
    if waiting:
        raise _unanswered(waiting, len(messages))


def _check_answer(message: Message, asked: set[str], at: int) -> None:
    if message["tool_call_id"] not in asked:
        text = (
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
        )
        raise invalid(text, f"messages.[{at}].role", None)


def _unanswered(ids: set[str], at: int) -> Refused:
    text = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(sorted(ids))}"
    )
    return invalid(text, f"messages.[{at}].role", None)
