"""Objects as the SDK builds them from JSON: fields with names, nothing checked, None for what is absent.

So a damaged answer fails where a program first uses it, with Python's message for that. A reader therefore
runs the program on these objects and keeps what it raises.
"""

from __future__ import annotations

import re
from typing import Any

Kind = dict[str, str]
_WHOLE = re.compile(r"\s*([+-]?\d{1,300})(?:\.0*)?\s*", re.ASCII)


def _kind(fields: str) -> Kind:
    """The fields of a kind, in the SDK's order: plain ones hold any value, `=` names the kind of others, `*` a list of it."""
    return dict((*field.partition("=")[::2],) for field in fields.split())


KINDS = {
    "ChatCompletionChunk": _kind("id choices=*ChunkChoice created model object usage=CompletionUsage"),
    "ChunkChoice": _kind("delta=ChoiceDelta index finish_reason logprobs=ChoiceLogprobs"),
    "ChoiceDelta": _kind("audio content function_call refusal role tool_calls=*ChoiceDeltaToolCall"),
    "ChoiceDeltaToolCall": _kind("index id function=Function type"),
    "ChoiceLogprobs": _kind("content refusal"),
    "ChatCompletion": _kind("id choices=*Choice usage=CompletionUsage"),
    "Choice": _kind("finish_reason message=ChatCompletionMessage"),
    "ChatCompletionMessage": _kind("content tool_calls=*ChatCompletionMessageToolCall"),
    "ChatCompletionMessageToolCall": _kind("id function=Function type"),
    "ChatCompletionMessageCustomToolCall": _kind("id custom type"),
    "Snapshot": _kind("id choices=*SnapshotChoice usage=CompletionUsage"),
    "SnapshotChoice": _kind("finish_reason index logprobs=ChoiceLogprobs message=SnapshotMessage"),
    "SnapshotMessage": _kind("content refusal role annotations audio function_call tool_calls=*ParsedFunctionToolCall"),
    "ParsedFunctionToolCall": _kind("id function=Function type"),
    "Function": _kind("arguments name parsed_arguments"),
    "CompletionUsage": _kind(
        "completion_tokens prompt_tokens total_tokens"
        " completion_tokens_details=CompletionTokensDetails prompt_tokens_details=PromptTokensDetails"
    ),
    "CompletionTokensDetails": _kind(
        "accepted_prediction_tokens audio_tokens reasoning_tokens rejected_prediction_tokens text_tokens"
    ),
    "PromptTokensDetails": _kind("audio_tokens cache_write_tokens cached_tokens image_tokens text_tokens"),
    "Page": _kind("data=*Model object"),
    "Model": _kind("id created object owned_by shutdown_date"),
}


class Model:
    """One object of a kind. Fields that the SDK does not know are kept under their names."""

    __slots__ = ("_given", "_kind")

    def __init__(self, kind: str, given: dict[str, Any]) -> None:
        self._kind = kind
        known = [name for name in KINDS[kind] if name in given]
        self._given = {name: _field(kind, name, given[name]) for name in dict.fromkeys([*known, *given])}

    def __getattr__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if name in KINDS[self._kind]:
            return None
        raise AttributeError(f"'{self._kind}' object has no attribute '{name}'")

    def __repr__(self) -> str:
        values = dict.fromkeys(KINDS[self._kind]) | self._given
        return f"{self._kind}({', '.join(f'{name}={value!r}' for name, value in values.items())})"

    def put(self, name: str, value: Any) -> None:
        """Sets a field."""
        self._given[name] = value

    def to_dict(self) -> dict[str, Any]:
        """The fields that came, as plain values: those that the SDK knows come first."""
        return {name: _plain(value) for name, value in self._given.items()}

    model_dump = to_dict


def build(kind: str, value: Any) -> Any:
    """The value where the SDK expects that kind: objects become models, also those in a list; the rest is unchanged."""
    if isinstance(value, list):
        return [_model(kind, entry) if isinstance(entry, dict) else entry for entry in value]
    return _model(kind, value) if isinstance(value, dict) else value


def _model(kind: str, given: dict[str, Any]) -> Model:
    custom = kind == "ChatCompletionMessageToolCall" and given.get("type") == "custom"
    return Model("ChatCompletionMessageCustomToolCall" if custom else kind, given)


def _field(kind: str, name: str, value: Any) -> Any:
    wanted = KINDS[kind].get(name, "")
    if not wanted.startswith("*"):
        return build(wanted, value) if wanted else value
    if not isinstance(value, list):
        return value
    entries = with_whole_indices(value) if wanted == "*ChoiceDeltaToolCall" else value
    return [build(wanted[1:], entry) for entry in entries]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.to_dict() if isinstance(value, Model) else value


def with_whole_indices(calls: list[Any]) -> list[Any]:
    """The streamed calls with indices like "0" made numbers: pydantic does so if all the rest is as declared."""
    if not all(_is_declared(call) for call in calls):
        return calls
    return [call | {"index": whole(call["index"])} for call in calls]


def _is_declared(call: Any) -> bool:
    if not isinstance(call, dict) or whole(call.get("index")) is None:
        return False
    function = call.get("function")
    texts = [call.get("id"), *(function.get(n) for n in ("name", "arguments") if isinstance(function, dict))]
    return (
        (function is None or isinstance(function, dict))
        and call.get("type") in (None, "function")
        and all(text is None or isinstance(text, str) for text in texts)
    )


def whole(value: Any) -> int | None:
    """The whole number that pydantic reads a value as, None if it is none."""
    if isinstance(value, str):
        found = _WHOLE.fullmatch(value)
        return int(found[1]) if found else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(value) if isinstance(value, int) else None
