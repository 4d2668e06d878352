"""The parts of messages, in the form that all clients share."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from conformance.clients.talk import Assistant, Result, Said, User

Message = dict[str, Any]
EXACT = 1e21  # from here JavaScript writes numbers with an exponent


@dataclass(frozen=True)
class Reply:
    """What the user's side said between two answers: the results of calls, and what the user or the program added."""

    results: tuple[Result, ...]
    said: tuple[User, ...]


def rounds(history: Sequence[Said]) -> list[Reply | Assistant]:
    """The history as clients with Anthropic's messages keep it: everything between two answers is one reply."""
    found: list[Reply | Assistant] = []
    for side, group in groupby(history, key=lambda said: isinstance(said, Assistant)):
        said = list(group)
        if side:
            found += [answer for answer in said if isinstance(answer, Assistant)]
        else:
            results = tuple(one for one in said if isinstance(one, Result))
            found.append(Reply(results, tuple(one for one in said if isinstance(one, User))))
    return found


def text(words: str) -> Message:
    """A part of a message that is text."""
    return {"type": "text", "text": words}


def image(url: str) -> Message:
    """A part of a message that is a picture."""
    return {"type": "image_url", "image_url": {"url": url}}


def call(id: Any, name: str, arguments: str) -> Message:
    """One call of an earlier answer."""
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(id: Any, content: str) -> Message:
    """The message with the result of one call."""
    return {"role": "tool", "tool_call_id": id, "content": content}


def parts(user: User, unseen: str = "") -> list[Message]:
    """What was typed, the pictures, then what the program adds; `unseen` is sent in place of each picture."""
    pictures = [text(unseen) if unseen else image(url) for url in user.images]
    return [*map(text, user.texts[:1]), *pictures, *map(text, user.texts[1:])]


def gathered(content: list[Message]) -> str | list[Message]:
    """All texts in one, as a string if there is nothing else."""
    words = "\n".join(part["text"] for part in content if part["type"] == "text")
    pictures = [part for part in content if part["type"] != "text"]
    return [*([text(words)] if words else []), *pictures] if pictures else words


def joined(first: Any, second: Any) -> Any:
    """The contents of two messages as one: strings on lines of their own, parts one after the other."""
    if isinstance(first, list) or isinstance(second, list):
        return [part for one in (first, second) for part in (one if isinstance(one, list) else [text(one or "")])]
    return f"{first or ''}\n{second}" if second else first


def stringified(value: Any) -> str:
    """JSON as JavaScript's JSON.stringify writes it: without blanks, keys in their order, 1.0 as 1, halves of pairs escaped."""
    written = json.dumps(_of_javascript(value), ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", written)


def _of_javascript(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    if isinstance(value, dict):
        return {key: _of_javascript(member) for key, member in value.items()}
    return [_of_javascript(member) for member in value] if isinstance(value, list) else value
