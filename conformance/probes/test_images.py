"""Images: are they seen where they are supported, and refused with a clear reason where they are not?"""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange, error_message, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.images import COLOUR
from conformance.probes.readable import readable
from conformance.probes.refusals import refused_by_name
from conformance.probes.sources import KILO, OPENAI_CHAT, OPENAI_VISION, ROO_HISTORY, issue
from conformance.requirements import DEGRADES, UNEXPECTED_RESULTS, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

UNSEEN = "Pass images on to the model, or refuse them with 400 so that users turn image support off."


@probe(
    "images.seen",
    failure="The model does not see an image in the prompt.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_VISION, ROO_HISTORY, f"{KILO}/provider/transform.ts", issue("FlashML-org/FreeToken", 348)],
    remedy=UNSEEN,
)
def test_an_image_is_seen(picture_colour: Talk) -> None:
    """If images are configured, the model names the colour of an image that has one colour.

    A server that drops images makes the model answer about something that it never saw.
    """
    _seen(picture_colour)


@probe(
    "images.after-result",
    failure="The model does not see an image after a tool result.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[ROO_HISTORY, OPENAI_VISION],
    remedy=UNSEEN,
)
def test_an_image_after_a_tool_result_is_seen(picture_after_result: Talk) -> None:
    """The model sees an image in the user message right after a tool result.

    Agents send screenshots there, because a tool result can contain only text.
    """
    _seen(picture_after_result)


def _seen(talk: Talk) -> None:
    answer, reply = talk.answered, as_reply(talk.answered)
    if reply is None:
        assert not _mentions_images(answer), f"refused although images are configured: {answer.summary}"
        raise Blocked(answer.summary)
    readable(reply)
    if not reply.text.strip():
        raise Blocked(f"the answer has no text: {answer.summary}")
    assert COLOUR in reply.text.lower(), f"the image is {COLOUR}; the answer is {shorten(reply.text)!r}"


@probe(
    "images.answered-or-refused",
    failure="A message with an image fails without an error about images.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_VISION, OPENAI_CHAT, issue("vllm-project/vllm", 11629), issue("QwenLM/Qwen3-VL", 2069)],
    remedy="Refuse images that the model cannot see with a 400 and a message that mentions images.",
    over=["picture_colour", "picture_unclaimed"],
)
def test_an_image_is_answered_or_refused_with_a_reason(talk: Talk) -> None:
    """A message with an image is answered, or refused with 4xx and words about images or content.

    With 5xx clients send the image again and again, and no user learns that the model cannot see images.
    """
    answer = talk.answered
    assert answer.ok or _mentions_images(answer) or refused_by_name(answer, "content"), answer.summary


def _mentions_images(answer: Exchange) -> bool:
    """True for a 4xx whose message mentions images."""
    named = re.search(r"image|vision|multi-?modal|picture", error_message(answer.json), re.IGNORECASE)
    return answer.status is not None and 400 <= answer.status < 500 and named is not None
