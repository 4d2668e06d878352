"""JSON.parse of V8, as in Node 20: what it accepts, and its messages for what is wrong, which reach the user unchanged.

Python's parser does the reading; if it refuses, the text is scanned again to find V8's reason.
Positions count characters; V8 counts one beyond the basic plane as two.
"""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.clients.javascript import Thrown, number

_CONTEXT = 10  # characters shown on either side of an unexpected one
_BLANK = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
_HEX, _DIGITS = re.compile(r"[0-9a-fA-F]*"), re.compile(r"[0-9]*")
_CLOSING = {"{": "}", "[": "]"}
_AFTER = {"{": "',' or '}' after property value", "[": "',' or ']' after array element"}
_LITERALS = {"t": "true", "f": "false", "n": "null"}
_PARTS = (  # of a number, after its integer: how each begins, an optional sign, and the message if digits are missing
    ((".",), (), "Unterminated fractional number"),
    (("e", "E"), ("+", "-"), "Exponent part is missing a number"),
)
_WHOLE = {"NaN", "Infinity", "undefined", "[object Object]"}  # typical results of a bug, for which V8 has a message


class NotJson(Thrown):
    """The SyntaxError of JSON.parse."""


def parse(text: str) -> Any:
    """The value of a text; raises NotJson."""
    try:
        return _DECODER.decode(text)
    except ValueError:
        return _refuse(text)
    except RecursionError:  # V8 has no such limit, but no real answer nests that deep
        raise NotJson("Maximum call stack size exceeded") from None


def first(text: str) -> Any:
    """The first whole value of a text, whatever follows it, as a stream parser reads it; raises NotJson."""
    try:
        return _DECODER.raw_decode(text, _blank(text, 0))[0]
    except (ValueError, RecursionError):
        raise NotJson("no whole value") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_int=number, parse_float=number, parse_constant=_refuse_constant)


def _refuse(text: str) -> Any:
    """Raises the error for a text that is not JSON."""
    brackets: list[str] = []
    at = _value(text, _blank(text, 0), brackets)
    while brackets:
        at = _after_value(text, _blank(text, at), brackets)
    raise NotJson(f"Unexpected non-whitespace character after JSON at position {_blank(text, at)}")


def _blank(text: str, at: int) -> int:
    return _end(_BLANK, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, brackets: list[str]) -> int:
    """The end of the value that begins here; for unclosed brackets, the end of the first value in them."""
    while (sign := text[at : at + 1]) in _CLOSING:
        at = _blank(text, at + 1)
        if text[at : at + 1] == _CLOSING[sign]:
            return at + 1
        brackets.append(sign)
        at = _first_name(text, at) if sign == "{" else at
    if sign == '"':
        return _string(text, at)
    return _number(text, at) if sign and sign in "-0123456789" else _literal(text, at)


def _first_name(text: str, at: int) -> int:
    """Where the value of an object's first property begins."""
    if text[at : at + 1] != '"':
        raise _expected("property name or '}'", at)
    at = _blank(text, _string(text, at))
    if text[at : at + 1] != ":":
        raise _expected("':' after property name", at)
    return _blank(text, at + 1)


def _later_name(text: str, at: int) -> int:
    """The same for a later one, about which V8 says less."""
    if text[at : at + 1] != '"':
        raise _expected("double-quoted property name", at)
    at = _blank(text, _string(text, at))
    if text[at : at + 1] != ":":
        raise _unexpected(text, at)
    return _blank(text, at + 1)


def _after_value(text: str, at: int, brackets: list[str]) -> int:
    """The end of what follows a value in brackets: their end, or the next value."""
    sign, bracket = text[at : at + 1], brackets[-1]
    if sign == _CLOSING[bracket]:
        brackets.pop()
        return at + 1
    if sign != ",":
        raise _expected(_AFTER[bracket], at)
    at = _blank(text, at + 1)
    return _value(text, _later_name(text, at) if bracket == "{" else at, brackets)


def _string(text: str, at: int) -> int:
    end = _end(_STRING, text, at)
    sign, after = text[end : end + 1], text[end + 1 : end + 2]
    if sign == '"':
        return end + 1
    if not sign:
        raise NotJson(f"Unterminated string in JSON at position {end}")
    if sign != "\\":
        raise NotJson(f"Bad control character in string literal in JSON at position {end}")
    if after == "u":
        raise NotJson(f"Bad Unicode escape in JSON at position {_end(_HEX, text, end + 2)}")
    if not after:
        raise _unexpected(text, len(text))
    raise NotJson(f"Bad escaped character in JSON at position {end + 1}")


def _number(text: str, at: int) -> int:
    at += text[at] == "-"
    end = _end(_DIGITS, text, at)
    if end == at:
        raise NotJson(f"No number after minus sign in JSON at position {at}")
    if text[at] == "0" and end > at + 1:
        raise NotJson(f"Unexpected number in JSON at position {at + 1}")
    for mark, signs, fault in _PARTS:
        if text[end : end + 1] in mark:
            start = end + 1 + (text[end + 1 : end + 2] in signs)
            end = _end(_DIGITS, text, start)
            if end == start:
                raise NotJson(f"{fault} in JSON at position {end}")
    return end


def _literal(text: str, at: int) -> int:
    word = _LITERALS.get(text[at : at + 1], "")
    if word and text.startswith(word, at):
        return at + len(word)
    alike = next((n for n, sign in enumerate(word) if text[at + n : at + n + 1] != sign), 0)
    raise _unexpected(text, at + alike)


def _expected(what: str, at: int) -> NotJson:
    return NotJson(f"Expected {what} in JSON at position {at}")


def _unexpected(text: str, at: int) -> NotJson:
    """Raises NotJson: unexpected token at this position."""
    if at >= len(text):
        return NotJson("Unexpected end of JSON input")
    if text in _WHOLE:
        return NotJson(f'"{text}" is not valid JSON')
    sign = text[at]
    if sign in '"-0123456789':
        kind = "string" if sign == '"' else "number"
        return NotJson(f"Unexpected {kind} in JSON at position {at}")
    long = len(text) > 2 * _CONTEXT
    before = long and at >= _CONTEXT
    after = long and (not before or at < len(text) - _CONTEXT)
    part = text[at - _CONTEXT if before else 0 : at + _CONTEXT if after else None]
    shown = "..." * before + f'"{part}"' + "..." * after
    return NotJson(f"Unexpected token '{sign}', {shown} is not valid JSON")
