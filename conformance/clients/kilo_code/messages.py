"""How Kilo Code 7 changes the AI SDK's messages by the id of the model (packages/opencode/src/provider/transform.ts)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from conformance.clients.ai_sdk.request import messages as usual
from conformance.clients.messages import Message
from conformance.clients.reading import ReadCall
from conformance.clients.talk import Assistant, Options, Prompt, Said, User

CACHED = {"cache_control": {"type": "ephemeral"}}
UNSEEN = "ERROR: Cannot read image (this model does not support image input). Inform the user."
SHORT_ID = 9  # characters


def messages(options: Options, prompt: Prompt) -> list[Message]:
    """Everything that was said, in the form for this model."""
    model = options.model.lower()
    shown = replace(prompt, history=tuple(_shown(one, options.images) for one in prompt.history))
    found = [_renamed(message, model) for message in usual(shown)]
    if "mistral" in model or "devstral" in model:
        return _taking_turns(found)
    if "deepseek" in model:
        found = [_with_reasoning(message) for message in found]
    return _marked(found) if "claude" in options.model or "anthropic" in options.model else found


def _shown(one: Said, images: bool) -> Said:
    """What the program keeps of it: pictures become a sentence without image support, calls that failed another call."""
    if isinstance(one, User) and not images:
        return User((*one.texts, *[UNSEEN] * len(one.images)))
    return replace(one, calls=tuple(map(_kept, one.calls))) if isinstance(one, Assistant) else one


def _kept(call: ReadCall) -> ReadCall:
    """A call that could not run is kept as one of an internal tool, with what was wrong as its arguments."""
    if not call.problem:
        return call
    return replace(call, name="invalid", value={"tool": call.name, "error": call.problem})


def _renamed(message: Message, model: str) -> Message:
    """The message with its ids in the form that the model's vendor wants; for most they are unchanged."""
    if "tool_calls" in message:
        return {**message, "tool_calls": [one | {"id": _id(one["id"], model)} for one in message["tool_calls"]]}
    if "tool_call_id" in message:
        return {**message, "tool_call_id": _id(message["tool_call_id"], model)}
    return message


def _id(id: Any, model: str) -> Any:
    known = re.sub("[^A-Za-z0-9_-]", "_", str(id)) if "claude" in model else id
    if "mistral" in model or "devstral" in model:
        return re.sub("[^A-Za-z0-9]", "", str(known))[:SHORT_ID].ljust(SHORT_ID, "0")
    return known


def _taking_turns(said: list[Message]) -> list[Message]:
    """Mistral's templates refuse a user after a tool, so an answer is put between them."""
    found: list[Message] = []
    for message in said:
        if message["role"] == "user" and found[-1]["role"] == "tool":
            found.append({"role": "assistant", "content": "Done."})
        found.append(message)
    return found


def _with_reasoning(message: Message) -> Message:
    """DeepSeek wants the field on every answer, even if it is empty."""
    return {"reasoning_content": "", **message} if message["role"] == "assistant" else message


def _marked(said: list[Message]) -> list[Message]:
    """The system prompt and the last two messages marked for caching; results of one turn count as one message."""
    ends = [
        n for n in range(1, len(said)) if n + 1 == len(said) or not said[n]["role"] == said[n + 1]["role"] == "tool"
    ]
    chosen = {0, *ends[-2:]}
    return [_mark(message) if n in chosen else message for n, message in enumerate(said)]


def _mark(message: Message) -> Message:
    """The mark is on the last part, a call included; the AI SDK loses it on the text of an answer."""
    content, calls = message["content"], message.get("tool_calls")
    if calls:
        return {**message, "tool_calls": [*calls[:-1], calls[-1] | CACHED]}
    if message["role"] == "assistant":
        return message
    return (
        {**message, "content": [*content[:-1], content[-1] | CACHED]} if isinstance(content, list) else message | CACHED
    )
