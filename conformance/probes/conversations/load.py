"""Several requests at once, as agents send them beside the main turn."""

from __future__ import annotations

from typing import Any

from conformance.probes.conversations.chat import USAGE
from conformance.probes.conversations.offered import repeat_request, user
from conformance.requirements.conversation import Ask, Depth, conversation

MARKERS = ("amber-1", "birch-2", "cedar-3", "daisy-4")


@conversation("stream", requests=len(MARKERS), tokens=128 * len(MARKERS))
async def crowd(ask: Ask) -> None:
    """Four streamed answers at once, each with a different word to repeat."""
    prompts = [repeat_request(" ".join([marker] * 24)) for marker in MARKERS]
    fields: dict[str, Any] = {"stream": True, "stream_options": USAGE}
    await ask.together(*(ask.chat(messages=[user(prompt)], **fields) for prompt in prompts))


@conversation("stream", depth=Depth.THOROUGH, requests=3, tokens=128 + 2 * 512, once=True)
async def after_leaving(ask: Ask) -> None:
    """A short streamed answer, right after two long ones whose client hung up when they began."""
    for _ in range(2):
        await ask.leave(messages=[user("Count from 1 to 400.")], max_tokens=512)
    await ask.chat(messages=[user(repeat_request("elder-5"))], stream=True)
