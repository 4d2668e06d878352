"""Pictures: are they seen where they are taken, and refused in clear words where they are not."""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange, error_message, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.images import COLOUR
from conformance.probes.readable import readable
from conformance.probes.refusals import refused_by_name
from conformance.probes.sources import KILO, OPENAI_CHAT, OPENAI_VISION, ROO_HISTORY, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES, everyone
from conformance.requirements.talk import Talk

UNSEEN = "Hand pictures on to the model, or refuse them with a 400; users turn image support off where there is none."


@probe(
    "images.seen",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_VISION, ROO_HISTORY, f"{KILO}/provider/transform.ts", issue("FlashML-org/FreeToken", 348)],
    remedy=UNSEEN,
)
def test_a_picture_is_seen(picture_colour: Talk) -> None:
    """A picture of one colour is seen where images are configured: its colour is named.

    A server that drops pictures has the model answer about something that it never saw.
    """
    _seen(picture_colour)


@probe(
    "images.after-result",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[ROO_HISTORY, OPENAI_VISION],
    remedy=UNSEEN,
)
def test_a_picture_after_a_tool_result_is_seen(picture_after_result: Talk) -> None:
    """A picture in the user message right after a tool result is seen.

    Agents send there what their tools have photographed: a result itself can hold only text.
    """
    _seen(picture_after_result)


def _seen(talk: Talk) -> None:
    answer, reply = talk.answered, as_reply(talk.answered)
    if reply is None:
        assert not _speaks_of_images(answer), f"refused although images are configured: {answer.summary}"
        raise Blocked(answer.summary)
    readable(reply)
    if not reply.text.strip():
        raise Blocked(f"no words came to look for a colour in: {answer.summary}")
    assert COLOUR in reply.text.lower(), f"the picture is {COLOUR}; the answer is {shorten(reply.text)!r}"


@probe(
    "images.answered-or-refused",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_VISION, OPENAI_CHAT, issue("vllm-project/vllm", 11629), issue("QwenLM/Qwen3-VL", 2069)],
    remedy="Refuse pictures that the model cannot see with a 400 and a message that speaks of images.",
    over=["picture_colour", "picture_unclaimed"],
)
def test_a_picture_is_answered_or_refused_in_words(talk: Talk) -> None:
    """A message with a picture is answered, or refused with 4xx in words that speak of images or of content.

    After 5xx clients send the picture again and again, and no user learns that the model cannot see.
    """
    answer = talk.answered
    assert answer.ok or _speaks_of_images(answer) or refused_by_name(answer, "content"), answer.summary


def _speaks_of_images(answer: Exchange) -> bool:
    """True for a 4xx that says that pictures are what it is about."""
    named = re.search(r"image|vision|multi-?modal|picture", error_message(answer.json), re.IGNORECASE)
    return answer.status is not None and 400 <= answer.status < 500 and named is not None
