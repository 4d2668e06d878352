"""How Roo Code and the older Kilo Code assemble a streamed tool call: by the index of its deltas. Pure.

A call begins with the first delta of an index that has an id, appears as soon as there is a name too, and is finished by
nothing but the end of the stream. A second call with the id of the first becomes a part of it.
Source: https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/core/assistant-message/NativeToolCallParser.ts
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.clients.javascript import UNDEFINED, Thrown, identity, maybe, member, nullish, text, truthy

Key = tuple[str, Any]


@dataclass
class Tracked:
    """One call so far. `pieces` are its arguments as they arrived, each with its time in seconds."""

    id: Any
    name: Any
    appears: float
    pieces: list[tuple[float, str]] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        """All of the arguments."""
        return "".join(piece for _, piece in self.pieces)


@dataclass
class _Slot:
    """What arrived under one index: the first id, the last name, and arguments that wait for a name."""

    index: Any
    id: Any
    name: Any = ""
    started: bool = False
    waiting: list[Any] = field(default_factory=list)


class IndexTracker:
    """The calls of one stream; `coerces_ids` makes a text of every id, as only Kilo Code does."""

    def __init__(self, coerces_ids: bool) -> None:
        self._coerces_ids = coerces_ids
        self._slots: dict[Key, _Slot] = {}
        self._calls: dict[Key, Tracked] = {}

    @property
    def calls(self) -> tuple[Tracked, ...]:
        """Those that have appeared, in that order."""
        return tuple(self._calls.values())

    def take(self, delta: Any, at: float) -> None:
        """One entry of `delta.tool_calls`."""
        index, called = member(delta, "index"), member(delta, "id")
        if self._coerces_ids:
            called = UNDEFINED if nullish(called) else text(called)
        slot = self._slots.get(identity(index))
        if slot is None and truthy(called):
            slot = self._slots[identity(index)] = _Slot(index, called)
        if slot is not None:
            function = member(delta, "function")
            self._fill(slot, maybe(function, "name"), maybe(function, "arguments"), at)

    def _fill(self, slot: _Slot, name: Any, arguments: Any, at: float) -> None:
        """Name and arguments of a delta; a later name replaces the earlier one until the call appears."""
        slot.name = name if truthy(name) else slot.name
        if truthy(arguments):
            slot.waiting.append(arguments)
        if truthy(slot.name) and not slot.started:
            slot.started = True
            self._calls.setdefault(identity(slot.id), Tracked(slot.id, slot.name, at))
        if slot.started:
            self._flush(slot, at)

    def _flush(self, slot: _Slot, at: float) -> None:
        call = self._calls[identity(slot.id)]
        for piece in slot.waiting:
            if not isinstance(call.name, str):
                raise Thrown("toolCall.name.startsWith is not a function")
            call.pieces.append((at, text(piece)))
        slot.waiting = []
