"""What goes wrong in the AI SDK, in its own words: an exception, or an error part within a stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.clients.ai_sdk.json_text import joined
from conformance.clients.ai_sdk.shape import Issue, brief
from conformance.clients.javascript import stringify
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import shorten

LONGEST = 400  # characters of a message on one line


@dataclass(frozen=True)
class Failure:
    """One error.

    `name` is the class of the exception, "" for an error part that is plain data. `message` is exact; `brief` is the same for
    people, on one line. `status` and `body` are those of a refusal. `retryable` decides whether the SDK retries;
    `connection` says that the connection failed and no answer was read to its end.
    """

    name: str
    message: str
    brief: str
    at: float = 0.0
    status: int | None = None
    body: str | None = None
    retryable: bool = False
    connection: bool = False

    @property
    def shown(self) -> str:
        """As a console shows it: with the name in front, which plain data lacks."""
        return f"{self.name or 'Error part'}: {self.brief}"


def written(value: Any, write: Callable[[Any], str] = stringify) -> str:
    """A value as JSON, whatever it is; half a character is written as its escape."""
    try:
        return write(value).encode(errors="backslashreplace").decode()
    except RecursionError:  # it was read successfully before
        return "[too deep to be shown]"


def plain(name: str, message: str, at: float) -> Failure:
    """An exception of a few words."""
    return Failure(name, message, shorten(message, LONGEST), at)


def part(error: Any, at: float) -> Failure:
    """An error part that carries what the server sent: a text, or an object with or without a message."""
    said = error.get("message") if isinstance(error, dict) else error
    message = joined(said) if isinstance(said, str) else written(error)
    return Failure("", message, shorten(message, LONGEST) or '""', at)


def not_json(text: str, error: NotJson, prefix: str, at: float) -> Failure:
    """A text that had to be JSON."""
    message = f"JSON parsing failed: Text: {text}.\nError message: {prefix}{error.message}"
    shown = f"JSON parsing failed: Text: {shorten(text)}. Error message: {prefix}{shorten(error.message)}"
    return Failure("AI_JSONParseError", message, shown, at)


def misfit(value: Any, issues: list[Issue], at: float, alternative: int = 0) -> Failure:
    """A value of another shape than the SDK demands; `alternative` says which of two shapes was meant."""
    dump = written(issues, partial(json.dumps, indent=2, ensure_ascii=False))
    message = f"Type validation failed: Value: {written(value)}.\nError message: {dump}"
    shown = f"Type validation failed: {shorten(brief(issues, alternative), LONGEST)}"
    return Failure("AI_TypeValidationError", message, shown, at)
