"""The tool calls themselves, streamed or not: whether a client can run them."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, ROO_CODE
from conformance.evidence.calls import Call
from conformance.evidence.chat import Completion, Reply
from conformance.evidence.exchange import shorten, shown
from conformance.probes.sources import AI_SDK_CHAT, OPENAI_TOOLS, ROO_PARSER, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.schema import misfits


@probe(
    "tools.call-shape",
    failure="A call in `message.tool_calls` lacks a field, or a field has the wrong type.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, AI_SDK_CHAT, issue("huggingface/text-generation-inference", 3075)],
    remedy='Send message.tool_calls as a list of {"id", "type": "function", "function": {"name", "arguments": string}}.',
)
def test_calls_have_their_fields(tool_completion: Completion) -> None:
    """`message.tool_calls` is a list of calls with an id, the type `function`, a name, and arguments as a string.

    Roo Code drops a call without `type`. The AI SDK refuses the answer when the arguments are an object.
    """
    raw = tool_completion.raw_calls
    assert isinstance(raw, list), f"tool_calls is not a list: {shown(raw)}"
    for entry in raw:
        function = entry.get("function") if isinstance(entry, dict) else None
        assert isinstance(function, dict), f"a call has no function: {shown(entry)}"
        assert entry.get("type") == "function", f"type is {entry.get('type')!r}"
        assert isinstance(entry.get("id"), str) and entry["id"], f"id is {entry.get('id')!r}"
        assert isinstance(function.get("name"), str), f"name is {function.get('name')!r}"
        arguments = function.get("arguments")
        assert isinstance(arguments, str), f"arguments are not a string: {shown(arguments)}"


@probe(
    "tools.arguments-json",
    failure="The arguments of a tool call are not one JSON object.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, AI_SDK_CHAT, issue("vllm-project/vllm", 32152), issue("envoyproxy/ai-gateway", 1466)],
    remedy="Send arguments whose fragments, joined, are exactly one JSON object: no placeholder before it, no copy after it.",
)
def test_arguments_are_one_json_object(tool_reply: Reply) -> None:
    """The arguments of every tool call are exactly one JSON object.

    Clients do not run a call with anything else. They answer that the call was invalid, and the model tries again
    until it gives up.
    """
    for call in _complete(tool_reply):
        if isinstance(call.arguments, str) and call.arguments.strip():
            found = f"{call.name}: arguments are {shorten(call.arguments)!r}"
            assert isinstance(call.parsed, dict), found + _hint(call.arguments)


def _complete(reply: Reply) -> tuple[Call, ...]:
    """The calls of a complete reply; raises Blocked when it broke off or reached the limit of tokens."""
    if reply.exchange.ended not in ("complete", "timed-out") or reply.finish_reason == "length":
        raise Blocked("the answer is incomplete")
    return reply.calls


def _hint(arguments: str) -> str:
    """What the damage looks like, to help find its cause."""
    if arguments.startswith("{}{"):
        return " (an empty object comes before the real one)"
    half = len(arguments) // 2
    if arguments[:half] == arguments[half:]:
        return " (the same arguments twice)"
    begun = arguments.lstrip().startswith("{") and not arguments.rstrip().endswith("}")
    return " (the end is missing)" if begun else ""


@probe(
    "tools.arguments-schema",
    failure="The arguments of a tool call do not fit the schema of the tool.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=[ROO_PARSER, OPENAI_TOOLS, issue("RooCodeInc/Roo-Code", 7406)],
    remedy="Use a stronger model, or a server that constrains arguments to the schema (strict mode, grammars).",
    blame=Blame.MODEL,
)
def test_arguments_fit_the_schema(tool_reply: Reply) -> None:
    """The arguments of every tool call fit the schema that the tool declares.

    The agent refuses a call with a missing or misnamed argument and asks the model again.
    """
    for call in _complete(tool_reply):
        declared = tool_reply.tools.get(str(call.name), {}).get("parameters")
        if isinstance(declared, dict) and isinstance(call.parsed, dict):
            wrong = misfits(declared, call.parsed)
            assert not wrong, f"{call.name}: {'; '.join(wrong)}"


@probe(
    "tools.declared-names",
    failure="A tool call names a function that the request does not declare.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, issue("mudler/LocalAI", 10059), issue("ml-explore/mlx-lm", 1756), issue("vercel/ai", 2786)],
    remedy="Send the name of a function exactly as the request declares it.",
)
def test_only_declared_functions_are_called(success: Reply) -> None:
    """Every tool call names a declared function, letter for letter.

    The agents answer any other name with "unknown tool".
    """
    altered = [name for name in _undeclared(success) if _declared_alike(name, success)]
    assert not altered, f"the answer calls {shown(altered[0])}; declared: {', '.join(success.tools)}"


def _undeclared(reply: Reply) -> list[str]:
    """The names in calls that the request does not declare; [] without tools, where chat.no-invented-calls judges."""
    return [str(call.name) for call in reply.calls if call.name and call.name not in reply.tools] if reply.tools else []


def _declared_alike(name: str, reply: Reply) -> bool:
    """True when the name has the letters of a declared one, or is one with something around it: no model writes that."""
    plain = _letters(name)
    return any(plain == (one := _letters(tool)) or one in plain or (plain and plain in one) for tool in reply.tools)


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


@probe(
    "tools.invented-names",
    failure="The model calls a function that does not exist.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, issue("ml-explore/mlx-lm", 1756), issue("vercel/ai", 2786)],
    remedy="Choose a model that is trained to call tools: this one invents their names.",
    blame=Blame.MODEL,
)
def test_no_function_is_invented(success: Reply) -> None:
    """The model calls only functions that the request offers.

    An agent answers "unknown tool". Kilo Code tells the model so and continues.
    """
    invented = [name for name in _undeclared(success) if not _declared_alike(name, success)]
    assert not invented, f"the answer calls {shown(invented[0])}; declared: {', '.join(success.tools)}"


@probe(
    "tools.ids-unique",
    failure="Several tool calls of one answer have the same id.",
    category=TOOL_CALLING_ERRORS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, AI_SDK: BREAKS, CLINE: BREAKS, KILO_CODE: DEGRADES},
    source=[ROO_PARSER, issue("mudler/LocalAI", 9470)],
    remedy="Give every call of an answer its own id.",
)
def test_call_ids_are_unique(tool_reply: Reply) -> None:
    """The tool calls of one answer have different ids.

    Clients that join fragments by id append the second call to the first and lose both.
    """
    ids = [call.id for call in tool_reply.calls if call.id]
    assert len(set(map(str, ids))) == len(ids), f"ids of one answer: {', '.join(map(str, ids))}"
