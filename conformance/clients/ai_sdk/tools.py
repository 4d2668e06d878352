"""What the `ai` package makes of a tool call: the arguments the tool gets, or why it does not run.

The model gets the error, and the turn continues. Arguments are checked as by a program's zod schema of the same JSON schema:
unknown keys are dropped silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.clients.ai_sdk import failure, json_text, shape
from conformance.clients.ai_sdk.parts import Call, Rules
from conformance.clients.ai_sdk.shape import Check
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Exchange, shorten

_DEEPEST = 12  # levels of a schema that are checked
_KINDS = ("string", "number", "boolean", "object", "array", "null")


@dataclass(frozen=True)
class Parsed:
    """A call after parsing: the name of the tool that runs, its arguments, or in `problem` why none does."""

    name: str
    value: dict[str, Any] | None = None
    problem: str = ""


def schemas(exchange: Exchange) -> dict[str, Any]:
    """The schema of every tool of the request, by name."""
    tools = exchange.request.field("tools")
    functions = [t.get("function") for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return {f["name"]: f.get("parameters") for f in functions if isinstance(f, dict) and isinstance(f.get("name"), str)}


def parsed(call: Call, name: str, tools: dict[str, Any], rules: Rules) -> Parsed:
    """A call under this name; the problem is the message of the SDK's exception, on one line."""
    if name not in tools:
        known = f"Available tools: {', '.join(tools)}." if tools else "No tools are available."
        return Parsed(name, problem=f"Model tried to call unavailable tool '{shorten(name)}'. {known}")
    try:
        value = json_text.parse(call.input if call.input.strip() else "{}")
    except NotJson as error:
        why = failure.not_json(call.input, error, rules.json_prefix, call.appears).brief
        return Parsed(name, problem=f"Invalid input for tool {name}: {why}")
    if issues := _arguments(tools[name])(value):
        why = failure.misfit(value, issues, call.appears).brief
        return Parsed(name, problem=f"Invalid input for tool {name}: {why}")
    return Parsed(name, value=value)


def _arguments(schema: Any) -> Check:
    """Arguments must be an object, whatever else the schema says."""
    of_schema, of_object = of_json_schema(schema), shape.of_kind("object")
    return lambda value: of_object(value) or of_schema(value)


def of_json_schema(schema: Any, depth: int = 0) -> Check:
    """The check of a JSON schema as far as tools use it: type, properties, required, items, enum, anyOf."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return _anything
    branches = schema.get("anyOf")
    if isinstance(branches, list) and branches:
        return shape.either(*(of_json_schema(branch, depth + 1) for branch in branches))
    kinds = schema.get("type")
    if isinstance(kinds, list) and kinds:
        return shape.either(*(_of_type(kind, schema, depth) for kind in kinds))
    return _of_type(kinds, schema, depth)


def _of_type(kind: Any, schema: dict[str, Any], depth: int) -> Check:
    values = schema.get("enum")
    if isinstance(values, list) and values and kind != "null":
        return shape.one_of(*values)
    if kind == "object":
        return shape.mapping(_fields(schema, depth))
    if kind == "array":
        return shape.items(of_json_schema(schema.get("items"), depth + 1))
    if kind == "integer":
        return _integer
    return shape.of_kind(kind) if kind in _KINDS else _anything


def _fields(schema: dict[str, Any], depth: int) -> dict[str, Check]:
    properties, required = schema.get("properties"), schema.get("required")
    named = properties if isinstance(properties, dict) else {}
    needed = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
    known = {name: of_json_schema(inner, depth + 1) for name, inner in named.items()}
    return {
        name: known.get(name, _present) if name in needed else _optional(known[name])
        for name in dict.fromkeys([*known, *needed])
    }


def _optional(check: Check) -> Check:
    """Absence is accepted, null is not."""
    return lambda value: [] if shape.kind_of(value) == "undefined" else check(value)


def _anything(value: Any) -> list[shape.Issue]:
    del value
    return []


def _present(value: Any) -> list[shape.Issue]:
    return shape.of_kind("nonoptional")(value) if shape.kind_of(value) == "undefined" else []


def _integer(value: Any) -> list[shape.Issue]:
    """2.0 is one, too."""
    wrong = shape.NUMBER(value)
    fraction = not wrong and value != int(value)
    return [{**shape.of_kind("int")(value)[0], "format": "safeint"}] if fraction else wrong
