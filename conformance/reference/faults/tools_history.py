"""Faults of what requests with tools contain: histories of calls and results, and the tools' schemas."""

from __future__ import annotations

import json
from itertools import pairwise

from conformance.reference.fault import fault
from conformance.reference.sources import FUNCTIONS, issue
from conformance.reference.stages import Request
from conformance.reference.turns import AGENTS_REFUSED, PLAIN, ROO_REFUSED


def _schemas(request: Request) -> str:
    return json.dumps([function.get("parameters") for function in request.tools])


@fault(
    "history-empty-content-refused",
    caught_by={
        "tools.history-empty-content",
        "client.kilo-code-legacy-turn",
        "client.roo-code-cached",
        "client.roo-code-request",
    }
    | PLAIN,
    source=issue("vercel/ai", 13744),
)
def refuse_empty_content(request: Request) -> None:
    """An assistant message with a call and content "" is refused."""
    if any(message.get("content") == "" for message in request.calling_messages):
        request.refuse(400, "messages: text content blocks must be non-empty", "messages")


@fault(
    "history-null-content-refused",
    caught_by={
        "tools.history-null-content",
        "client.ai-sdk-turn",
        "client.cline-turn",
        "client.kilo-code-request",
        "client.openai-python-turn",
        "client.roo-code-r1",
    },
    source=issue("ml-explore/mlx-lm", 186),
)
def refuse_null_content(request: Request) -> None:
    """An assistant message with a call and content null is refused."""
    if any(message.get("content") is None for message in request.calling_messages):
        request.refuse(400, "messages: content must be a string", "messages")


@fault(
    "history-foreign-ids-refused",
    caught_by={"tools.history-foreign-ids", "client.cline-turn", "client.kilo-code-legacy-turn"},
    source=issue("langchain-ai/langchain", 24668),
)
def refuse_foreign_ids(request: Request) -> None:
    """Call ids that do not begin with `call_` are refused."""
    if any(not str(message.get("tool_call_id")).startswith("call_") for message in request.tool_messages):
        request.refuse(400, "Tool call id must begin with call_", "messages")


@fault(
    "history-empty-result-refused", caught_by={"tools.history-empty-result"}, source=issue("RooCodeInc/Roo-Code", 10672)
)
def refuse_empty_results(request: Request) -> None:
    """A tool result that is an empty string is refused."""
    if any(message.get("content") == "" for message in request.tool_messages):
        request.refuse(400, "Tool message content must not be empty", "messages")


@fault(
    "history-then-user-refused",
    caught_by={
        "tools.history-then-user",
        "tools.history-without-tools",
        "errors.no-server-error",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.roo-code-cached",
        "client.roo-code-r1",
        "client.roo-code-request",
    }
    | PLAIN,
    source=issue("eclipse-theia/theia", 17104),
)
def want_roles_in_turn(request: Request) -> None:
    """A user message right after a tool result gets an exception of the chat template."""
    roles = [message.get("role") for message in request.messages]
    if ("tool", "user") in pairwise(roles):
        request.refuse(500, "jinja2.exceptions.TemplateError: roles must alternate user/assistant")


@fault(
    "history-reasoning-refused",
    caught_by={"tools.history-reasoning", "client.ai-sdk-turn"},
    source=issue("AgentiLoop/Agent", 22),
)
def refuse_reasoning(request: Request) -> None:
    """An assistant message that echoes its reasoning_content is refused."""
    if any("reasoning_content" in message for message in request.messages):
        request.refuse(400, "Unrecognized message field: 'reasoning_content'", "messages")


@fault("history-text-parts-refused", caught_by={"tools.history-text-parts"}, source=issue("Neroued/ninfer", 57))
def refuse_results_in_parts(request: Request) -> None:
    """A tool result whose content is an array of parts is refused."""
    if any(isinstance(message.get("content"), list) for message in request.tool_messages):
        request.refuse(400, "Tool message content must be a string", "messages")


@fault("history-without-tools-refused", caught_by={"tools.history-without-tools"}, source=FUNCTIONS)
def want_tools_with_calls(request: Request) -> None:
    """A history with calls is refused when the request offers no tools."""
    if request.calling_messages and not request.tools:
        request.refuse(400, "Requests with tool calls in their messages must define tools", "tools")


@fault(
    "own-ids-refused",
    caught_by={"tools.round-trip", "client.cline-turn", "client.kilo-code-request", "client.roo-code-request"},
    source=issue("jundot/omlx", 1997),
)
def refuse_own_ids(request: Request) -> None:
    """The server does not accept the call ids that it created itself."""
    if any(len(str(message.get("tool_call_id"))) == len("call_") + 24 for message in request.tool_messages):
        request.refuse(400, "Invalid tool call id", "messages")


@fault("calls-again", caught_by={"tools.continues"}, source=FUNCTIONS)
def call_again(request: Request) -> None:
    """After a tool result the model makes the identical call again."""
    if request.tool_messages and request.tools and request.streams:
        request.body["tool_choice"] = "required"


@fault(
    "schema-nullable-refused",
    caught_by={"tools.nullable-ways"}
    | {
        "tools.schema-nullable",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.kilo-code-request",
        "client.openai-python-turn",
    },
    source=issue("ollama/ollama", 5990),
)
def refuse_lists_of_types(request: Request) -> None:
    """A tool schema with a list of types is refused."""
    if '"type": [' in _schemas(request):
        request.refuse(400, "json: cannot unmarshal array into field type of type string", "tools")


@fault(
    "schema-any-of-refused",
    caught_by={"tools.nullable-ways"}
    | {"tools.schema-any-of", "client.ai-sdk-turn", "client.kilo-code-legacy-turn", "client.kilo-code-request"}
    | ROO_REFUSED,
    source=issue("databricks/unity-gateway", 491),
)
def refuse_any_of(request: Request) -> None:
    """A tool schema with `anyOf` or `$schema` is refused."""
    if any(word in _schemas(request) for word in ('"anyOf"', '"$schema"')):
        request.refuse(400, "Invalid tool schema: unsupported keyword", "tools")


@fault("nullable-refused", caught_by={"tools.nullable-ways"}, source=issue("RooCodeInc/Roo-Code", 10198))
def refuse_nullable(request: Request) -> None:
    """A tool schema with `nullable` is refused."""
    if '"nullable"' in _schemas(request):
        request.refuse(400, "Invalid tool schema: unsupported keyword 'nullable'", "tools")


@fault(
    "schema-format-refused",
    caught_by={"tools.schema-any-of"} | AGENTS_REFUSED,
    source=issue("RooCodeInc/Roo-Code", 10198),
)
def refuse_formats(request: Request) -> None:
    """A tool schema with a `format` is refused."""
    if '"format"' in _schemas(request):
        request.refuse(400, "Invalid tool schema: format 'uri' is not supported", "tools")


@fault("schema-bare-refused", caught_by={"tools.schema-bare"}, source=issue("ggml-org/llama.cpp", 17667))
def want_parameters(request: Request) -> None:
    """A tool without `parameters` is refused."""
    if any("parameters" not in function for function in request.tools):
        request.refuse(400, "tools[0].function: missing key 'parameters'", "tools")


@fault("long-names-refused", caught_by={"tools.names"} | AGENTS_REFUSED, source=issue("QwenLM/Qwen3-VL", 2069))
def refuse_long_names(request: Request) -> None:
    """A tool name of more than 48 characters is refused."""
    if any(len(function.get("name", "")) > 48 for function in request.tools):
        request.refuse(400, "Function name is too long", "tools")


@fault("many-tools-refused", caught_by={"tools.many"} | AGENTS_REFUSED, source=issue("zed-industries/zed", 32946))
def refuse_many_tools(request: Request) -> None:
    """A request with more than sixteen tools is refused."""
    if len(request.tools) > 16:
        request.refuse(400, "At most 16 tools are supported", "tools")


@fault("results-in-order-only", caught_by={"tools.history-order"}, source=issue("JustVugg/colibri", 118))
def want_results_in_order(request: Request) -> None:
    """Tool results must come in the order of their calls."""
    asked = [call["id"] for message in request.calling_messages for call in message["tool_calls"]]
    answered = [message.get("tool_call_id") for message in request.tool_messages]
    if len(set(asked)) == len(asked) and set(answered) <= set(asked) and answered != sorted(answered, key=asked.index):
        request.refuse(400, "messages: tool results do not match the order of tool_calls", "messages")


@fault("one-result-a-turn", caught_by={"tools.history-order"}, source=issue("JustVugg/colibri", 118))
def keep_one_result(request: Request) -> None:
    """Only the first result of several parallel calls is read."""
    messages = request.messages
    for before, message in pairwise(messages):
        if before.get("role") == "tool" == message.get("role"):
            message["content"] = ""
