"""The tools that a request offered, as far as readers need them: names, required parameters, all parameters. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.evidence.exchange import Request


@dataclass(frozen=True)
class Offered:
    """One function: its name, the names of its required parameters, the names of all parameters."""

    name: str
    required: tuple[str, ...]
    properties: frozenset[str]


def offered(request: Request) -> dict[str, Offered]:
    """The functions by name; those without a name, or of another shape, are skipped."""
    found = (_function(tool) for tool in _list(request.field("tools")))
    return {tool.name: tool for tool in found if tool}


def _function(tool: Any) -> Offered | None:
    function = _object(_object(tool).get("function"))
    parameters = _object(function.get("parameters"))
    required = tuple(name for name in _list(parameters.get("required")) if isinstance(name, str))
    name = function.get("name")
    if not isinstance(name, str):
        return None
    return Offered(name, required, frozenset(_object(parameters.get("properties"))))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
