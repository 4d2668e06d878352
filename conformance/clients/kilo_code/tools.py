"""How Kilo Code 7 writes tools: schemas of Effect as 2020-12, without `strict`, adjusted to what model vendors refuse.

Source: packages/opencode/src/tool/json-schema.ts, mcp/catalog.ts, provider/transform.ts, kilocode/session/tool-schema.ts.
"""

from __future__ import annotations

import re

from conformance.clients.ai_sdk.request import foreign
from conformance.clients.talk import Tool
from conformance.clients.tool_schema import NULL, Schema, bounded, branched, closed, each, function

DRAFT = "https://json-schema.org/draft/2020-12/schema"
LOOKAROUND = re.compile(r"\(\?<?[=!]")


def tool(one: Tool, model: str) -> Schema:
    """A tool as it is sent to this model."""
    if one.bridged:
        sent = function(f"{_plain(one.server)}_{_plain(one.name)}", one.description, foreign(one.parameters))
        sent["function"].setdefault("description", "")
    else:
        sent = function(one.name, one.description, {"$schema": DRAFT, **_written(one.parameters)})
        sent["function"]["parameters"] = _adjusted(sent["function"]["parameters"], model.lower())
    sent["function"]["parameters"] = each(sent["function"]["parameters"], _without_lookaround)
    return sent


def _plain(name: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", "_", name)


def _written(schema: Schema) -> Schema:
    for change in (closed, branched, _plainly_optional, bounded):
        schema = each(schema, change)
    return schema


def _plainly_optional(node: Schema) -> Schema:
    """Optional members are not nullable either: null is only sent for members that are required."""
    if "properties" not in node:
        return node
    required = node.get("required", ())
    members = {k: v if k in required else _alone(v) for k, v in node["properties"].items()}
    return {**node, "properties": members}


def _alone(member: Schema) -> Schema:
    branches = [branch for branch in member.get("anyOf", ()) if branch != NULL]
    if len(branches) != 1:
        return member
    alone: Schema = {key: value for key, value in member.items() if key != "anyOf"} | branches[0]
    return alone


def _adjusted(schema: Schema, model: str) -> Schema:
    """Kimi accepts nothing beside `$ref`, Gemini no numbers in an enum."""
    for name, change in (("kimi", _bare_references), ("gemini", _words_in_enums)):
        if name in model:
            schema = each(schema, change)
    return schema


def _bare_references(node: Schema) -> Schema:
    return {"$ref": node["$ref"]} if "$ref" in node else node


def _words_in_enums(node: Schema) -> Schema:
    if "enum" not in node:
        return node
    kind = {"type": "string"} if node.get("type") in ("integer", "number") else {}
    return {**node, "enum": [str(value) for value in node["enum"]], **kind}


def _without_lookaround(node: Schema) -> Schema:
    """Patterns that look ahead or behind are dropped: servers' grammars do not support them."""
    if not LOOKAROUND.search(str(node.get("pattern", ""))):
        return node
    return {key: value for key, value in node.items() if key != "pattern"}
