"""Short words for the schemas of tool parameters, so that a tool reads as a table of its members."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def of(kind: str, description: str, **more: Any) -> Schema:
    """A member of one type that must be given."""
    return {"type": kind, "description": description, **more}


def text(description: str, **more: Any) -> Schema:
    """A string that must be given."""
    return of("string", description, **more)


def nullable(kind: str, description: str, **more: Any) -> Schema:
    """A member that may be null."""
    return {"type": [kind, "null"], "description": description, **more}


def record(required: tuple[str, ...] | None = None, **members: Schema) -> Schema:
    """A closed object; all its members are required unless the required ones are named."""
    names = list(members) if required is None else list(required)
    return {"type": "object", "properties": members, "required": names, "additionalProperties": False}
