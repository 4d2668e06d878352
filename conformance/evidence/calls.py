"""Tool calls, and the deltas that they are assembled from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.evidence.exchange import MISSING, parse_json

Json = dict[str, Any]
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")  # one character, which JSON may escape in two halves


@dataclass(frozen=True)
class Call:
    """One assembled tool call. `arguments` is the raw text when every fragment is a string, else the value that came."""

    name: Any
    arguments: Any
    id: Any
    at: float = 0.0

    @cached_property
    def parsed(self) -> Any:
        """The arguments as JSON, or MISSING."""
        return parse_json(self.arguments) if isinstance(self.arguments, str) else MISSING


@dataclass(frozen=True)
class ToolDelta:
    """One entry of a `delta.tool_calls` list: `value` is the entry of any type, `n` its number in the stream from 0."""

    n: int
    at: float
    value: Any
    after_finish: bool = False

    def get(self, key: str) -> Any:
        """A field of the entry; None when it is missing or the entry is not an object."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    @property
    def function(self) -> Json:
        """The entry's `function` object, empty when there is none."""
        return object_or_empty(self.get("function"))


def joined(fragments: Iterable[str]) -> str:
    """The fragments as one text. The UTF-16 halves of a character in two fragments are joined, as in JavaScript."""
    text = "".join(fragments)
    return PAIR.sub(lambda m: m.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)


def object_or_empty(value: Any) -> Json:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def group_by_call(deltas: tuple[ToolDelta, ...]) -> list[list[ToolDelta]]:
    """The deltas of each call: by integer `index`; without one, a new id starts a new call."""
    groups: dict[Any, list[ToolDelta]] = {}
    key: Any = None
    for delta in deltas:
        if type(delta.get("index")) is int:
            key = delta.get("index")
        elif delta.get("id") or key is None:
            key = ("without index", delta.get("id"), delta.n if not delta.get("id") else None)
        groups.setdefault(key, []).append(delta)
    return list(groups.values())


def assembled(group: list[ToolDelta]) -> Call:
    """The call that a group of deltas makes."""
    fragments = [f for d in group if (f := d.function.get("arguments")) is not None]
    texts = [f for f in fragments if isinstance(f, str)]
    return Call(
        name=next((d.function["name"] for d in group if d.function.get("name")), None),
        arguments=joined(texts) if len(texts) == len(fragments) else fragments[0],
        id=next((d.get("id") for d in group if d.get("id") is not None), None),
        at=group[-1].at,
    )
