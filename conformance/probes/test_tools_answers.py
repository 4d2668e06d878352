"""Answers to requests that offer tools, as a whole: something comes, it ends with a known word, and says nothing twice."""

from __future__ import annotations

from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON
from conformance.evidence.chat import FINISH_REASONS, Reply, Stream
from conformance.evidence.exchange import Ended, Lost, shorten
from conformance.probes.sources import OPENAI_CHAT, OPENAI_TOOLS, ROO_PROVIDER, issue
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "tools.answers",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        ROO_PROVIDER,
        issue("vllm-project/vllm", 21544),
        issue("waybarrios/vllm-mlx", 433),
        issue("MoonshotAI/Kimi-K2", 89),
    ],
    remedy="Hand on what the parser of tool calls cannot read as text; look for calls inside the reasoning as well.",
    needs=[Lost.PURPOSE],
)
def test_something_comes_where_tools_are_offered(reply: Reply) -> None:
    """An answer to a request with tools holds text or a call, not nothing and not reasoning alone.

    It is thrown away and asked for again, for as long as the user watches.
    """
    exchange = reply.exchange
    whole = exchange.ended is Ended.COMPLETE and reply.finish_reason in ("stop", "tool_calls")
    if not whole or not exchange.request.field("tools"):
        return
    nothing = not (reply.text.strip() or reply.calls)
    instead = f"only reasoning: {shorten(reply.reasoning)!r}" if reply.reasoning else "nothing at all"
    assert not nothing, f"{instead}, finish_reason {reply.finish_reason!r}"


@probe(
    "tools.finish-reason",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS, issue("ml-explore/mlx-lm", 782)],
    remedy="End an answer that makes calls with finish_reason `tool_calls`.",
)
def test_calls_end_with_a_known_word(tool_reply: Reply) -> None:
    """An answer with calls ends with a finish_reason of the specification.

    Programs that run calls when it says `tool_calls` never run them.
    """
    reason = tool_reply.finish_reason
    assert reason is None or reason in FINISH_REASONS, f"finish_reason is {reason!r}"


@probe(
    "tools.call-once",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((KILO_CODE, KILO_CODE_LEGACY, AI_SDK), DEGRADES),
    source=[issue("mudler/LocalAI", 10000)],
    remedy="Send a call as delta.tool_calls, and not once more as reasoning or text.",
)
def test_a_call_is_not_told_again(tool_stream: Stream) -> None:
    """After a call neither text nor reasoning repeats its name and arguments.

    The user finds JSON among the model's thoughts.
    """
    arguments = [call.arguments for call in tool_stream.calls if isinstance(call.arguments, str)]
    telling = ["".join(text.split()) for text in arguments if len(text) > len('{"a":1}')]
    first = next((n for n, d in enumerate(tool_stream.deltas) if d.value.get("tool_calls")), 0)
    for delta in tool_stream.deltas[first + 1 :]:
        said = "".join(
            str(delta.value.get(name) or "") for name in ("content", "reasoning_content", "reasoning")
        )
        again = any(text in "".join(said.split()) for text in telling)
        assert not again, f"the call comes once more as words: {shorten(said)!r}"


@probe(
    "tools.function-role",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("MeetKai/functionary", 141)],
    remedy="Take messages with the role `function` like those with the role `tool`, or refuse them with 400.",
)
def test_the_older_role_is_taken_or_refused(history_function_role: Talk) -> None:
    """A history in the older form, with the role `function`, is accepted or refused with 4xx.

    Programs that are older than `tools` still send it.
    """
    exchange = history_function_role.last
    assert exchange.status is not None and exchange.status < 500, exchange.summary
