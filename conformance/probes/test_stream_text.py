"""What the pieces of a stream add up to: every character once, whatever else was asked for."""

from __future__ import annotations

import re

from conformance.clients import OPENAI_PYTHON
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.offered import NASTY_TEXT
from conformance.probes.readable import is_part
from conformance.probes.sources import OPENAI_CHUNK, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

HALF = re.compile("[\ud800-\udfff]")
TEXTS = ("content", "reasoning_content", "reasoning", "refusal")  # of a delta
TELLING = 20  # characters: a shorter beginning may well come again


@probe(
    "stream.only-new-text",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 9470)],
    remedy="Send in every delta only what is new.",
)
def test_a_delta_brings_only_what_is_new(stream: Stream) -> None:
    """No delta brings again all the text that came before it.

    Users read everything twice, and the second copy goes back into the history.
    """
    said = ""
    for delta in stream.deltas:
        piece = delta.value.get("content")
        if isinstance(piece, str):
            again = len(said.strip()) >= TELLING and said.strip() in piece
            assert not again, f"{len(said)} characters come again: {shorten(piece)!r}"
            said += piece


@probe(
    "stream.whole-characters",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, issue("Kohaku-Lab/KohakuTerrarium", 48)],
    remedy="Cut texts and arguments between characters, not between the two UTF-16 halves of one.",
)
def test_no_piece_ends_within_a_character(stream: Stream) -> None:
    """No piece of a text, of reasoning or of arguments ends within a character.

    JavaScript puts the two halves of an emoji together again; in Python they stay two broken characters, and the
    first attempt to print or send them ends with an error.
    """
    texts = [delta.value.get(name) for delta in stream.deltas for name in TEXTS]
    arguments = [call.function.get("arguments") for call in stream.tool_deltas]
    for piece in (*texts, *arguments):
        half = isinstance(piece, str) and HALF.search(piece)
        assert not half, f"half a character: {shorten(repr(piece))}"


@probe(
    "stream.same-text-with-tools",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[issue("mudler/LocalAI", 9999), issue("anomalyco/opencode", 13515)],
    remedy="Let the parser of tool calls hand on all text that is no call.",
)
def test_tools_that_are_not_needed_take_nothing_away(echo_with_tools: Talk) -> None:
    """A text to be repeated arrives whole also when tools are offered.

    A parser that waits for calls and never lets go of the text leaves an answer of two characters.
    """
    reply = as_reply(echo_with_tools.answered)
    if reply is None or reply.exchange.ended is not Ended.COMPLETE or not reply.finish_reason:
        raise Blocked(f"no whole answer to look at: {echo_with_tools.answered.summary}")
    if reply.calls:
        raise Blocked("the model called a tool", Blame.MODEL)
    text, wanted = reply.text.strip(), NASTY_TEXT.strip()
    if not text:
        raise Blocked("the answer is empty")
    part = text != wanted and is_part(text, wanted)
    assert not part, f"{len(text)} of {len(wanted)} characters: {shorten(text)!r}"
    if text != wanted:
        raise Blocked("the model wrote something else than it was asked to", Blame.MODEL)
