"""Checks values against the JSON Schemas in `schemas/`, and says what is wrong in lines that a person can act on.

The validator's own messages quote the wrong value, even a secret or a megabyte of a provider's text. Here every error
has its path, in the order of the document, without long values.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # importing jsonschema takes 0.2 s, and most commands never need it
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry

Steps = tuple[str | int, ...]  # from the top of a document to a value in it

NAMES = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (  # a bool is also an int, so it comes first
    (type(None), "null"),
    (bool, "true or false"),
    (str, "a string"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "an object"),
)


def folder() -> Path:
    """The folder of the schemas: in the installed package, or next to it in a checkout."""
    installed = Path(__file__).parent / "_data" / "schemas"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "schemas"


def schema_names() -> list[str]:
    """Every schema, as `folder/name`."""
    return sorted(f.relative_to(folder()).with_suffix("").as_posix() for f in folder().glob("*/*.json"))


@cache
def load(schema_name: str) -> dict[str, Any]:
    """The schema called `folder/name`, for instance `openai/chat-completion`."""
    found: dict[str, Any] = json.loads((folder() / f"{schema_name}.json").read_text("utf-8"))
    return found


def violations(schema_name: str, value: Any, most: int = 5) -> list[str]:
    """What in `value` breaks the schema, as `path: what` lines in document order; empty when it is valid."""
    return _lines(_validator(schema_name), value, most)


def misfits(schema: dict[str, Any], value: Any, most: int = 3) -> list[str]:
    """The same for a schema from a request; empty when it is not a usable schema."""
    from referencing.exceptions import Unresolvable

    validator = _validator_of(json.dumps(schema))
    try:
        return _lines(validator, value, most) if validator else []
    except Unresolvable:
        return []


@lru_cache(maxsize=256)
def _validator_of(schema: str) -> Validator | None:
    """The validator of a schema given as JSON, or None when it is no schema; a run has the same few again and again."""
    from jsonschema import Draft202012Validator, SchemaError

    usable = json.loads(schema)
    try:
        Draft202012Validator.check_schema(usable)
    except SchemaError:
        return None
    return Draft202012Validator(usable)


def _lines(validator: Validator, value: Any, most: int) -> list[str]:
    found = [line for error in validator.iter_errors(value) for line in _described(error)]
    ordered = sorted(found, key=lambda line: _position(value, line[0]))
    return list(dict.fromkeys(f"{spell(path)}: {what}" if path else what for path, what in ordered))[:most]


def nearest(word: str, words: Iterable[str]) -> list[str]:
    """Up to three of `words` that a user who typed `word` may have meant, the best first."""
    by_lower = {w.lower(): w for w in words}
    typed = word.lower()
    close = get_close_matches(typed, by_lower, n=3, cutoff=0.7)
    holding = [w for w in by_lower if len(typed) > 2 and typed in w]
    return [by_lower[w] for w in dict.fromkeys(close + holding)][:3]


def spell(steps: Sequence[str | int]) -> str:
    """A path as people write it, on one line: `choices[0].delta`."""
    return "".join(_spell_step(step) for step in steps).removeprefix(".")


def _spell_step(step: str | int) -> str:
    plain = isinstance(step, str) and re.fullmatch(r"[\w$-]{1,80}", step)
    return f".{step}" if plain else f"[{json.dumps(step)[:80]}]"


@cache
def _validator(schema_name: str) -> Validator:
    from jsonschema import Draft202012Validator, validators

    numbers = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_json_number)
    extend: Callable[..., type[Validator]] = validators.extend
    strict = extend(Draft202012Validator, type_checker=numbers)
    return strict(load(schema_name), registry=_siblings(schema_name.split("/")[0]))


@cache
def _siblings(group: str) -> Registry[Any]:
    """The schemas of one folder by their `$id`, so that they may refer to each other."""
    from referencing import Registry, Resource

    found = [load(name) for name in schema_names() if name.startswith(f"{group}/")]
    return Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in found])


def _is_json_number(_checker: object, value: object) -> bool:
    """JSON has no NaN and no infinity, although Python's parser accepts both."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _described(error: ValidationError) -> Iterator[tuple[Steps, str]]:
    """One or more (path, what) for one error of the validator."""
    steps = tuple(error.absolute_path)
    said = error.schema.get("errorMessage") if isinstance(error.schema, dict) else None
    if said and error.validator not in ("required", "additionalProperties"):
        yield steps, said
    elif error.validator in ("anyOf", "oneOf") and error.context:
        for inner in _closest_branch(error.context):
            yield from _described(inner)
    else:
        yield from _worded(error, steps)


def _closest_branch(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors of the alternative that was probably meant: right in kind, then deepest match, then fewest errors."""
    branches: dict[int, list[ValidationError]] = {}
    for error in errors:
        branches.setdefault(int(error.schema_path[0]), []).append(error)
    return min(branches.values(), key=_distance)


def _distance(errors: list[ValidationError]) -> tuple[bool, int, int]:
    return any(_of_another_kind(e) for e in errors), -max(len(e.path) for e in errors), len(errors)


def _of_another_kind(error: ValidationError) -> bool:
    """True for an error that shows that another alternative was meant: another type or discriminator."""
    return error.validator in ("const", "enum") or (error.validator == "type" and not error.path)


def _worded(error: ValidationError, steps: Steps) -> Iterator[tuple[Steps, str]]:
    rule, wanted, got = str(error.validator), cast(Any, error.validator_value), cast(Any, error.instance)
    if rule == "required":
        yield from (((*steps, key), "is missing") for key in wanted if key not in got)
    elif rule == "dependentRequired":
        pairs = [(need, key) for key, needs in wanted.items() if key in got for need in needs if need not in got]
        yield from (((*steps, need), f"is missing, but {key} needs it") for need, key in pairs)
    elif rule == "additionalProperties":
        known = list(cast(Any, error.schema).get("properties", ()))
        yield from (((*steps, key), _unknown_key(key, known)) for key in got if key not in known)
    else:
        yield steps, _sentence(rule, wanted, got)


def _sentence(rule: str, wanted: Any, got: Any) -> str:
    """What a value must be and what it is, for the rules about the value itself."""
    match rule:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {' or '.join(NAMES[kind] for kind in kinds)}, not {kind_of(got)}"
        case "const":
            return f"must be {json.dumps(wanted)}, not {brief(got)}"
        case "enum":
            return f"must be one of {', '.join(json.dumps(w) for w in wanted)}, not {brief(got)}"
        case "minItems" | "maxItems" | "minLength" | "maxLength":
            unit = "entries" if rule.endswith("Items") else "characters"
            return f"must have {_bound(rule)} {wanted} {unit}, but has {len(got)}"
        case "minimum" | "maximum":
            return f"must be {_bound(rule)} {wanted}, not {brief(got)}"
        case "pattern":
            return f"must match {wanted}"
        case _:
            return f"breaks the rule {rule} of the schema"


def _unknown_key(key: str, known: Sequence[str]) -> str:
    if near := nearest(key, known):
        return f"unknown key, did you mean {near[0]}?"
    return f"unknown key (known: {', '.join(known) if len(known) <= 12 else f'{len(known)} others'})"


def _bound(rule: str) -> str:
    return "at least" if rule.startswith("min") else "at most"


def kind_of(value: object) -> str:
    """The kind of a value in JSON's terms; a TOML date gets a hint, because missing quotes make one."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, date | time):
        return f"a {type(value).__name__} (put it in quotes)"
    return next((name for kind, name in KINDS if isinstance(value, kind)), "a value that is not JSON")


def brief(value: object) -> str:
    """A short value itself, or the kind of a long or nested one."""
    text = json.dumps(value, default=str) if not isinstance(value, dict | list) else ""
    return text if text and len(text) <= 60 else kind_of(value)


def _position(value: Any, steps: Steps) -> tuple[int, ...]:
    """The position of a path in the document, for sorting; missing values come last."""
    position: list[int] = []
    for step in steps:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        if step not in keys:
            return (*position, len(keys))
        position.append(keys.index(step))
        value = value[step]
    return tuple(position)
