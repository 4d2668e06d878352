"""Finding the tool calls that are printed in a text: whole ones and begun ones, by family."""

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
_BEGUN_NAME = re.compile(r'"(?:tool_)?name"\s*:\s*"([^"\\]{1,64})"')
_ARGUMENTS = ("arguments", "parameters")
_BEGUN = 300  # characters of a call that was cut, within which its name must stand
_MOST = 20  # calls of one family in one text


@dataclass(frozen=True)
class Printed:
    """A call printed as text: its family and function, the piece of text that it takes from `at` on, and whether that is all of it."""

    family: Family
    function: str
    at: int
    text: str
    whole: bool

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.at + len(self.text)


def printed_calls(text: str, declared: Collection[str] = ()) -> tuple[Printed, ...]:
    """The calls printed in a text, in order; several in one list are told once, by the first.

    Where functions are declared, a call of any other is none: prose and code hold such forms, too.
    """
    found: list[Printed] = []
    for call in (call for family in FAMILIES for call in _of(family, text, declared)):
        if not any(call.at < other.end and other.at < call.end for other in found):
            found.append(call)
    return tuple(sorted(found, key=lambda call: call.at))


def _of(family: Family, text: str, declared: Collection[str]) -> Iterator[Printed]:
    if family.bare and not declared:
        return
    for match in islice(family.begins.finditer(text), _MOST):
        names, end, whole = (_in_signs if match.re.groupindex.get("name") else _in_json)(family, text, match)
        function = next((n for n in names if n in declared or (n and not declared)), "")
        if function:
            yield Printed(family, function, match.start(), text[match.start() : end], whole)


def _in_signs(family: Family, text: str, match: re.Match[str]) -> tuple[list[str], int, bool]:
    """The name of a call that stands between signs, where it ends, and whether it is whole."""
    if "arguments" in match.groupdict():
        _, end = _value(text, match.end())
        return [match["name"]], end or match.end(), end > 0
    end = text.find(family.ends, match.end())
    return [match["name"]], end + len(family.ends) if end >= 0 else match.end(), end >= 0


def _in_json(family: Family, text: str, match: re.Match[str]) -> tuple[list[str], int, bool]:
    """The same of a JSON value, with the names of all calls in it; of one that was cut, of its beginning."""
    at = match.start("json")
    value, end = _value(text, at)
    if not end:
        begun = text[at : at + _BEGUN]
        told = not family.bare or any(f'"{key}"' in begun for key in _ARGUMENTS)
        return _BEGUN_NAME.findall(begun)[:1] if told else [], at + len(begun), False
    entries = map(object_or_empty, value if isinstance(value, list) else [value])
    calls = [object_or_empty(entry.get("function")) or entry for entry in entries]
    return [_name(c) for c in calls if not family.bare or any(key in c for key in _ARGUMENTS)], end, True


def _value(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins there and where it ends; 0 when it does not."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, 0


def _name(call: dict[str, Any]) -> str:
    named = (call.get(key) for key in ("name", "tool_name", "function"))
    name = next((name for name in named if isinstance(name, str)), "")
    return name.strip().removeprefix("functions.")
