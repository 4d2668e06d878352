"""Incomplete arguments as the parser of the SDK's helper reads them. Pure.

It accepts whatever can still become JSON, and more: a missing comma or a second value ends its reading without an error.
"""

from __future__ import annotations

import json

_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_WORDS = {  # Python's message for a flaw; that parser's message, and how many characters later it finds it
    "Expecting value": ("expected value", 0),
    "Expecting ':' delimiter": ("expected `:`", 0),
    "Expecting property name enclosed in double quotes": ("key must be a string", 0),
    "Illegal trailing comma before end of object": ("trailing comma", 1),
    "Invalid \\escape": ("invalid escape", 1),
    "Invalid control character at": ("control character (\\u0000-\\u001F) found while parsing a string", 0),
}


def check_begun(arguments: str) -> None:
    """Raises for arguments that cannot become JSON any more."""
    text = bytes(arguments, "utf-8").decode()
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if flaw := _flaw(text, error):
            raise ValueError(flaw) from None


def _flaw(text: str, error: json.JSONDecodeError) -> str:
    rest, open_string = text[error.pos :], error.msg.startswith("Unterminated")
    literal = _literal(rest) if error.msg == "Expecting value" else ""
    if open_string or not rest or literal.startswith(rest):
        if text.lstrip()[:1] in ("{", "["):
            return ""
        return f"EOF while parsing a {'string' if open_string else 'value'}{_at(text, len(text))}"
    if literal:
        spoiled = next(n for n, letter in enumerate(literal) if rest[n] != letter)
        return f"expected ident{_at(text, error.pos + spoiled)}"
    words, later = _WORDS.get(error.msg, ("", 0))
    if rest[0] == "}" and words == "key must be a string":
        words = "trailing comma"
    return words and words + _at(text, error.pos + later)


def _literal(text: str) -> str:
    return next((literal for literal in _LITERALS if text[:1] == literal[0]), "")


def _at(text: str, place: int) -> str:
    """The position of a character, as that parser counts: a newline belongs to the line that it begins."""
    *before, last = text[: place + 1].split("\n")
    return f" at line {len(before) + 1} column {len(last)}"
