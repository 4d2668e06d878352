"""The parts of JavaScript that clients depend on: how they read a property, what counts as true, what throws.

Readers of such clients are written with these, so that odd values from a server end as they do there: `[object Object]`
where text was meant, or a TypeError in V8's words. Pure.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any


class _Undefined:
    """The value of a missing property, which differs from JSON's null."""

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED = _Undefined()


class Thrown(Exception):
    """An error that client code throws: its message, and when, if that differs from when its reader notices.

    `status` and `code` are what the OpenAI SDK adds to errors of the API.
    """

    def __init__(self, message: str, at: float | None = None, status: int | None = None, code: Any = None) -> None:
        super().__init__(message)
        self.message, self.at, self.status, self.code = message, at, status, code


def nullish(value: Any) -> bool:
    """True for null and undefined."""
    return value is None or value is UNDEFINED


def truthy(value: Any) -> bool:
    """True for what `if` treats as true: also an empty array or object, unlike in Python."""
    return isinstance(value, dict | list) or (bool(value) and value == value)


def member(value: Any, key: str | int) -> Any:
    """`value[key]`: UNDEFINED if there is none; null and undefined have no properties and throw."""
    if nullish(value):
        raise Thrown(f"Cannot read properties of {text(value)} (reading '{key}')")
    if isinstance(value, dict):
        return value.get(str(key), UNDEFINED)
    inside = isinstance(value, list | str) and isinstance(key, int) and key < len(value)
    return value[key] if inside else UNDEFINED


def maybe(value: Any, *keys: str | int) -> Any:
    """`value?.[key]?.[key]`: UNDEFINED instead of an error."""
    for key in keys:
        value = UNDEFINED if nullish(value) else member(value, key)
    return value


def has(value: Any, key: str) -> bool:
    """`key in value`, which throws for anything but an object."""
    if isinstance(value, dict | list):
        return isinstance(value, dict) and key in value
    raise Thrown(f"Cannot use 'in' operator to search for '{key}' in {text(value)}")


def each(value: Any, called: str) -> Iterable[Any]:
    """What `for (... of value)` goes through; `called` names the value in the error."""
    if isinstance(value, list | str):
        return value
    raise Thrown(f"{called} is not iterable")


def identity(value: Any) -> tuple[str, Any]:
    """What tells two keys of a Map apart: kind and value, and of objects each its own. Keep the value as long as this."""
    if isinstance(value, dict | list):
        return "object", id(value)
    return type(value).__name__ if isinstance(value, bool | str) else "number", value


def text(value: Any) -> str:
    """`String(value)`, which is also what adding to a string does."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if nullish(entry) else text(entry) for entry in value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value).replace("inf", "Infinity")


def stringify(value: Any) -> str:
    """`JSON.stringify(value)`."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"-?Infinity", "null", written) if "Infinity" in written else written


def number(digits: str) -> int | float:
    """A number as JavaScript keeps it: a double, shown without `.0` when it is whole."""
    double = float(digits)
    return int(double) if math.isfinite(double) and double.is_integer() and abs(double) < 1e21 else double
