"""How the AI SDK assembles tool calls from their pieces; each version does it differently.

2.0.48 keeps them by index and treats a call as finished as soon as its arguments are JSON. 3.0.35 waits for the name,
finds a call by its id before its index, and finishes all of them when the stream ends.

Source: https://github.com/vercel/ai/blob/main/packages/provider-utils/src/streaming-tool-call-tracker.ts
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.clients.ai_sdk.json_text import Progress, is_json, joined
from conformance.clients.javascript import Thrown

_MOST_ENTRIES = 2**32 - 1  # of a JavaScript array; other numbers are not indices of it


@dataclass
class Growing:
    """A call while it comes: its pieces with their times. `finished` is when it was handed on."""

    id: str
    name: str
    appears: float
    pieces: list[tuple[float, str]] = field(default_factory=list)
    finished: float | None = None
    progress: Progress = field(default_factory=Progress)
    may_be_whole: bool = False

    @property
    def arguments(self) -> str:
        """The arguments so far."""
        return joined("".join(text for _, text in self.pieces))

    def add(self, text: str, at: float) -> None:
        """The next piece."""
        if text:
            self.pieces.append((at, text))
            self.may_be_whole = self.progress.add(text)


class Tracker(Protocol):
    """Takes the entries of `delta.tool_calls`; `started` and `finished` hold the calls in the order of those events."""

    started: list[Growing]
    finished: list[Growing]

    def take(self, entry: dict[str, Any], at: float) -> None:
        """One entry that has the right shape; raises Thrown."""

    def flush(self, at: float) -> None:
        """The stream is over; raises Thrown."""


def _begun(entry: dict[str, Any], at: float) -> Growing:
    id, function = entry.get("id"), entry["function"]
    for value, what in ((id, "id"), (function.get("name"), "function.name")):
        if value is None:
            raise Thrown(f"Expected '{what}' to be a string.")
    call = Growing(joined(str(id)), joined(function["name"]), at)
    call.add(function.get("arguments") or "", at)
    return call


class ByIndex:
    """How 2.0.48 does it."""

    def __init__(self) -> None:
        self.started: list[Growing] = []
        self.finished: list[Growing] = []
        self._calls: dict[float, Growing] = {}

    def take(self, entry: dict[str, Any], at: float) -> None:
        """An entry without an index is always a new call."""
        index = entry.get("index")
        index = self._length() if index is None else index
        call = self._calls.get(index)
        if call is None:
            call = self._calls[index] = _begun(entry, at)
            self.started.append(call)
        elif call.finished is not None:
            return
        else:
            call.add(entry["function"].get("arguments") or "", at)
        if call.may_be_whole and is_json("".join(text for _, text in call.pieces)):
            self._finish(call, at)

    def _length(self) -> int:
        return max((int(n) + 1 for n in self._calls if _is_entry(n)), default=0)

    def _finish(self, call: Growing, at: float) -> None:
        call.finished = at
        self.finished.append(call)

    def flush(self, at: float) -> None:
        """Unfinished calls are passed on as they are, in the order of the indices."""
        for index in sorted(filter(_is_entry, self._calls)):
            if self._calls[index].finished is None:
                self._finish(self._calls[index], at)


def _is_entry(index: float) -> bool:
    return 0 <= index < _MOST_ENTRIES and index == int(index)


@dataclass
class _Pending:
    """What arrived for an index before its name."""

    id: str | None
    arguments: str = ""


class ById:
    """How 3.0.35 does it."""

    def __init__(self) -> None:
        self.started: list[Growing] = []
        self.finished: list[Growing] = []
        self._pending: dict[float, _Pending] = {}
        self._named: set[float] = set()
        self._by_id: dict[str, Growing] = {}
        self._by_index: dict[float, Growing] = {}
        self._latest: Growing | None = None

    def take(self, entry: dict[str, Any], at: float) -> None:
        """An entry with an index waits until its name is known."""
        index, function = entry.get("index"), entry["function"]
        if index is None or index in self._named:
            self._add(entry, at)
            return
        waiting = self._pending.setdefault(index, _Pending(None))
        waiting.id = entry.get("id") if waiting.id is None else waiting.id
        waiting.arguments += function.get("arguments") or ""
        if function.get("name") is not None:
            self._add(self._entry(index, function["name"]), at)
            del self._pending[index]
            self._named.add(index)

    def _entry(self, index: float, name: str | None) -> dict[str, Any]:
        waiting = self._pending[index]
        return {"index": index, "id": waiting.id, "function": {"name": name, "arguments": waiting.arguments}}

    def _add(self, entry: dict[str, Any], at: float) -> None:
        """Adds to the call with that id, else that index, else to the latest; else starts a new one."""
        id, index = entry.get("id"), entry.get("index")
        call = self._by_id.get(id) if id else self._by_index.get(index) if index is not None else self._latest
        if call is None:
            call = _begun(entry, at)
            self.started.append(call)
            if id:
                self._by_id[id] = call
        else:
            call.add(entry["function"].get("arguments") or "", at)
        if index is not None:
            self._by_index[index] = call
        self._latest = call

    def flush(self, at: float) -> None:
        """Calls without a name cannot be passed on; all others are, as they are."""
        for index in list(self._pending):
            self._add(self._entry(index, None), at)
        for call in self.started:
            call.finished = at
            self.finished.append(call)
