"""How Cline 3.89.2 assembles a streamed tool call: by index first, and by id once it has id, name and arguments. Pure.

Sources: https://github.com/cline/cline/tree/v3.89.2 , `tool-call-processor.ts` and `StreamResponseHandler.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from conformance.clients.javascript import Thrown, identity, maybe, member, nullish, text, truthy
from conformance.clients.v8_json import NotJson, first, parse

_FIELD = re.compile(r'"(\w+)":\s*"((?:[^"\\]|\\.)*)"?', re.ASCII)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass
class Pending:
    """One call so far. `pieces` are its arguments as they arrived, each with its time in seconds."""

    id: Any
    name: Any
    appears: float
    pieces: list[tuple[float, str]] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        """All of the arguments."""
        return "".join(piece for _, piece in self.pieces)


class Assembly:
    """The calls of one stream."""

    def __init__(self) -> None:
        self._named: dict[Any, dict[str, Any]] = {}  # the last id and name under each index
        self._calls: dict[Any, Pending] = {}

    @property
    def calls(self) -> tuple[Pending, ...]:
        """Those that have appeared, in that order: one without an id, or without arguments, never does."""
        return tuple(self._calls.values())

    def take(self, entries: Any, at: float) -> None:
        """The `tool_calls` of one delta."""
        if not isinstance(entries, list):
            raise Thrown("toolCallDeltas.entries is not a function")
        for place, entry in enumerate(entries):
            index = member(entry, "index")
            self._take(place if nullish(index) else index, entry, at)

    def _take(self, index: Any, entry: Any, at: float) -> None:
        known = self._named.setdefault(identity(index), {"index": index, "id": "", "name": ""})
        function = member(entry, "function")
        for key, value in (("id", member(entry, "id")), ("name", maybe(function, "name"))):
            known[key] = value if truthy(value) else known[key]
        arguments = maybe(function, "arguments")
        if truthy(known["id"]) and truthy(known["name"]) and truthy(arguments):
            call = self._calls.setdefault(identity(known["id"]), Pending(known["id"], known["name"], at))
            call.name = known["name"]
            call.pieces.append((at, text(arguments)))


def value_of(arguments: str) -> Any:
    """What Cline takes from the arguments: their first whole object, else their value, else what looks like its fields."""
    try:
        if isinstance(value := first(arguments), dict | list):
            return value
        return parse(arguments)
    except NotJson:
        return {name: re.sub(r'\\([ntr"\\])', _unescape, said) for name, said in _FIELD.findall(arguments)}


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPED[found[1]]
