"""Values that fit a JSON Schema, filled with what the prompt mentions.

A competent model that gets the prompt `read the file "src/main.py"` puts that path into the property `path`.
This module does the same from the hints in the prompt and the schema of the arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]

_QUOTED = re.compile(r"\"([^\"\n]*)\"|`([^`\n]+)`|“([^”\n]*)”|(?<!\w)'([^'\n]*)'(?!\w)")
_PATH = re.compile(r"(?<![\w/.])[\w.-]*/[\w./-]*\w|(?<![\w/.])\w[\w-]*\.[a-z]\w{0,4}\b")
_PROPER_NOUN = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_FORMATS = {
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "duration": "P1D",
}


@dataclass
class Hints:
    """The values that a prompt offers as arguments; each string is used once."""

    prompt: str
    payload: str | None = None
    strings: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, prompt: str, payload: str | None = None) -> Hints:
        """Collect the values in a prompt: quoted strings, else paths, else proper nouns; and numbers."""
        strings = values_in(prompt)
        bare = _QUOTED.sub(" ", prompt)
        numbers = [float(match) for match in _NUMBER.findall(bare)]
        return cls(prompt, payload, strings, numbers)

    def string(self, name: str) -> str | None:
        """The string meant for the property `name`."""
        if self.payload is not None and re.search(rf"\b{re.escape(name)}\b", self.prompt, re.IGNORECASE):
            payload, self.payload = self.payload, None
            if self.next_to(name) is None:
                return payload
            self.payload = payload
        chosen = self.next_to(name)
        if chosen is None:
            chosen = self.strings[0] if self.strings else self.payload
        if chosen in self.strings:
            self.strings.remove(chosen)
        return chosen

    def next_to(self, name: str) -> str | None:
        """The quoted value that directly follows the property's name."""
        words = re.escape(name).replace("_", "[_ ]")
        found = re.search(rf"\b{words}\b[`\"']?\s*(?:is|=|:|of|to|as|set to)?\s*", self.prompt, re.IGNORECASE)
        quoted = _QUOTED.match(self.prompt, found.end()) if found else None
        return _inside(quoted) if quoted else None

    def number(self) -> float | None:
        """The next unused number."""
        return self.numbers.pop(0) if self.numbers else None


def _inside(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group is not None), "")


def values_in(prompt: str) -> list[str]:
    """The strings in a prompt: the quoted ones, else the paths, else the proper nouns."""
    quoted = [_inside(match) for match in _QUOTED.finditer(prompt)]
    if quoted:
        return quoted
    return _PATH.findall(prompt) or _PROPER_NOUN.findall(prompt)


def properties_of(schema: Schema) -> Mapping[str, Schema]:
    """The properties of an object schema; an empty mapping when it has none."""
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def fill(schema: Schema, hints: Hints) -> dict[str, Any]:
    """Arguments for an object schema: the required properties, and those that the prompt gives by name."""
    value = _object(schema, hints, schema, 0)
    for name, part in properties_of(schema).items():
        if name not in value and hints.next_to(name) is not None:
            value[name] = example(part, name, hints, schema)
    return value


def example(schema: object, name: str, hints: Hints, root: Schema, depth: int = 0) -> Any:
    """A value that fits a schema."""
    part = _resolve(schema, root)
    if depth > 8:
        return None
    if "const" in part:
        return part["const"]
    if isinstance(part.get("enum"), list) and part["enum"]:
        return _choose(part["enum"], hints)
    for union in ("anyOf", "oneOf"):
        if isinstance(part.get(union), list) and part[union]:
            return example(_first_real(part[union]), name, hints, root, depth + 1)
    if isinstance(part.get("allOf"), list) and part["allOf"]:
        return example(_merged(part["allOf"]), name, hints, root, depth + 1)
    return _of_type(_type_of(part), part, name, hints, root, depth)


def _resolve(schema: object, root: Schema) -> Schema:
    part: Any = schema if isinstance(schema, Mapping) else {}
    for _ in range(8):
        reference = part.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return part  # type: ignore[no-any-return]
        part = root
        for step in filter(None, reference[1:].split("/")):
            part = part.get(step, {}) if isinstance(part, Mapping) else {}
    return {}


def _choose(values: list[Any], hints: Hints) -> Any:
    named = (value for value in values if isinstance(value, str) and value and value in hints.prompt)
    return next(named, values[0])


def _first_real(options: list[Any]) -> Any:
    real = (option for option in options if not (isinstance(option, Mapping) and option.get("type") == "null"))
    return next(real, options[0])


def _merged(parts: list[Any]) -> Schema:
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part if isinstance(part, Mapping) else {})
    return merged


def _type_of(part: Schema) -> str:
    kind = part.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in part else "array" if "items" in part else "string"


def _of_type(kind: str, part: Schema, name: str, hints: Hints, root: Schema, depth: int) -> Any:
    match kind:
        case "object":
            return _object(part, hints, root, depth)
        case "array":
            count = max(1, int(part.get("minItems", 1)))
            return [example(part.get("items", {}), name, hints, root, depth + 1) for _ in range(count)]
        case "integer":
            return int(_number(part, hints, step=1))
        case "number":
            return _number(part, hints, step=0.5)
        case "boolean":
            return part.get("default", True)
        case "null":
            return None
    return _string(part, name, hints)


def _object(part: Schema, hints: Hints, root: Schema, depth: int) -> dict[str, Any]:
    required = part.get("required")
    names = required if isinstance(required, list) else []
    properties = properties_of(part)
    return {name: example(properties.get(name, {}), name, hints, root, depth + 1) for name in names}


def _number(part: Schema, hints: Hints, step: float) -> float:
    low = max(part.get("minimum", float("-inf")), part.get("exclusiveMinimum", float("-inf")) + step)
    high = min(part.get("maximum", float("inf")), part.get("exclusiveMaximum", float("inf")) - step)
    wanted = hints.number()
    value = part.get("default", 1) if wanted is None else wanted
    return float(min(max(value, low), high)) if step < 1 else int(min(max(value, low), high))


def _string(part: Schema, name: str, hints: Hints) -> str:
    if part.get("format") in _FORMATS:
        return next((text for text in hints.strings if ":" in text or "@" in text), _FORMATS[part["format"]])
    default = part.get("default")
    text = hints.string(name) or (default if isinstance(default, str) else f"example {name}".replace("_", " "))
    if isinstance(part.get("minLength"), int):
        text = text.ljust(part["minLength"], "x")
    longest = part.get("maxLength")
    return text[:longest] if isinstance(longest, int) else text
