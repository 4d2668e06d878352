"""The shapes that the AI SDK requires of what it receives, as data, with zod's messages for what does not fit.

Nothing is repaired or guessed: one chunk of another shape is an error. Keys that are not named may hold anything.

Source: https://github.com/vercel/ai/blob/main/packages/openai-compatible/src/chat/openai-compatible-chat-language-model.ts
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from conformance.evidence.exchange import MISSING
from conformance.schema import spell

Issue = dict[str, Any]
Check = Callable[[Any], list[Issue]]


def kind_of(value: Any) -> str:
    """What zod calls a value."""
    if value is MISSING:
        return "undefined"
    kinds = ((bool, "boolean"), (str, "string"), ((int, float), "number"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def of_kind(name: str) -> Check:
    """A value of that kind; numbers must be finite."""

    def check(value: Any) -> list[Issue]:
        finite = not isinstance(value, float) or math.isfinite(value)
        return [] if kind_of(value) == name and finite else [_invalid_type(name, value)]

    return check


def _invalid_type(name: str, value: Any) -> Issue:
    message = f"Invalid input: expected {name}, received {kind_of(value)}"
    return {"expected": name, "code": "invalid_type", "path": [], "message": message}


def one_of(*values: Any) -> Check:
    """One of these values."""
    shown = "|".join(json.dumps(value) for value in values)
    message = f"Invalid option: expected one of {shown}" if len(values) > 1 else f"Invalid input: expected {shown}"
    issue = {"code": "invalid_value", "values": list(values), "path": [], "message": message}
    return lambda value: [] if any(type(v) is type(value) and v == value for v in values) else [dict(issue)]


def nullish(check: Check) -> Check:
    """Null and absence are accepted, too."""
    return lambda value: [] if value is None or value is MISSING else check(value)


def members(**fields: Check) -> Check:
    """An object with these members."""
    return mapping(fields)


def mapping(fields: Mapping[str, Check]) -> Check:
    """An object with members of any names."""

    def check(value: Any) -> list[Issue]:
        if not isinstance(value, dict):
            return [_invalid_type("object", value)]
        return [i for key, inner in fields.items() for i in _inside(key, inner(value.get(key, MISSING)))]

    return check


def items(check: Check) -> Check:
    """A list of such values."""

    def check_all(value: Any) -> list[Issue]:
        if not isinstance(value, list):
            return [_invalid_type("array", value)]
        return [i for n, entry in enumerate(value) for i in _inside(n, check(entry))]

    return check_all


def either(*checks: Check) -> Check:
    """A value that passes at least one of them."""

    def check(value: Any) -> list[Issue]:
        tried = [inner(value) for inner in checks]
        if not all(tried):
            return []
        return [{"code": "invalid_union", "errors": tried, "path": [], "message": "Invalid input"}]

    return check


def _inside(step: str | int, issues: list[Issue]) -> list[Issue]:
    return [{**issue, "path": [step, *issue["path"]]} for issue in issues]


def brief(issues: list[Issue], alternative: int = 0) -> str:
    """The first issue on one line: `choices[0].delta.role: Invalid option: ...`; of a union that of this alternative."""
    first, path = issues[0], list(issues[0]["path"])
    while tried := first.get("errors"):
        first, alternative = tried[alternative][0], 0
        path += first["path"]
    return f"{spell(path)}: {first['message']}" if path else str(first["message"])


STRING, NUMBER = of_kind("string"), of_kind("number")
TEXT, COUNT = nullish(STRING), nullish(NUMBER)

ERROR = members(error=members(message=STRING, type=TEXT, code=nullish(either(STRING, NUMBER))))
_SIGNATURE = nullish(members(google=nullish(members(thought_signature=TEXT))))
_USAGE = nullish(
    members(
        prompt_tokens=COUNT,
        completion_tokens=COUNT,
        total_tokens=COUNT,
        prompt_tokens_details=nullish(members(cached_tokens=COUNT)),
        completion_tokens_details=nullish(
            members(reasoning_tokens=COUNT, accepted_prediction_tokens=COUNT, rejected_prediction_tokens=COUNT)
        ),
    )
)
_WORDS = {"content": TEXT, "reasoning_content": TEXT, "reasoning": TEXT}
_DELTA = members(
    role=nullish(one_of("assistant", "")),
    **_WORDS,
    tool_calls=nullish(
        items(members(index=COUNT, id=TEXT, function=members(name=TEXT, arguments=TEXT), extra_content=_SIGNATURE))
    ),
)
_MESSAGE = members(
    role=nullish(one_of("assistant")),
    **_WORDS,
    tool_calls=nullish(
        items(members(id=TEXT, function=members(name=STRING, arguments=STRING), extra_content=_SIGNATURE))
    ),
)


def _answer(**choice: Check) -> Check:
    choices = items(members(**choice, finish_reason=TEXT))
    return members(id=TEXT, created=COUNT, model=TEXT, choices=choices, usage=_USAGE)


CHUNK = _answer(delta=nullish(_DELTA))
EVENT = either(CHUNK, ERROR)
COMPLETION = _answer(message=_MESSAGE)
