"""Images of one clear colour, in a plain question and where agents send screenshots."""

from __future__ import annotations

from functools import cache
from typing import Any

from conformance.clients.agent_texts import png
from conformance.probes.conversations import offered
from conformance.requirements.conversation import Ask, Depth, conversation

SIDE = 64  # pixels; some servers refuse smaller images
RED = bytes((255, 0, 0))
COLOUR = "red"
QUESTION = "What colour is this picture? Name the colour."


@cache
def red_picture() -> str:
    """An image that is red all over, as a data URL."""
    return png(SIDE, SIDE, RED * SIDE * SIDE)


def shown(text: str) -> dict[str, Any]:
    """A user message with a text and the red image."""
    picture = {"type": "image_url", "image_url": {"url": red_picture()}}
    return offered.user([{"type": "text", "text": text}, picture])


@conversation("completion", prompt_tokens=500, tokens=256, needs="images")
async def picture_colour(ask: Ask) -> None:
    """An image of one colour, and a question about its colour."""
    await ask.chat(messages=[shown(QUESTION)], stream=False)


@conversation("completion", depth=Depth.THOROUGH, prompt_tokens=700, tokens=256, needs="images", once=True)
async def picture_after_result(ask: Ask) -> None:
    """An image right after a tool result, where agents send the screenshot that a tool made."""
    call = offered.called("call_conformance1", "take_screenshot", "{}")
    tool = offered.function("take_screenshot", "Take a screenshot.", offered.schema({}))
    messages = [
        offered.user("Look at the screen."),
        call,
        offered.result("call_conformance1", "The screenshot is attached."),
        shown(f"{QUESTION} Do not call a tool."),
    ]
    await ask.chat(messages=messages, tools=[tool])


@conversation("response", depth=Depth.THOROUGH, prompt_tokens=500, tokens=256, needs="no images", once=True)
async def picture_unclaimed(ask: Ask) -> None:
    """An image, for an endpoint that is not configured for images."""
    await ask.chat(messages=[shown(QUESTION)], stream=False)
