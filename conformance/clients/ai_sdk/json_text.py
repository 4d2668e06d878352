"""JSON as the AI SDK accepts it: Node's JSON.parse, without members that would change the prototype of an object.

Also a scanner for JSON that arrives in pieces.
"""

from __future__ import annotations

import re
from typing import Any

from conformance.clients import v8_json
from conformance.clients.v8_json import NotJson

_SUSPECT = re.compile(r"__proto__|constructor|\\u00", re.IGNORECASE)
_MARK = re.compile(r'["\\{}\[\]]')
_STEP = {"{": 1, "[": 1, "}": -1, "]": -1}


def parse(text: str) -> Any:
    """The value of a text; raises NotJson."""
    value = v8_json.parse(text)
    if _SUSPECT.search(text) and _changes_prototypes(value):
        raise NotJson("Object contains forbidden prototype property")
    return value


def _changes_prototypes(value: Any) -> bool:
    left = [value]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            constructor = node.get("constructor")
            if "__proto__" in node or (isinstance(constructor, dict) and "prototype" in constructor):
                return True
            left.extend(node.values())
        elif isinstance(node, list):
            left.extend(node)
    return False


def is_json(text: str) -> bool:
    """True for a text that can be parsed."""
    try:
        parse(text)
    except NotJson:
        return False
    return True


def joined(text: str) -> str:
    """A text with split characters: pairs of surrogates become one character, single ones U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Progress:
    """Whether a growing text may be one whole value, found without parsing it again each time."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = self._escaped = False

    def add(self, text: str) -> bool:
        """Takes the next piece; false while an object, a list or a string is still open."""
        skip = 1 if self._escaped and text else 0
        self._escaped = self._escaped and not text
        for mark in _MARK.finditer(text, skip):
            if mark.start() >= skip:
                skip = self._take(mark[0], mark.start(), len(text))
        return self._depth <= 0 and not self._in_string

    def _take(self, mark: str, at: int, size: int) -> int:
        """One character that matters; returns where the next may be."""
        if self._in_string and mark == "\\":
            self._escaped = at + 1 == size
            return at + 2
        if mark == '"':
            self._in_string = not self._in_string
        elif not self._in_string:
            self._depth += _STEP.get(mark, 0)
        return at + 1
