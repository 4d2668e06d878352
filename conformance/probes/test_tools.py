"""Native tool calls, streamed or not: whether they come when the request asks for them, and only then."""

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
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

FORCING = {AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES}  # the agents send only tool_choice auto
PARSER = f"Turn on native tool calling in the server ({settings()})"


@probe(
    "tools.accepted",
    failure="A streamed request with tools fails.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, ROO_TOOLS, issue("hidenobunagai/nvidia-nim-provider", 2), issue("ggml-org/llama.cpp", 10920)],
    remedy=f"Accept tools with tool_choice auto in streamed requests. {PARSER}.",
)
def test_a_streamed_request_with_tools_is_accepted(agent_turn: Talk) -> None:
    """A streamed request with tools (strict and not), tool_choice auto and parallel_tool_calls true is accepted.

    Roo Code sends only such requests, so without it no turn begins.
    """
    assert agent_turn.answered.ok, agent_turn.answered.summary


@probe(
    "tools.auto",
    failure="The model answers a task that needs a tool without a native tool call.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 10725)],
    remedy="Choose a model that is trained to call tools. Check that its chat template includes tools.",
    blame=Blame.MODEL,
)
def test_a_task_that_needs_a_tool_gets_a_call(agent_turn: Talk) -> None:
    """A task that needs a tool gets a native tool call under tool_choice auto.

    In Roo Code, an answer in words ends in "You did not use a tool" and, the second time, in "Model Response
    Incomplete".
    """
    replies = [r for e in agent_turn.exchanges if (r := as_reply(e))]
    if not replies:
        raise Blocked(agent_turn.answered.summary)
    if not any(r.text or r.calls or r.reasoning for r in replies):
        raise Blocked("the answer is empty")
    called = any(reply.calls for reply in replies)
    assert called, f"no tool call (tries: {len(replies)}); {said_instead(replies[-1])}"


@probe(
    "tools.required",
    failure="A request with tool_choice `required` gets no tool call.",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 9559), issue("vllm-project/vllm", 53255)],
    remedy="Make tool_choice `required` constrain the model to a tool call.",
)
def test_required_gives_a_call(forced_call: Talk) -> None:
    """tool_choice `required` gives a tool call.

    Programs that can only continue with a call get text instead.
    """
    _expect_call(forced_call)


@probe(
    "tools.named",
    failure="tool_choice names a function, but the answer does not call it, or calls others.",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 9559)],
    remedy="Make a tool_choice that names a function constrain the model to a call of that function.",
    over=["tool_named", "tool_named_stream"],
)
def test_the_named_function_is_called(talk: Talk) -> None:
    """A tool_choice that names a function gives calls of that function only, streamed or not.

    Programs that ask for one function cannot use a call of another.
    """
    names = {call.name for call in _expect_call(talk)}
    assert names == {"read_file"}, f"tool_choice names read_file, the answer calls: {', '.join(map(str, names))}"


def _expect_call(talk: Talk) -> tuple[Call, ...]:
    reply = accepted(talk)
    assert reply.calls, f"no tool call; {said_instead(reply)}, finish_reason {reply.finish_reason!r}"
    return reply.calls


@probe(
    "tools.none",
    failure="The answer contains a tool call although tool_choice is `none`.",
    category=TOOL_CALLING_ERRORS,
    severity=FORCING,
    source=[OPENAI_CHAT, issue("waybarrios/vllm-mlx", 173)],
    remedy="Suppress tool calls when tool_choice is `none`.",
)
def test_none_gives_no_call(tool_none: Talk) -> None:
    """tool_choice `none` gives no tool call, neither native nor printed as text.

    Programs that turn tools off for a request expect text.
    """
    reply = accepted(tool_none)
    names = [call.name for call in reply.calls]
    assert not names, f"the answer calls {names}"
    printed = tool_markup(reply.text) or unasked_call(reply.text, reply)
    assert not printed, f"a call is printed as text: {shorten(reply.text)!r}"


@probe(
    "tools.parallel",
    failure="The answer contains more than the two tool calls that the request asks for.",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=[OPENAI_TOOLS],
    remedy="No client breaks. Use a model or a tool-call parser that makes exactly the calls that the request asks for.",
    blame=Blame.MODEL,
    over=["parallel", "parallel_stream"],
)
def test_two_calls_in_one_answer_are_two(talk: Talk) -> None:
    """When a request asks for two tool calls in one answer, exactly two arrive."""
    reply = as_reply(talk.answered)
    if reply is None or not reply.calls:
        raise Blocked(f"no tool call to judge: {talk.answered.summary}")
    if len(reply.calls) == 1:
        raise Blocked("the model made one of the two calls that the request asks for", Blame.MODEL)
    cities = [c.parsed.get("city") if isinstance(c.parsed, dict) else MISSING for c in reply.calls]
    assert len(reply.calls) == 2, f"{len(reply.calls)} calls: {cities}"


@probe(
    "tools.parallel-off",
    failure="Several tool calls arrive although parallel_tool_calls is false.",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: DEGRADES},
    source=[OPENAI_CHAT, CLINE_PROVIDER, issue("sgl-project/sglang", 9696)],
    remedy="Make at most one call when parallel_tool_calls is false.",
)
def test_without_parallel_calls_one_arrives(parallel_off: Talk) -> None:
    """parallel_tool_calls false gives at most one tool call.

    Cline sends it with every request that has tools.
    """
    exchange = parallel_off.answered
    reply = as_reply(exchange)
    if reply is None:
        raise Blocked(exchange.summary)
    assert len(reply.calls) <= 1, f"{len(reply.calls)} calls although parallel_tool_calls is false"


@probe(
    "tools.no-arguments",
    failure="A call of a tool without parameters has empty arguments instead of `{}`.",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: BREAKS, ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[ROO_PARSER, CLINE_PROVIDER, issue("vercel/ai", 7326), issue("ollama/ollama", 11113)],
    remedy="Send `{}` as the arguments of a call of a tool without parameters.",
)
def test_a_call_without_arguments_sends_an_empty_object(no_argument_call: Talk) -> None:
    """A call of a tool without parameters has `{}` as its arguments.

    Cline drops a call whose arguments are an empty string.
    """
    exchange = no_argument_call.answered
    reply = as_reply(exchange)
    if reply is None or not reply.calls:
        raise Blocked(f"no tool call to judge: {exchange.summary}", Blame.MODEL if exchange.ok else Blame.PROVIDER)
    for call in [c for c in reply.calls if c.name]:
        empty = call.arguments is None or (isinstance(call.arguments, str) and call.arguments.strip() in ("", "null"))
        assert not empty, f"arguments are {call.arguments!r}"


@probe(
    "tools.finish-without-calls",
    failure="finish_reason is `tool_calls`, but the answer contains no tool call.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES) | {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS},
    source=[ROO_PROVIDER, issue("mudler/LocalAI", 6218), issue("anomalyco/opencode", 5139)],
    remedy="Send finish_reason `tool_calls` only when the answer contains calls.",
)
def test_finish_reason_tool_calls_comes_with_calls(reply: Reply) -> None:
    """finish_reason `tool_calls` comes only with tool calls.

    Clients wait for a call that never comes.
    """
    printed = tool_markup(reply.text) or unasked_call(reply.text, reply)
    assert reply.finish_reason != "tool_calls" or reply.calls or printed, (
        "finish_reason is tool_calls, but there is no call"
    )
