"""Streamed tool calls compared with those of plain answers and of other turns."""

from __future__ import annotations

from conformance.evidence.calls import Json
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shorten, shown
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.offered import READ_ARGUMENTS
from conformance.probes.sources import issue
from conformance.requirements import BREAKS, TOOL_CALLING_ERRORS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "toolstream.same-arguments",
    failure="Dictated arguments arrive differently when the call is streamed.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("anomalyco/opencode", 13515), issue("lmstudio-ai/lmstudio-bug-tracker", 1922)],
    remedy="Stream every character of the arguments. Compare them with those of the plain answer.",
)
def test_both_modes_bring_the_same_arguments(forced_call: Talk, forced_call_stream: Talk) -> None:
    """Dictated arguments arrive the same, streamed or not.

    A path with a letter missing is another file.
    """
    plain, streamed = _arguments(forced_call), _arguments(forced_call_stream)
    as_dictated = READ_ARGUMENTS in (plain, streamed) and plain.keys() == streamed.keys()
    if not as_dictated:
        raise Blocked("the model used other arguments than the prompt dictates", Blame.MODEL)
    assert plain == streamed, f"not streamed {shown(plain)}, streamed {shown(streamed)}"


def _arguments(talk: Talk) -> Json:
    """The arguments of the only call; raises Blocked when there is no readable one."""
    reply = as_reply(talk.answered)
    if reply is None or reply.exchange.ended is not Ended.COMPLETE or len(reply.calls) != 1:
        raise Blocked(f"no single tool call to judge: {talk.answered.summary}")
    parsed = reply.calls[0].parsed
    if not isinstance(parsed, dict):
        raise Blocked("the arguments of the call cannot be read")
    return parsed


@probe(
    "toolstream.after-error",
    failure="A streamed request that forces a tool call gets none after a failed tool.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("lmstudio-ai/lmstudio-bug-tracker", 1066)],
    remedy="Parse calls the same way in every turn, whatever the history contains.",
)
def test_a_call_comes_after_a_failed_tool(forced_call_after_error: Talk) -> None:
    """A call that is forced in a streamed request also arrives after a failed tool.

    Agents work on after an error. One that can no longer call a tool stops there.
    """
    exchange = forced_call_after_error.answered
    reply = as_reply(exchange)
    if reply is None or exchange.ended is not Ended.COMPLETE:
        raise Blocked(f"no complete answer to judge: {exchange.summary}")
    if isinstance(reply, Stream) and not reply.deltas:
        raise Blocked("no chunks to judge")
    assert reply.calls, f"no native tool call; the answer is {shorten(reply.text or reply.reasoning)!r}"
