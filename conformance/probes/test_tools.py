"""Native tool calls, streamed or not: whether they come, and whether they can be run."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.calls import Call
from conformance.evidence.chat import Reply
from conformance.evidence.exchange import MISSING, shorten
from conformance.evidence.kinds import as_reply
from conformance.evidence.markup import tool_markup, unasked_call
from conformance.probes.parsers import settings
from conformance.probes.printed import said_instead
from conformance.probes.readable import accepted
from conformance.probes.sources import (
    CLINE_PROVIDER,
    OPENAI_CHAT,
    OPENAI_TOOLS,
    ROO_PARSER,
    ROO_PROVIDER,
    ROO_TOOLS,
    issue,
)
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

FORCING = {AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES}  # the agents themselves send tool_choice auto only
PARSER = f"Turn native tool calling on in the server ({settings()})"


@probe(
    "tools.accepted",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        ROO_PROVIDER,
        ROO_TOOLS,
        issue("hidenobunagai/nvidia-nim-provider", 2),
        issue("ggml-org/llama.cpp", 10920),
    ],
    remedy=f"Accept tools with tool_choice auto in streamed requests. {PARSER}.",
)
def test_an_agents_turn_is_accepted(agent_turn: Talk) -> None:
    """A streamed request with tools (strict and not), tool_choice auto and parallel_tool_calls true is accepted.

    Roo Code sends nothing else: without it no turn begins.
    """
    assert agent_turn.answered.ok, agent_turn.answered.summary


@probe(
    "tools.auto",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 10725)],
    remedy="Use a model that is trained to call tools; check that the chat template of the model includes tools.",
    blame=Blame.MODEL,
)
def test_a_task_that_needs_a_tool_gets_a_call(agent_turn: Talk) -> None:
    """A task that needs a tool is answered with a native tool call under tool_choice auto.

    Answering in words ends in "You did not use a tool", and in the second time in "Model Response Incomplete".
    """
    replies = [r for e in agent_turn.exchanges if (r := as_reply(e))]
    if not replies:
        raise Blocked(agent_turn.answered.summary)
    if not any(r.text or r.calls or r.reasoning for r in replies):
        raise Blocked("the answer is empty")
    called = any(reply.calls for reply in replies)
    assert called, f"no call in {len(replies)} tries; {said_instead(replies[-1])}"


@probe(
    "tools.required",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 9559), issue("vllm-project/vllm", 53255)],
    remedy="Obey tool_choice `required`: constrain the model to a call.",
)
def test_a_required_call_comes(forced_call: Talk) -> None:
    """tool_choice `required` gives a tool call."""
    _expect_call(forced_call)


@probe(
    "tools.named",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 9559)],
    remedy="Obey a tool_choice that names a function: constrain the model to a call of that function.",
    over=["tool_named", "tool_named_stream"],
)
def test_the_named_function_is_called(talk: Talk) -> None:
    """A tool_choice that names a function gives a call of that function and no other, streamed or not."""
    names = {call.name for call in _expect_call(talk)}
    assert names == {"read_file"}, f"read_file was named, called: {', '.join(map(str, names))}"


def _expect_call(talk: Talk) -> tuple[Call, ...]:
    reply = accepted(talk)
    assert reply.calls, f"no call; {said_instead(reply)}, finish_reason {reply.finish_reason!r}"
    return reply.calls


@probe(
    "tools.none",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("waybarrios/vllm-mlx", 173)],
    remedy="Make no call when tool_choice is `none`.",
)
def test_no_call_when_tools_are_forbidden(tool_none: Talk) -> None:
    """tool_choice `none` gives no tool call, neither a native one nor one printed as text."""
    reply = accepted(tool_none)
    names = [call.name for call in reply.calls]
    assert not names, f"called {names}"
    printed = tool_markup(reply.text) or unasked_call(reply.text, reply)
    assert not printed, f"a call is printed as text: {shorten(reply.text)!r}"


@probe(
    "tools.parallel",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=[OPENAI_TOOLS],
    remedy="Nothing breaks: agents then work one call at a time. A model or parser that makes several calls is faster.",
    blame=Blame.MODEL,
    over=["parallel", "parallel_stream"],
)
def test_two_calls_come_in_one_answer(talk: Talk) -> None:
    """Two calls that are asked for in one answer both come."""
    reply = as_reply(talk.answered)
    if reply is None or not reply.calls:
        raise Blocked(f"no call to look at: {talk.answered.summary}")
    if len(reply.calls) == 1:
        raise Blocked("the model made one call where two were asked for", Blame.MODEL)
    cities = [c.parsed.get("city") if isinstance(c.parsed, dict) else MISSING for c in reply.calls]
    assert len(reply.calls) == 2, f"{len(reply.calls)} calls: {cities}"


@probe(
    "tools.parallel-off",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: DEGRADES},
    source=[OPENAI_CHAT, CLINE_PROVIDER, issue("sgl-project/sglang", 9696)],
    remedy="Make at most one call when parallel_tool_calls is false.",
)
def test_one_call_when_parallel_calls_are_off(parallel_off: Talk) -> None:
    """parallel_tool_calls false gives at most one call."""
    exchange = parallel_off.answered
    reply = as_reply(exchange)
    if reply is None:
        raise Blocked(exchange.summary)
    assert len(reply.calls) <= 1, f"{len(reply.calls)} calls although parallel_tool_calls is false"


@probe(
    "tools.no-arguments",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: BREAKS, ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[ROO_PARSER, CLINE_PROVIDER, issue("vercel/ai", 7326), issue("ollama/ollama", 11113)],
    remedy="Send `{}` as the arguments of a call without arguments.",
)
def test_a_call_without_arguments_sends_an_empty_object(no_argument_call: Talk) -> None:
    """A call of a tool without parameters sends `{}` as its arguments.

    Cline drops a call whose arguments are an empty text.
    """
    exchange = no_argument_call.answered
    reply = as_reply(exchange)
    if reply is None or not reply.calls:
        raise Blocked(
            f"no call to look at: {exchange.summary}", Blame.MODEL if exchange.ok else Blame.PROVIDER
        )
    for call in [c for c in reply.calls if c.name]:
        empty = call.arguments is None or (
            isinstance(call.arguments, str) and call.arguments.strip() in ("", "null")
        )
        assert not empty, f"arguments are {call.arguments!r}"


@probe(
    "tools.finish-without-calls",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES) | {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS},
    source=[ROO_PROVIDER, issue("mudler/LocalAI", 6218), issue("anomalyco/opencode", 5139)],
    remedy="Say finish_reason tool_calls only when the answer holds calls.",
)
def test_tool_calls_is_said_only_with_calls(reply: Reply) -> None:
    """finish_reason `tool_calls` comes only with tool calls.

    Clients wait for a call that never comes.
    """
    printed = tool_markup(reply.text) or unasked_call(reply.text, reply)
    assert reply.finish_reason != "tool_calls" or reply.calls or printed, (
        "finish_reason is tool_calls, but there is no call"
    )
