"""Native tool calls, streamed or not: whether they come, and whether they can be run."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from conformance.categories import TOOL_CALLING_ERRORS
from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Call, Completion, Reply
from conformance.evidence.exchange import MISSING, shorten
from conformance.evidence.kinds import as_reply
from conformance.evidence.markup import tool_markup
from conformance.judge import Talk
from conformance.probe import BREAKS, DEGRADES, Blame, Blocked, everyone, probe
from conformance.probes.readable import accepted
from conformance.probes.sources import (
    AI_SDK_CHAT,
    CLINE_PROVIDER,
    OPENAI_CHAT,
    OPENAI_TOOLS,
    ROO_PARSER,
    ROO_PROVIDER,
    ROO_TOOLS,
    issue,
)

FORCING = {AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES}  # the agents themselves send tool_choice auto only
PARSER = "Turn native tool calling on in the server (vLLM: --enable-auto-tool-choice --tool-call-parser; llama.cpp: --jinja)"


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
    said = replies[-1].text or replies[-1].reasoning
    assert called, f"no call in {len(replies)} tries; the model wrote {shorten(said)!r}"


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
)
def test_the_named_function_is_called(tool_named: Talk) -> None:
    """A tool_choice that names a function gives a call of that function and no other."""
    names = {call.name for call in _expect_call(tool_named)}
    assert names == {"read_file"}, f"read_file was named, called: {', '.join(map(str, names))}"


def _expect_call(talk: Talk) -> tuple[Call, ...]:
    reply = accepted(talk)
    assert reply.calls, (
        f"no call; the answer is {shorten(reply.text)!r}, finish_reason {reply.finish_reason!r}"
    )
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
    assert not tool_markup(reply.text), f"the text holds {tool_markup(reply.text)!r}: {shorten(reply.text)!r}"


@probe(
    "tools.call-shape",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, AI_SDK_CHAT, issue("huggingface/text-generation-inference", 3075)],
    remedy='Send message.tool_calls as a list of {"id", "type": "function", "function": {"name", "arguments": text}}.',
)
def test_calls_have_their_members(tool_completion: Completion) -> None:
    """`message.tool_calls` is a list whose entries have an id, type `function`, a name, and arguments as a text.

    Roo Code drops an entry without type, the AI SDK refuses the answer when arguments are an object.
    """
    raw = tool_completion.raw_calls
    assert isinstance(raw, list), f"tool_calls is no list: {shorten(repr(raw))}"
    for entry in raw:
        function = entry.get("function") if isinstance(entry, dict) else None
        assert isinstance(function, dict), f"an entry without function: {shorten(repr(entry))}"
        assert entry.get("type") == "function", f"type is {entry.get('type')!r}"
        assert isinstance(entry.get("id"), str) and entry["id"], f"id is {entry.get('id')!r}"
        assert isinstance(function.get("name"), str), f"name is {function.get('name')!r}"
        arguments = function.get("arguments")
        assert isinstance(arguments, str), f"arguments are no text: {shorten(repr(arguments))}"


@probe(
    "tools.arguments-json",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, AI_SDK_CHAT, issue("vllm-project/vllm", 32152), issue("envoyproxy/ai-gateway", 1466)],
    remedy="Send arguments whose fragments, joined, are exactly one JSON object: no placeholder before, no copy after.",
)
def test_arguments_are_one_json_object(tool_reply: Reply) -> None:
    """The arguments of every call are exactly one JSON object.

    Otherwise the call is not run: the model is told that its call was invalid and tries again, until it gives up.
    """
    for call in _complete(tool_reply):
        if isinstance(call.arguments, str) and call.arguments.strip():
            told = f"{call.name}: arguments are {shorten(call.arguments)!r}"
            assert isinstance(call.parsed, dict), told + _damage(call.arguments)


def _complete(reply: Reply) -> tuple[Call, ...]:
    """The calls of a reply that came to its end and was not cut by a cap; raises Blocked otherwise."""
    if reply.exchange.ended not in ("complete", "timed-out") or reply.finish_reason == "length":
        raise Blocked("the answer was cut")
    return reply.calls


def _damage(arguments: str) -> str:
    """What kind of damage it looks like, for the person who has to find it."""
    if arguments.startswith("{}{"):
        return " (an empty object comes before the real one)"
    half = len(arguments) // 2
    if arguments[:half] == arguments[half:]:
        return " (the same arguments twice)"
    return " (the end is missing)" if not arguments.rstrip().endswith("}") else ""


@probe(
    "tools.arguments-schema",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=[ROO_PARSER, OPENAI_TOOLS, issue("RooCodeInc/Roo-Code", 7406)],
    remedy="Use a stronger model, or a server that constrains arguments to the schema (strict mode, grammars).",
    blame=Blame.MODEL,
)
def test_arguments_fit_the_schema(tool_reply: Reply) -> None:
    """The arguments of every call fit the schema that the tool declares.

    A missing or misnamed argument makes the agent refuse the call and ask the model again.
    """
    for call in _complete(tool_reply):
        declared = tool_reply.tools.get(str(call.name), {}).get("parameters")
        if isinstance(declared, dict) and isinstance(call.parsed, dict):
            wrong = _misfit(declared, call.parsed)
            assert not wrong, f"{call.name}: {wrong}"


def _misfit(declared: dict[str, Any], arguments: dict[str, Any]) -> str:
    try:
        errors = sorted(
            Draft202012Validator(declared).iter_errors(arguments), key=lambda e: list(map(str, e.path))
        )
    except SchemaError:
        return ""
    return "; ".join(f"{e.json_path}: {shorten(e.message)}" for e in errors[:3])


@probe(
    "tools.declared-names",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        ROO_PARSER,
        issue("mudler/LocalAI", 10059),
        issue("ml-explore/mlx-lm", 1756),
        issue("vercel/ai", 2786),
    ],
    remedy="Call functions by exactly the name they were declared with.",
)
def test_only_declared_functions_are_called(tool_reply: Reply) -> None:
    """Every call names a declared function, letter for letter.

    The agents answer anything else with "unknown tool".
    """
    strangers = [call.name for call in tool_reply.calls if call.name not in tool_reply.tools and call.name]
    assert not strangers, f"called {shorten(repr(strangers[0]))}; declared: {', '.join(tool_reply.tools)}"


@probe(
    "tools.ids-unique",
    category=TOOL_CALLING_ERRORS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, AI_SDK: BREAKS, CLINE: BREAKS, KILO_CODE: DEGRADES},
    source=[ROO_PARSER, issue("mudler/LocalAI", 9470)],
    remedy="Give every call of an answer an id of its own.",
)
def test_call_ids_are_unique(tool_reply: Reply) -> None:
    """The calls of one answer have different ids.

    Clients that join fragments by id append the second call to the first, and lose both.
    """
    ids = [call.id for call in tool_reply.calls if call.id]
    assert len(set(map(str, ids))) == len(ids), f"ids of one answer: {', '.join(map(str, ids))}"


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
    assert reply.finish_reason != "tool_calls" or reply.calls or tool_markup(reply.text), (
        "finish_reason is tool_calls, but there is no call"
    )
