"""Answers to requests with tools, as a whole: they are not empty, end with a known finish_reason and repeat nothing."""

from __future__ import annotations

from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON
from conformance.evidence.chat import FINISH_REASONS, Reply, Stream
from conformance.evidence.exchange import Ended, Lost, shorten
from conformance.probes.readable import ENDED_AT_ONCE, ended_at_once
from conformance.probes.sources import OPENAI_CHAT, OPENAI_TOOLS, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "tools.answers",
    failure="An answer to a request with tools is empty or contains only reasoning.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        ROO_PROVIDER,
        issue("vllm-project/vllm", 21544),
        issue("waybarrios/vllm-mlx", 433),
        issue("MoonshotAI/Kimi-K2", 89),
    ],
    remedy="Pass on as text what the tool-call parser cannot read. Look for calls inside the reasoning as well.",
    needs=[Lost.PURPOSE],
)
def test_an_answer_has_text_or_a_call(reply: Reply) -> None:
    """An answer to a request with tools contains text or a tool call, not nothing and not reasoning alone.

    Clients discard such an answer and send the request again, for as long as the user watches.
    """
    exchange = reply.exchange
    whole = exchange.ended is Ended.COMPLETE and reply.finish_reason in ("stop", "tool_calls")
    if not whole or not exchange.request.field("tools"):
        return
    nothing = not (reply.text.strip() or reply.calls)
    if nothing and ended_at_once(reply):
        raise Blocked(ENDED_AT_ONCE, Blame.MODEL)
    instead = f"only reasoning: {shorten(reply.reasoning)!r}" if reply.reasoning else "nothing at all"
    assert not nothing, f"{instead}, finish_reason {reply.finish_reason!r}"


@probe(
    "tools.finish-reason",
    failure="An answer with tool calls ends with an unknown finish_reason.",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS, issue("ml-explore/mlx-lm", 782)],
    remedy="End an answer that contains calls with finish_reason `tool_calls`.",
)
def test_calls_end_with_a_known_finish_reason(tool_reply: Reply) -> None:
    """An answer with tool calls ends with a finish_reason of the specification.

    Programs that run calls only after `tool_calls` never run them.
    """
    reason = tool_reply.finish_reason
    assert reason is None or reason in FINISH_REASONS, f"finish_reason is {reason!r}"


@probe(
    "tools.call-once",
    failure="A tool call comes again as text or reasoning.",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((KILO_CODE, KILO_CODE_LEGACY, AI_SDK), DEGRADES),
    source=[issue("mudler/LocalAI", 10000)],
    remedy="Send a call only as delta.tool_calls, and not again as reasoning or text.",
)
def test_a_call_is_not_repeated_as_text(tool_stream: Stream) -> None:
    """After a tool call, neither text nor reasoning repeats its name and arguments.

    The user finds JSON among the model's thoughts.
    """
    arguments = [call.arguments for call in tool_stream.calls if isinstance(call.arguments, str)]
    known = ["".join(text.split()) for text in arguments if len(text) > len('{"a":1}')]
    first = next((n for n, d in enumerate(tool_stream.deltas) if d.value.get("tool_calls")), 0)
    for delta in tool_stream.deltas[first + 1 :]:
        said = "".join(str(delta.value.get(name) or "") for name in ("content", "reasoning_content", "reasoning"))
        again = any(text in "".join(said.split()) for text in known)
        assert not again, f"the call comes again in words: {shorten(said)!r}"


@probe(
    "tools.function-role",
    failure="A history with the older role `function` gets no answer or a 5xx.",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("MeetKai/functionary", 141)],
    remedy="Accept messages with the role `function` like those with the role `tool`, or refuse them with 400.",
)
def test_the_role_function_is_accepted_or_refused(history_function_role: Talk) -> None:
    """A history with the older role `function` is accepted, or refused with 4xx.

    Programs that are older than `tools` still send it.
    """
    exchange = history_function_role.last
    assert exchange.status is not None and exchange.status < 500, exchange.summary
