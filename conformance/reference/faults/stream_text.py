"""Faults of the text of a stream: pieces that are doubled, lost, or sent again."""

from __future__ import annotations

import re
from itertools import pairwise

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply


def _wants_text(reply: Reply) -> bool:
    """Whether the text is more than a few tokens, in an answer to a request without tools."""
    return len(reply.text_deltas) > 4 and not reply.request.tools


@fault("first-token-doubled", caught_by={"stream.same-text"}, source=issue("mudler/LocalAI", 9299))
def double_the_first_token(reply: Reply) -> None:
    """The first token of a stream is sent twice."""
    for delta in reply.text_deltas[:1]:
        delta["content"] *= 2


@fault("last-token-lost", caught_by={"stream.same-text"}, source=issue("LostRuins/koboldcpp", 1031))
def lose_the_last_token(reply: Reply) -> None:
    """The last token of a stream is lost."""
    if _wants_text(reply):
        reply.text_deltas[-1]["content"] = ""


@fault(
    "backslashes-lost",
    caught_by={"stream.same-text", "stream.same-text-with-tools"},
    source=issue("anomalyco/opencode", 13515),
)
def lose_backslashes(reply: Reply) -> None:
    """Backslashes are lost in streams only."""
    for delta in reply.text_deltas:
        delta["content"] = delta["content"].replace("\\", "")


@fault(
    "text-resent-at-end", caught_by={"stream.same-text", "stream.only-new-text"}, source=issue("mudler/LocalAI", 9470)
)
def send_the_text_again(reply: Reply) -> None:
    """The last delta sends the whole text again."""
    if _wants_text(reply):
        whole = "".join(delta["content"] for delta in reply.text_deltas)
        reply.text_deltas[-1]["content"] += whole


_EMOJI = re.compile("[\U00010000-\U0010ffff]")


@fault("emoji-in-halves", caught_by={"stream.whole-characters"}, source=issue("Kohaku-Lab/KohakuTerrarium", 48))
def cut_within_a_character(reply: Reply) -> None:
    """A text fragment ends between the two UTF-16 halves of an emoji, as when JavaScript splits a string."""
    for delta, following in pairwise(reply.text_deltas):
        if found := _EMOJI.search(text := delta["content"]):
            units = found.group().encode("utf-16-be")
            high, low = (units[at : at + 2].decode("utf-16-be", "surrogatepass") for at in (0, 2))
            delta["content"] = text[: found.start()] + high
            following["content"] = low + text[found.end() :] + following["content"]


@fault("newlines-lost-with-tools", caught_by={"stream.same-text-with-tools"}, source=issue("waybarrios/vllm-mlx", 462))
def skip_blank_pieces(reply: Reply) -> None:
    """Newlines are lost in streams when tools are offered, as when blank fragments are skipped."""
    if reply.request.tools:
        for delta in reply.text_deltas:
            delta["content"] = delta["content"].replace("\n", "")
