"""JSON as Node's JSON.parse takes it, with its words for what is wrong: users of the AI SDK are shown them.

Python's own parser lets NaN in and words its errors in its own way. Like the AI SDK, this one also refuses objects
that would change their own prototype.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_CONTEXT = 10  # characters that V8 shows on either side of what it did not expect
_BLANK = " \t\n\r"
_SUSPECT = re.compile(r"__proto__|constructor|\\u00", re.IGNORECASE)
_HALF_LITERAL = re.compile("t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|")
_HALF_ESCAPE = re.compile("u?[0-9a-fA-F]*")
_MARK = re.compile(r'["\\{}\[\]]')


class NotJson(ValueError):
    """Why a text is not JSON, in V8's words."""


def parse(text: str) -> Any:
    """The value of a text; raises NotJson."""
    hook = _refuse_prototypes if _SUSPECT.search(text) else None
    try:
        return json.loads(text, object_pairs_hook=hook, parse_int=_number, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NotJson(_told(error)) from None
    except _ConstantError as error:
        raise NotJson(_unexpected(text, text.find(str(error)))) from None
    except RecursionError:  # V8 has no such limit, but nobody nests that deep
        raise NotJson("Maximum call stack size exceeded") from None


def is_json(text: str) -> bool:
    """True for a text that can be parsed."""
    try:
        parse(text)
    except NotJson:
        return False
    return True


def stringify(value: Any) -> str:
    """A value as JSON.stringify writes it."""
    try:
        return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return "[too deep to be shown]"


def joined(text: str) -> str:
    """A text whose characters may have come in halves: pairs of surrogates become one, single ones U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Progress:
    """Whether a text that grows may have become one whole value, told without parsing it again and again."""

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
            self._depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark, 0)
        return at + 1


class _ConstantError(ValueError):
    """NaN and the infinities, which Python takes for JSON."""


def _refuse_constant(name: str) -> Any:
    raise _ConstantError(name)


def _refuse_prototypes(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    constructor = found.get("constructor")
    if "__proto__" in found or (isinstance(constructor, dict) and "prototype" in constructor):
        raise NotJson("Object contains forbidden prototype property")
    return found


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else float(digits)


def _plain(value: Any) -> Any:
    """The same value with numbers as JavaScript writes them: no infinity, no `1.0`."""
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer() and abs(value) < 1e21
        return int(value) if whole else value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return {key: _plain(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def _told(error: json.JSONDecodeError) -> str:
    """V8's words for an error of Python's parser."""
    text, at = error.doc, error.pos
    rule = error.msg.split(" (")[0]
    if rule == "Extra data":
        return f"Unexpected non-whitespace character after JSON at position {at}"
    if rule.startswith("Unterminated string"):
        return _unterminated(text, at)
    if rule.startswith("Illegal trailing comma"):
        at = _next(text, at + 1)
    if rule == "Expecting value" and text[at : at + 1] == "-":
        return f"No number after minus sign in JSON at position {at + 1}"
    place = _place(rule, text, at)
    if place == "escape":
        at += 1
    elif place == "unicode":
        at = _HALF_ESCAPE.match(text, at).end()  # type: ignore[union-attr]  # it always matches
    return f"{_EXPECTED[place]} in JSON at position {at}" if place else _unexpected(text, at)


def _unterminated(text: str, start: int) -> str:
    """For a string that never ends, or ends in half an escape."""
    halves = len(text) - len(text.rstrip("\\"))
    cut = halves % 2 == 1 and start < len(text) - halves
    return _unexpected(text, len(text)) if cut else f"Unterminated string in JSON at position {len(text)}"


_EXPECTED = {
    "first name": "Expected property name or '}'",
    "name": "Expected double-quoted property name",
    "colon": "Expected ':' after property name",
    "{": "Expected ',' or '}' after property value",
    "[": "Expected ',' or ']' after array element",
    "control": "Bad control character in string literal",
    "unicode": "Bad Unicode escape",
    "escape": "Bad escaped character",
}


def _place(rule: str, text: str, at: int) -> str:
    """Where in the grammar the parser gave up: a key of _EXPECTED, or "" where a value should have begun."""
    if rule.startswith(("Expecting property name", "Illegal trailing comma before end of object")):
        return "first name" if text[:at].rstrip(_BLANK).endswith("{") else "name"
    if rule.startswith("Expecting ':'"):
        return "colon"
    if rule.startswith("Expecting ','"):
        return _container(text[:at])
    if rule.startswith("Invalid control"):
        return "control"
    return "unicode" if "uXXXX" in rule else "escape" if "escape" in rule else ""


def _container(text: str) -> str:
    """The bracket that is open at the end of a sound beginning."""
    stack: list[str] = []
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text, re.DOTALL):
        if mark[0] in ("{", "["):
            stack.append(mark[0])
        elif mark[0] in ("}", "]"):
            stack.pop()
    return stack[-1] if stack else ""


def _next(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip(_BLANK))


def _unexpected(text: str, at: int) -> str:
    """The token that begins no value, with its surroundings; within `tru` it is what follows."""
    at = _HALF_LITERAL.match(text, at).end()  # type: ignore[union-attr]  # it always matches
    if at >= len(text):
        return "Unexpected end of JSON input"
    if text[at] == '"' or text[at].isdigit():
        kind = "string" if text[at] == '"' else "number"
        return f"Unexpected {kind} in JSON at position {at}"
    size = len(text)
    if size <= 2 * _CONTEXT:
        shown = f'"{text}"'
    elif at < _CONTEXT:
        shown = f'"{text[: at + _CONTEXT]}"...'
    elif at < size - _CONTEXT:
        shown = f'..."{text[at - _CONTEXT : at + _CONTEXT]}"...'
    else:
        shown = f'..."{text[at - _CONTEXT :]}"'
    return f"Unexpected token '{text[at]}', {shown} is not valid JSON"
