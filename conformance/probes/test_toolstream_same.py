"""Streamed calls beside those of plain answers: the same request, the same arguments."""

from __future__ import annotations

from conformance.evidence.calls import Json
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shorten, shown
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.offered import READ_ARGUMENTS
from conformance.probes.sources import issue
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, Blame, everyone
from conformance.requirements.talk import Talk


@probe(
    "toolstream.same-arguments",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("anomalyco/opencode", 13515), issue("lmstudio-ai/lmstudio-bug-tracker", 1922)],
    remedy="Stream every character of the arguments: compare with what the plain answer holds.",
)
def test_both_modes_bring_the_same_arguments(forced_call: Talk, forced_call_stream: Talk) -> None:
    """Arguments that are dictated arrive in a stream as they do in a plain answer.

    A path with a letter missing is another file.
    """
    plain, streamed = _arguments(forced_call), _arguments(forced_call_stream)
    as_told = READ_ARGUMENTS in (plain, streamed) and plain.keys() == streamed.keys()
    if not as_told:
        raise Blocked("the model used other arguments than it was told", Blame.MODEL)
    assert plain == streamed, f"not streamed {shown(plain)}, streamed {shown(streamed)}"


def _arguments(talk: Talk) -> Json:
    """The arguments of the one call; raises Blocked when there is none that can be read."""
    reply = as_reply(talk.answered)
    if reply is None or reply.exchange.ended is not Ended.COMPLETE or len(reply.calls) != 1:
        raise Blocked(f"no single call to look at: {talk.answered.summary}")
    parsed = reply.calls[0].parsed
    if not isinstance(parsed, dict):
        raise Blocked("the arguments cannot be read")
    return parsed


@probe(
    "toolstream.after-error",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("lmstudio-ai/lmstudio-bug-tracker", 1066)],
    remedy="Parse calls in every turn alike, whatever the history holds.",
)
def test_a_call_comes_after_a_failed_tool(forced_call_after_error: Talk) -> None:
    """A call that is forced in a streamed request arrives also when the tool before it has failed.

    Agents work on after an error; one that finds no way to call anything any more stops there.
    """
    exchange = forced_call_after_error.answered
    reply = as_reply(exchange)
    if reply is None or exchange.ended is not Ended.COMPLETE:
        raise Blocked(f"no whole answer to look at: {exchange.summary}")
    if isinstance(reply, Stream) and not reply.deltas:
        raise Blocked("no chunks to look at")
    assert reply.calls, f"no native call; the answer is {shorten(reply.text or reply.reasoning)!r}"
