"""The text of all deltas together: every character arrives once, with and without tools."""

from __future__ import annotations

import re

from conformance.clients import OPENAI_PYTHON
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.offered import NASTY_TEXT
from conformance.probes.readable import is_part
from conformance.probes.sources import OPENAI_CHUNK, issue
from conformance.requirements import BREAKS, DEGRADES, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

HALF = re.compile("[\ud800-\udfff]")
TEXTS = ("content", "reasoning_content", "reasoning", "refusal")  # of a delta
LEAST_REPEATED = 20  # characters; a shorter text may repeat by chance


@probe(
    "stream.only-new-text",
    failure="A delta repeats all the text before it.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 9470)],
    remedy="Send only the new text in every delta.",
)
def test_a_delta_contains_only_new_text(stream: Stream) -> None:
    """Every delta contains only new text, not all the text before it again.

    Users read everything twice, and the second copy goes back into the history.
    """
    said = ""
    for delta in stream.deltas:
        piece = delta.value.get("content")
        if isinstance(piece, str):
            again = len(said.strip()) >= LEAST_REPEATED and said.strip() in piece
            assert not again, f"{len(said)} characters are sent again: {shorten(piece)!r}"
            said += piece


@probe(
    "stream.whole-characters",
    failure="A character is cut in two between deltas.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, issue("Kohaku-Lab/KohakuTerrarium", 48)],
    remedy="Cut text and arguments between characters, not between the two UTF-16 halves of one.",
)
def test_no_fragment_ends_within_a_character(stream: Stream) -> None:
    """No fragment of text, reasoning or arguments ends in the middle of a character.

    JavaScript joins the two halves of an emoji again. In Python they stay two broken characters, and the first attempt
    to print or send them raises an error.
    """
    texts = [delta.value.get(name) for delta in stream.deltas for name in TEXTS]
    arguments = [call.function.get("arguments") for call in stream.tool_deltas]
    for piece in (*texts, *arguments):
        half = isinstance(piece, str) and HALF.search(piece)
        assert not half, f"half a character: {shorten(repr(piece))}"


@probe(
    "stream.same-text-with-tools",
    failure="Text is lost when tools are offered.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[issue("mudler/LocalAI", 9999), issue("anomalyco/opencode", 13515)],
    remedy="Make the tool-call parser pass on all text that is not a call.",
)
def test_no_text_is_lost_when_tools_are_offered(echo_with_tools: Talk) -> None:
    """A text that the model repeats arrives complete when tools are offered, too.

    A parser that waits for tool calls and never releases the text leaves an answer of two characters.
    """
    reply = as_reply(echo_with_tools.answered)
    if reply is None or reply.exchange.ended is not Ended.COMPLETE or not reply.finish_reason:
        raise Blocked(f"no complete answer to judge: {echo_with_tools.answered.summary}")
    if reply.calls:
        raise Blocked("the model called a tool", Blame.MODEL)
    text, wanted = reply.text.strip(), NASTY_TEXT.strip()
    if not text:
        raise Blocked("the answer is empty")
    part = text != wanted and is_part(text, wanted)
    assert not part, f"{len(text)} of {len(wanted)} characters: {shorten(text)!r}"
    if text != wanted:
        raise Blocked("the model did not repeat the text", Blame.MODEL)
