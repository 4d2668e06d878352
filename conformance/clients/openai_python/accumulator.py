"""What the SDK's helper `client.chat.completions.stream()` assembles from the chunks, and what it raises.

It trusts the protocol more than a loop does: every text of a call is joined to what came before, be it an id, and the
index of a call is its place in a list.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.clients.openai_python.begun_json import check_begun
from conformance.clients.openai_python.models import Model, build
from conformance.clients.openai_python.response import Raised

_LENGTH = "Could not parse response content as the length limit was reached"
_FILTER = "Could not parse response content as the request was rejected by the content filter"


def merged(whole: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """The object with everything of a delta joined to it; the object itself is changed."""
    for name, new in delta.items():
        old = whole.get(name)
        if old is None and not _is_indexed(new):
            whole[name] = new
        else:
            whole[name] = new if name in ("index", "type") else _joined([] if old is None else old, new)
    return whole


def _is_indexed(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) and "index" in entry for entry in value)


def _joined(old: Any, new: Any) -> Any:
    if isinstance(old, str) and isinstance(new, str):
        return old + new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old + new
    if isinstance(old, dict) and isinstance(new, dict):
        return merged(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _joined_lists(old, new)
    return old


def _joined_lists(old: list[Any], new: list[Any]) -> list[Any]:
    if all(isinstance(entry, str | int | float) for entry in old) and (old or not _is_indexed(new)):
        return old + new
    for entry in new:
        index = _index(entry)
        try:
            known = old[index]
        except IndexError:
            old.insert(index, entry)
            continue
        if not isinstance(known, dict):
            raise TypeError("not handled yet")
        old[index] = merged(known, entry)
    return old


def _index(entry: Any) -> int:
    if not isinstance(entry, dict):
        raise TypeError(f"Unexpected list delta entry is not a dictionary: {entry}")
    if "index" not in entry:
        raise RuntimeError(f"Expected list delta entry to have an `index` key; {entry}")
    index = entry["index"]
    if not isinstance(index, int):
        raise TypeError(f"Unexpected, list delta entry `index` value is not an integer; {index}")
    return index


class Accumulator:
    """The completion so far. `strict` names the tools whose arguments the helper parses itself."""

    def __init__(self, tools: list[Any]) -> None:
        functions = [tool.get("function") for tool in tools if isinstance(tool, dict)]
        self._strict = {
            str(function.get("name")) for function in functions if isinstance(function, dict) and function.get("strict")
        }
        self._snapshot: Any = None
        self._progress: list[_Progress] = []

    def take(self, chunk: Any) -> None:
        """One more chunk; those with another `object`, or without one, are skipped."""
        if chunk.object != "chat.completion.chunk":
            return
        if self._snapshot is None:
            self._begin(chunk)
        else:
            self._go_on(chunk)
        self._tell(chunk)

    def _begin(self, chunk: Any) -> None:
        data = chunk.to_dict()
        choices = data["choices"]
        for choice in chunk.choices:
            choices[choice.index] = _first(choice)
        self._snapshot = build("Snapshot", data)

    def _go_on(self, chunk: Any) -> None:
        for choice in chunk.choices:
            try:
                kept = self._snapshot.choices[choice.index]
                _extend(kept, choice)
            except IndexError:
                kept = build("SnapshotChoice", _first(choice))
                self._snapshot.choices.append(kept)
            if choice.finish_reason:
                kept.put("finish_reason", choice.finish_reason)
                if self._strict:
                    check_finish(kept.finish_reason, self._snapshot.usage)
            for piece in choice.delta.tool_calls or []:
                tool = (kept.message.tool_calls or [])[piece.index]
                if tool.type == "function" and self._is_strict(tool.function) and tool.function.arguments:
                    check_begun(tool.function.arguments)
            _extend_logprobs(kept, choice)
        self._snapshot.put("usage", chunk.usage)

    def _is_strict(self, function: Any) -> bool:
        name = function.name
        return isinstance(name, str) and name in self._strict

    def _tell(self, chunk: Any) -> None:
        """The events for the program; each fails if what it reports is missing."""
        for choice in chunk.choices:
            progress = self._progress_of(choice)
            kept = self._snapshot.choices[choice.index]
            if choice.delta.tool_calls:
                tools = kept.message.tool_calls
                assert tools is not None
                for piece in choice.delta.tool_calls:
                    _tell_fragment(tools[piece.index], piece)
            if choice.logprobs is not None and kept.logprobs is not None:
                _ = choice.logprobs.content and kept.logprobs.content
            self._tell_done(progress, choice, kept)

    def _progress_of(self, choice: Any) -> _Progress:
        try:
            progress: _Progress = self._progress[choice.index]
        except IndexError:
            self._progress.append(progress := _Progress())
        return progress

    def _tell_done(self, progress: _Progress, choice: Any, kept: Any) -> None:
        if kept.finish_reason and progress.current is not None:
            self._finish(progress, kept)
        for piece in choice.delta.tool_calls or []:
            if progress.current != piece.index and progress.current is not None:
                self._finish(progress, kept)
            progress.current = piece.index

    def _finish(self, progress: _Progress, kept: Any) -> None:
        if progress.current not in progress.done:
            progress.done.add(progress.current)
            assert kept.message.tool_calls is not None
            self._parse(kept.message.tool_calls[progress.current])

    def _parse(self, tool: Any) -> None:
        if tool.type == "function" and self._is_strict(tool.function):
            json.loads(tool.function.arguments)

    @property
    def message(self) -> Any:
        """The message of the first choice so far; None if there is none."""
        choices = self._snapshot.choices if self._snapshot is not None else None
        return choices[0].message if choices else None

    def final(self) -> Any:
        """The completion at the end; raises if there is none, or if it is not whole."""
        assert self._snapshot is not None
        for choice in self._snapshot.choices:
            check_finish(choice.finish_reason, self._snapshot.usage)
            for tool in choice.message.tool_calls or []:
                self._parse(tool)
                if tool.type == "function":
                    _ = {**tool.to_dict()["function"]}
                elif tool.type == "custom":
                    _ = tool.custom.name
        self._snapshot.put("choices", list(self._snapshot.choices))
        return self._snapshot


class _Progress:
    """Which call of a choice is being streamed, and which are complete."""

    def __init__(self) -> None:
        self.current: Any = None
        self.done: set[Any] = set()


def _first(choice: Any) -> dict[str, Any]:
    fields = choice.model_dump()
    fields.pop("delta", None)
    return {**fields, "message": merged({}, choice.delta.to_dict())}


def _extend(kept: Any, choice: Any) -> None:
    earlier = list(enumerate(kept.message.tool_calls or []))
    kept.put("message", build("SnapshotMessage", merged(kept.message.to_dict(), choice.delta.to_dict())))
    for place, tool in earlier:
        new = (kept.message.tool_calls or [])[place]
        if tool.type == "function":
            assert new.type == "function"
            _ = tool.function.parsed_arguments, new.function.parsed_arguments


def _tell_fragment(tool: Any, piece: Any) -> None:
    """Reads the fields of a fragment and of the call so far that the event needs, so that it fails where the event does."""
    if tool.type == "function":
        assert piece.function is not None
        _ = tool.function.name, tool.function.arguments, tool.function.parsed_arguments
        _ = piece.function.arguments


def _extend_logprobs(kept: Any, choice: Any) -> None:
    if choice.logprobs is None:
        return
    if kept.logprobs is None:
        fields = {"content": choice.logprobs.content, "refusal": choice.logprobs.refusal}
        kept.put("logprobs", Model("ChoiceLogprobs", fields))
        return
    for name in ("content", "refusal"):
        if more := getattr(choice.logprobs, name):
            if getattr(kept.logprobs, name) is None:
                kept.logprobs.put(name, [])
            getattr(kept.logprobs, name).extend(more)


def check_finish(reason: Any, usage: Any) -> None:
    """Raises for an answer that was cut off or filtered."""
    if reason == "length":
        raise Raised("openai.LengthFinishReasonError", f"{_LENGTH} - {usage}" if usage else _LENGTH)
    if reason == "content_filter":
        raise Raised("openai.ContentFilterFinishReasonError", _FILTER)
