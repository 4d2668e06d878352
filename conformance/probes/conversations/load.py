"""Several requests at once, as agents make them beside the main turn."""

from __future__ import annotations

from typing import Any

from conformance.conversation import Ask, conversation
from conformance.probes.conversations.chat import USAGE
from conformance.probes.conversations.offered import repeat_request, user

MARKERS = ("amber-1", "birch-2", "cedar-3", "daisy-4")


@conversation("stream", requests=len(MARKERS), tokens=128 * len(MARKERS))
async def crowd(ask: Ask) -> None:
    """Four streamed answers at once, each with a word of its own to be repeated."""
    prompts = [repeat_request(" ".join([marker] * 24)) for marker in MARKERS]
    fields: dict[str, Any] = {"stream": True, "stream_options": USAGE}
    await ask.together(*(ask.chat(messages=[user(prompt)], **fields) for prompt in prompts))
