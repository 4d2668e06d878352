"""How clients rewrite the schemas of tools before they send them: each client differently, and none unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]
LARGEST = 2**53 - 1  # the largest integer that JavaScript holds exactly
NULL: Schema = {"type": "null"}
OF_ARRAYS = ("items", "minItems", "maxItems", "uniqueItems")
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def function(name: str, description: str, parameters: Schema, **more: Any) -> Schema:
    """A tool in a request; a missing description is left out."""
    optional = {"description": description} if description else {}
    return {"type": "function", "function": {"name": name, **optional, "parameters": parameters, **more}}


def each(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """The schema with `change` done to every schema in it, the inner ones first."""
    if not isinstance(schema, dict):
        return schema
    node = dict(schema)
    for key in ("properties", "$defs"):
        if isinstance(node.get(key), dict):
            node[key] = {name: each(member, change) for name, member in node[key].items()}
    for key in ("items", "additionalProperties"):
        if key in node:
            node[key] = each(node[key], change)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            node[key] = [each(branch, change) for branch in node[key]]
    return change(node)


def closed(node: Schema) -> Schema:
    """Objects that name their members allow no others, unless they say which."""
    return {"additionalProperties": False, **node} if "properties" in node else node


def bounded(node: Schema) -> Schema:
    """Integers without bounds get those of JavaScript."""
    return {"minimum": -LARGEST, "maximum": LARGEST, **node} if node.get("type") == "integer" else node


def branched(node: Schema) -> Schema:
    """A nullable value is a choice of two schemas after the description, as zod, Effect and pydantic write it."""
    if not may_be_null(node):
        return node
    before = {key: node[key] for key in ("description", "default") if key in node}
    branch = {key: value for key, value in without_null(node).items() if key not in before}
    return before | {"anyOf": [branch, NULL]}


def may_be_null(node: Schema) -> bool:
    """True when null is one of the types in an array of them."""
    return isinstance(node.get("type"), list) and "null" in node["type"]


def without_null(node: Schema) -> Schema:
    """The schema without null; an enum that contains null loses it."""
    if not may_be_null(node):
        return node
    kinds = [kind for kind in node["type"] if kind != "null"]
    values = {"enum": [v for v in node["enum"] if v is not None]} if "enum" in node else {}
    return {**node, "type": kinds[0] if len(kinds) == 1 else kinds, **values}


def strict(schema: Schema, *, nulls: bool) -> Schema:
    """Every member required and no other allowed, down through objects and arrays of objects.

    Roo Code, base-provider.ts::convertToolSchemaForOpenAI: `nulls` false removes null from members, so that they
    can no longer be left out. Kilo Code before its rebuild keeps it.
    """
    if schema.get("type") != "object":
        return schema
    if "properties" not in schema:
        return {**schema, "additionalProperties": False}
    members = {name: _strict_member(member, nulls) for name, member in schema["properties"].items()}
    return {**schema, "additionalProperties": False, "required": list(members), "properties": members}


def _strict_member(member: Schema, nulls: bool) -> Schema:
    plain = member if nulls else without_null(member)
    items = plain.get("items")
    if plain.get("type") == "array" and isinstance(items, dict):
        return {**plain, "items": strict(items, nulls=nulls)}
    return strict(plain, nulls=nulls)


def normalized(node: Schema) -> Schema:
    """A tool of an MCP server in Roo Code, json-schema.ts::normalizeToolSchema: applied to each schema in it.

    Several types become branches, only formats that OpenAI knows are kept, all objects are closed.
    """
    kept = {k: v for k, v in node.items() if k not in ("type", "required", "additionalProperties", "format")}
    if node.get("format") in FORMATS:
        kept["format"] = node["format"]
    if not isinstance(kind := node.get("type"), list):
        return kept | ({"type": kind} if kind else {}) | _object(node)
    arrays = {key: kept.pop(key) for key in OF_ARRAYS if key in kept}
    branches = [{"type": one, **(arrays if one == "array" else {})} for one in kind]
    return kept | {"anyOf": branches} | _object(node)


def _object(node: Schema) -> Schema:
    kinds = node.get("type")
    if "properties" not in node and "object" not in (kinds if isinstance(kinds, list) else [kinds]):
        return {}
    members = node.get("properties", {})
    required = [name for name in node.get("required", ()) if name in members]
    return {"properties": members, "additionalProperties": False} | ({"required": required} if required else {})
