"""Finds the tool calls that are printed in a text, whole or cut, by family."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from conformance.evidence.calls import object_or_empty
from conformance.evidence.markup.families import FAMILIES, Family

_DECODER = json.JSONDecoder()
_CUT_NAME = re.compile(r'"(?:tool_)?name"\s*:\s*"([^"\\]{1,64})"')
_ARGUMENTS = ("arguments", "parameters")
_CUT = 300  # characters at the beginning of a cut call that must contain its name
_MOST = 20  # calls of one family in one text that are looked at


@dataclass(frozen=True)
class PrintedCall:
    """A call printed as text: its family and function, its piece of the text from offset `at`, and whether that is whole."""

    family: Family
    function: str
    at: int
    text: str
    whole: bool

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.at + len(self.text)


def printed_calls(text: str, declared: Collection[str] = ()) -> tuple[PrintedCall, ...]:
    """The calls printed in a text, in order; a list of several calls counts as one, by its first name.

    When functions are declared, only their calls count: prose and code contain the same forms.
    """
    found: list[PrintedCall] = []
    for call in (call for family in FAMILIES for call in _calls_of(family, text, declared)):
        if not any(call.at < other.end and other.at < call.end for other in found):
            found.append(call)
    return tuple(sorted(found, key=lambda call: call.at))


def _calls_of(family: Family, text: str, declared: Collection[str]) -> Iterator[PrintedCall]:
    if family.bare and not declared:
        return
    for match in islice(family.begins.finditer(text), _MOST):
        names, end, whole = (_in_markup if match.re.groupindex.get("name") else _in_json)(family, text, match)
        function = next((n for n in names if n in declared or (n and not declared)), "")
        if function:
            yield PrintedCall(family, function, match.start(), text[match.start() : end], whole)


def _in_markup(family: Family, text: str, match: re.Match[str]) -> tuple[list[str], int, bool]:
    """The name of a call in markup, where the call ends, and whether it is whole."""
    if "arguments" in match.groupdict():
        _, end = _json_value(text, match.end())
        return [match["name"]], end or match.end(), end > 0
    end = text.find(family.ends, match.end())
    return [match["name"]], end + len(family.ends) if end >= 0 else match.end(), end >= 0


def _in_json(family: Family, text: str, match: re.Match[str]) -> tuple[list[str], int, bool]:
    """The names of the calls in a JSON value, where it ends, and whether it is whole; of a cut value, of its beginning."""
    at = match.start("json")
    value, end = _json_value(text, at)
    if not end:
        beginning = text[at : at + _CUT]
        is_call = not family.bare or any(f'"{key}"' in beginning for key in _ARGUMENTS)
        return _CUT_NAME.findall(beginning)[:1] if is_call else [], at + len(beginning), False
    entries = map(object_or_empty, value if isinstance(value, list) else [value])
    calls = [object_or_empty(entry.get("function")) or entry for entry in entries]
    return [_name(c) for c in calls if not family.bare or any(key in c for key in _ARGUMENTS)], end, True


def _json_value(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at `at` and where it ends; 0 when there is none."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, 0


def _name(call: dict[str, Any]) -> str:
    named = (call.get(key) for key in ("name", "tool_name", "function"))
    name = next((name for name in named if isinstance(name, str)), "")
    return name.strip().removeprefix("functions.")
