"""The text of a message as the model reads it, and its length in tokens.

Messages carry text in several forms (a string, a list of parts, nothing). Every reader of a prompt uses these
functions, so that the same conversation always has the same text and the same length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

TOKEN_LENGTH = 4
IMAGE_TOKENS = 85

# Coding agents add the state of the editor to what the user wrote. It is context, not what the user asks for.
_SURROUNDINGS = re.compile(r"<(environment_details|system-reminder)>.*?</\1>", re.DOTALL)
_WRAPPER = re.compile(r"\A\s*<(task|user_message|feedback)>\n?(.*?)\n?</\1>\s*\Z", re.DOTALL)


def tokenise(text: str) -> list[str]:
    """Split text into tokens of TOKEN_LENGTH characters, never inside a character."""
    return [text[at : at + TOKEN_LENGTH] for at in range(0, len(text), TOKEN_LENGTH)]


def count_tokens(text: str) -> int:
    """The number of tokens of a text, without building them: a prompt can have megabytes."""
    return -(-len(text) // TOKEN_LENGTH)


def text_of(content: object) -> str:
    """The text of a message's content, whichever form it was sent in."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def wish_of(content: object) -> str:
    """What the user asks for: the text without what an agent adds around it."""
    text = _SURROUNDINGS.sub("", text_of(content))
    wrapped = _WRAPPER.match(text)
    return wrapped.group(2) if wrapped else text


def prompt_tokens(messages: Iterable[Mapping[str, Any]], tools: object) -> int:
    """How many tokens the model reads before it answers."""
    offered = count_tokens(dump(tools)) if tools else 0
    return sum(_message_tokens(message) for message in messages) + offered + 3


def _message_tokens(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    images = sum(1 for part in parts if isinstance(part, Mapping) and part.get("type") == "image_url")
    calls = message.get("tool_calls")
    called = count_tokens(dump(calls)) if calls else 0
    return 4 + count_tokens(text_of(content)) + images * IMAGE_TOKENS + called


def dump(value: object) -> str:
    """JSON as the provider writes it: compact, with escapes only where UTF-8 needs them."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: legal as an escape, impossible as UTF-8
        return json.dumps(value, separators=(",", ":"))
    return text
