"""Whether Roo Code and the older Kilo Code run a call whose arguments are complete, and with what. Pure.

In their words every call that does not fit lacks its "nativeArgs". Of a call that was cut off, Roo Code 3.52.1 keeps
what it had read for its display and may run that (https://github.com/Zoo-Code-Org/Zoo-Code/issues/1221): not the call
that was meant, so it counts as broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.clients.javascript import truthy
from conformance.clients.offered import Offered
from conformance.clients.v8_json import NotJson, parse

NO_ID = "Invalid tool call: missing tool_use.id."
_ALIASES = {"write_file": "write_to_file", "search_and_replace": "edit"}
_NOT_EMPTY = {"attempt_completion", "execute_command"}  # whose argument must also be something
_BRIDGED = "mcp__"  # tools of MCP servers, whose arguments the server checks
Minimum = Mapping[str, tuple[str, ...]]


def check(name: Any, arguments: Any, tools: Iterable[Offered], minimum: Minimum) -> tuple[dict[str, Any] | None, str]:
    """The value that the tool gets, or None and why it does not run."""
    known = {_folded(tool.name): tool for tool in tools}
    tool = known.get(_folded(name)) if isinstance(name, str) else None
    if tool is None:
        return None, f'Unknown tool "{name}". This tool does not exist.'
    value = _parsed(arguments)
    fits = isinstance(value, dict) and all(_given(tool, value, need) for need in _needed(tool, minimum))
    return (value, "") if fits else (None, f"Invalid tool call for '{name}': missing nativeArgs.")


def _folded(name: str) -> str:
    """A name as it is compared: aliases resolved, and for tools of MCP servers `-` and `_` alike."""
    plain = re.sub(r"[-\s]", "_", name.lower())
    return plain if plain.startswith(_BRIDGED) else _ALIASES.get(name, name)


def _parsed(arguments: Any) -> Any:
    """The value of the arguments; an empty text counts as no arguments."""
    if arguments == "":
        return {}
    try:
        return parse(arguments) if isinstance(arguments, str) else None
    except NotJson:
        return None


def _needed(tool: Offered, minimum: Minimum) -> tuple[str, ...]:
    """What it checks itself; if another schema was offered under the name, what that requires."""
    if _folded(tool.name).startswith(_BRIDGED):
        return ()
    own = minimum.get(tool.name)
    return own if own and tool.properties.issuperset(own) else tool.required


def _given(tool: Offered, value: dict[str, Any], need: str) -> bool:
    return need in value and (tool.name not in _NOT_EMPTY or truthy(value[need]))
