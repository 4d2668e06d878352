"""Faults of tool calling with requests or histories of one form, or in answers that should be text."""

from __future__ import annotations

import json
from itertools import pairwise

from conformance.reference.fault import fault
from conformance.reference.sources import commit, issue
from conformance.reference.stages import Reply, Request
from conformance.reference.turns import PLAIN, ROO_REFUSED


@fault(
    "tools-500",
    caught_by={
        "errors.no-server-error",
        "tools.accepted",
        "client.kilo-code-request",
        "client.roo-code-picture",
        "client.roo-code-request",
    },
    source=issue("ggml-org/llama.cpp", 10920),
)
def know_no_tools(request: Request) -> None:
    """A task with tools gets a server error: the server was started without tool support."""
    if request.body.get("tool_choice") == "auto" and not request.tool_messages:
        request.refuse(500, "Unsupported param: tools")


@fault(
    "schema-nullable-500",
    caught_by={
        "errors.no-server-error",
        "tools.nullable-ways",
        "tools.schema-nullable",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.kilo-code-request",
        "client.openai-python-turn",
    },
    source=issue("epam/ai-dial-adapter-vertexai", 219),
)
def crash_on_lists_of_types(request: Request) -> None:
    """A tool schema with a list of types gets a server error."""
    if '"type": [' in json.dumps([function.get("parameters") for function in request.tools]):
        request.refuse(500, "2 validation errors for GenerateContentConfig: Input should be a valid string")


@fault(
    "schema-description-wanted",
    caught_by={"tools.accepted", "tools.schema-bare", "client.kilo-code-legacy-turn"} | ROO_REFUSED,
    source=commit("oobabooga/text-generation-webui", "f9ed8820"),
)
def want_descriptions(request: Request) -> None:
    """A tool without a description is refused with 422."""
    if any("description" not in function for function in request.tools):
        request.refuse(422, "tools[0].function.description: field required", "tools")


@fault(
    "history-without-reasoning-refused",
    caught_by={
        "tools.round-trip",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.kilo-code-request",
        "client.openai-python-turn",
        "client.roo-code-cached",
        "client.roo-code-r1",
        "client.roo-code-request",
    },
    source=issue("AgentiLoop/Agent", 22),
)
def want_reasoning_back(request: Request) -> None:
    """In streams, an assistant message with a tool call is refused when it comes back without its reasoning."""
    if request.streams and any("reasoning_content" not in one for one in request.calling_messages):
        text = "The reasoning_content in the thinking mode must be passed back to the API."
        request.refuse(400, text, "messages")


@fault(
    "results-without-name-refused",
    caught_by={
        "tools.round-trip",
        "client.ai-sdk-turn",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.kilo-code-request",
        "client.openai-python-turn",
        "client.roo-code-cached",
        "client.roo-code-r1",
        "client.roo-code-request",
    },
    source=issue("NousResearch/hermes-agent", 19728),
)
def want_names_of_results(request: Request) -> None:
    """In streams, a tool result without the function's name is refused."""
    if request.streams and any("name" not in one for one in request.tool_messages):
        request.refuse(400, "Request contains an invalid argument.", "messages")


@fault(
    "history-then-user-unanswered",
    caught_by={
        "tools.history-then-user",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.roo-code-cached",
        "client.roo-code-r1",
        "client.roo-code-request",
    }
    | PLAIN,
    source=issue("deepseek-ai/DeepSeek-V3", 1588),
)
def lose_results_before_a_message(request: Request) -> None:
    """A tool result is lost when an agent's description of its environment follows it."""
    turns = pairwise(request.messages)
    behind = (last for first, last in turns if first.get("role") == "tool" and last.get("role") == "user")
    if any("<environment_details>" in str(message.get("content")) for message in behind):
        request.refuse(400, "No tool output found for tool call call_00_conformance.", "messages")


@fault(
    "function-role-500",
    caught_by={"errors.no-server-error", "tools.function-role"},
    source=issue("MeetKai/functionary", 141),
)
def fail_on_the_older_role(request: Request) -> None:
    """The role `function` fails an assertion of the prompt template."""
    if any(message.get("role") == "function" for message in request.messages):
        request.refuse(500, "AssertionError")


@fault(
    "call-in-place-of-text",
    caught_by={"tools.invented-names", "tools.none"},
    source=issue("huggingface/text-generation-inference", 3094),
)
def call_instead_of_talking(reply: Reply) -> None:
    """When tools are offered, a text answer comes as a call of a tool that the request does not declare."""
    for choice in reply.choices if reply.request.tools else []:
        message = choice["message"]
        if message["content"]:
            function = {"name": "notify_error", "arguments": json.dumps({"error": message["content"]})}
            message["tool_calls"] = [{"id": "call_notify", "type": "function", "function": function}]
            message["content"], choice["finish_reason"] = None, "tool_calls"


@fault(
    "json-taken-for-call",
    caught_by={"chat.no-invented-calls", "params.json-mode"},
    source=issue("waybarrios/vllm-mlx", 356),
)
def take_json_for_a_call(reply: Reply) -> None:
    """Requested JSON is read as a tool call, and the content is empty."""
    for choice in reply.choices if reply.request.body.get("response_format") else []:
        function = {"name": "sky", "arguments": choice["message"]["content"]}
        choice["message"]["tool_calls"] = [{"id": "call_0", "type": "function", "function": function}]
        choice["message"]["content"], choice["finish_reason"] = "", "tool_calls"


@fault(
    "call-in-two-entries",
    caught_by={
        "tools.arguments-json",
        "tools.call-shape",
        "tools.named",
        "tools.parallel",
        "tools.parallel-off",
        "toolstream.same-as-completion",
    }
    | PLAIN,
    source=issue("sgl-project/sglang", 23071),
)
def split_the_call(reply: Reply) -> None:
    """A call comes as two entries: one with id and name, then one without either, with its arguments twice."""
    for message in reply.messages:
        calls = message.get("tool_calls") or []
        for call in [*calls]:
            twice = {"name": None, "arguments": call["function"]["arguments"] * 2}
            calls.insert(calls.index(call) + 1, {"id": None, "type": "function", "function": twice})
            call["function"]["arguments"] = ""
