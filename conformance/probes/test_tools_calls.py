"""The calls themselves, streamed or not: whether they can be run."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, ROO_CODE
from conformance.evidence.calls import Call
from conformance.evidence.chat import Completion, Reply
from conformance.evidence.exchange import shorten, shown
from conformance.probes.sources import (
    AI_SDK_CHAT,
    OPENAI_TOOLS,
    ROO_PARSER,
    ROO_PROVIDER,
    issue,
)
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.schema import misfits


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
    assert isinstance(raw, list), f"tool_calls is no list: {shown(raw)}"
    for entry in raw:
        function = entry.get("function") if isinstance(entry, dict) else None
        assert isinstance(function, dict), f"an entry without function: {shown(entry)}"
        assert entry.get("type") == "function", f"type is {entry.get('type')!r}"
        assert isinstance(entry.get("id"), str) and entry["id"], f"id is {entry.get('id')!r}"
        assert isinstance(function.get("name"), str), f"name is {function.get('name')!r}"
        arguments = function.get("arguments")
        assert isinstance(arguments, str), f"arguments are no text: {shown(arguments)}"


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
    begun = arguments.lstrip().startswith("{") and not arguments.rstrip().endswith("}")
    return " (the end is missing)" if begun else ""


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
            wrong = misfits(declared, call.parsed)
            assert not wrong, f"{call.name}: {'; '.join(wrong)}"


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
def test_only_declared_functions_are_called(success: Reply) -> None:
    """Every call names a declared function, letter for letter.

    The agents answer anything else with "unknown tool".
    """
    if not success.tools:
        return  # a call that nobody offered is another requirement's finding
    strangers = [call.name for call in success.calls if call.name and call.name not in success.tools]
    assert not strangers, f"called {shown(strangers[0])}; declared: {', '.join(success.tools)}"


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
