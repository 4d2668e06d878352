"""Roo Code's three forms of a conversation: the usual one, one for DeepSeek's reasoner, one with cache marks.

Source: Roo Code 3.52.1, src/api/transform/openai-format.ts, r1-format.ts, src/utils/tool-id.ts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.clients.messages import (
    Message,
    Reply,
    call,
    gathered,
    joined,
    parts,
    result,
    rounds,
    stringified,
    text,
)
from conformance.clients.talk import Assistant, Options, Prompt

UNSEEN = "[Referenced image in conversation]"  # replaces a picture if image support is off
CACHED = {"cache_control": {"type": "ephemeral"}}


def usual(options: Options, prompt: Prompt) -> list[Message]:
    """Without the system prompt: content of users in parts, of answers as a string, results before what the user said."""
    found: list[Message] = []
    for part in rounds(prompt.history):
        if isinstance(part, Assistant):
            calls = _calls(part)
            found.append({"role": "assistant", "content": part.text, **({"tool_calls": calls} if calls else {})})
        else:
            found += [result(_id(one.id), one.content or "(empty)") for one in part.results]
            said = list(_parts(options, part))
            found += [{"role": "user", "content": said}] if said else []
    return found


def for_reasoner(options: Options, prompt: Prompt) -> list[Message]:
    """Everything: the system prompt as a user message, texts as strings, and adjacent messages of one role merged."""
    found: list[Message] = [{"role": "user", "content": prompt.system}]
    for part in rounds(prompt.history):
        if isinstance(part, Assistant):
            calls = _calls(part)
            _append(
                found, {"role": "assistant", "content": part.text or None, **({"tool_calls": calls} if calls else {})}
            )
        else:
            found += [result(_id(one.id), one.content) for one in part.results]
            content = gathered(list(_parts(options, part)))
            if content:
                _append(found, {"role": "user", "content": content})
    return found


def with_cache_marks(system: str, messages: list[Message]) -> list[Message]:
    """The system prompt and the last text of each of the last two user messages, marked for caching."""
    last = [n for n, message in enumerate(messages) if message["role"] == "user"][-2:]
    marked = [_marked(message) if n in last else message for n, message in enumerate(messages)]
    return [{"role": "system", "content": [text(system) | CACHED]}, *marked]


def _marked(message: Message) -> Message:
    content = message["content"]
    texts = [n for n, part in enumerate(content) if part["type"] == "text"]
    if not texts:
        return {**message, "content": [*content, text("...") | CACHED]}
    return {**message, "content": [part | CACHED if n == texts[-1] else part for n, part in enumerate(content)]}


def _id(id: Any) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", str(id))


def _calls(answer: Assistant) -> list[Message]:
    return [call(_id(one.id), one.name, stringified(one.value or {})) for one in answer.calls]


def _parts(options: Options, reply: Reply) -> Iterator[Message]:
    for user in reply.said:
        yield from parts(user, "" if options.images else UNSEEN)


def _append(said: list[Message], message: Message) -> None:
    """Adds the message, or merges it with the one before unless one of them has calls."""
    last = said[-1]
    if last["role"] != message["role"] or "tool_calls" in last or "tool_calls" in message:
        said.append(message)
    else:
        said[-1] = {**last, "content": joined(last["content"], message["content"])}
