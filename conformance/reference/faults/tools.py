"""Faults of tool calling: requests that are refused or ignored, and calls that differ from the request."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply, Request
from conformance.reference.turns import PLAIN


def _functions(reply: Reply) -> list[dict[str, Any]]:
    return [call["function"] for call in reply.calls]


def _drop_choice(request: Request, kind: object) -> None:
    """Treat a tool_choice as missing, which leaves a short prompt without a call."""
    if request.body.get("tool_choice") == kind:
        del request.body["tool_choice"]


@fault(
    "tools-refused",
    caught_by={"tools.accepted", "client.kilo-code-request", "client.roo-code-picture", "client.roo-code-request"},
    source=issue("hidenobunagai/nvidia-nim-provider", 2),
)
def refuse_automatic_tools(request: Request) -> None:
    """tool_choice `auto` is refused: the server was started without it."""
    if request.body.get("tool_choice") == "auto" and not request.tool_messages:
        request.refuse(400, '"auto" tool choice requires --enable-auto-tool-choice to be set', "tool_choice")


@fault("calls-lost-when-required", caught_by={"tools.required"}, source=issue("mudler/LocalAI", 10638))
def lose_calls_of_completions(reply: Reply) -> None:
    """A required call does not come in answers that are not streamed."""
    if reply.request.body.get("tool_choice") == "required":
        _talk_instead(reply)


def _talk_instead(reply: Reply) -> None:
    for choice in reply.choices:
        if choice["message"].pop("tool_calls", None):
            choice["message"]["content"] = "I would need a tool for that."
            choice["finish_reason"] = "stop"


@fault("named-tool-ignored", caught_by={"tools.named"}, source=issue("mudler/LocalAI", 9559))
def choose_another_tool(request: Request) -> None:
    """A tool_choice that names a function is ignored: the model calls another one."""
    wanted = request.body.get("tool_choice")
    names = [function["name"] for function in request.tools if "name" in function]
    if isinstance(wanted, dict) and len(names) > 1:
        named = wanted.get("function", {}).get("name")
        other = next(name for name in names if name != named)
        request.body["tool_choice"] = {"type": "function", "function": {"name": other}}


@fault("named-tool-ignored-in-streams", caught_by={"tools.named"}, source=issue("mudler/LocalAI", 9559))
def choose_another_tool_in_streams(request: Request) -> None:
    """A tool_choice that names a function is ignored in streams."""
    if request.streams:
        choose_another_tool(request)


@fault("tool-choice-none-ignored", caught_by={"tools.none"}, source=issue("waybarrios/vllm-mlx", 173))
def call_in_spite_of_none(request: Request) -> None:
    """tool_choice `none` is ignored."""
    _drop_choice(request, "none")


@fault("calls-not-chosen", caught_by={"tools.auto"}, source=issue("deepseek-ai/DeepSeek-V3", 1244))
def never_call_by_itself(request: Request) -> None:
    """Under tool_choice `auto` the model never calls a tool."""
    if request.body.get("tool_choice") == "auto":
        request.body["tool_choice"] = "none"


@fault(
    "calls-as-text",
    caught_by={"tools.required", "tools.named", "chat.no-markup"},
    source=issue("RooCodeInc/Roo-Code", 10349),
)
def write_calls_into_the_text(reply: Reply) -> None:
    """Calls are written into the text, in the markup of the model's template."""
    for choice in reply.choices:
        calls = choice["message"].pop("tool_calls", [])
        if calls:
            bodies = [json.dumps({"name": one["function"]["name"]}) for one in calls]
            choice["message"]["content"] = "".join(f"<tool_call>\n{body}\n</tool_call>" for body in bodies)
            choice["finish_reason"] = "stop"


@fault(
    "arguments-as-object",
    caught_by={"tools.call-shape"} | PLAIN,
    source=issue("huggingface/text-generation-inference", 3076),
)
def send_arguments_as_object(reply: Reply) -> None:
    """The arguments of a call are an object instead of JSON text."""
    for function in _functions(reply):
        function["arguments"] = json.loads(function["arguments"])


@fault(
    "calls-as-object",
    caught_by={"tools.call-shape"} | PLAIN,
    source=issue("huggingface/text-generation-inference", 3075),
)
def send_calls_without_a_list(reply: Reply) -> None:
    """`tool_calls` is a single call instead of a list."""
    for message in reply.messages:
        if len(message.get("tool_calls") or []) == 1:
            message["tool_calls"] = message["tool_calls"][0]


@fault("call-without-id", caught_by={"tools.call-shape"} | PLAIN, source=issue("sgl-project/sglang", 7048))
def drop_call_ids(reply: Reply) -> None:
    """Calls have no id in answers that are not streamed."""
    for call in reply.calls:
        call["id"] = None


@fault("closing-brace-missing", caught_by={"tools.arguments-json"} | PLAIN, source=issue("vllm-project/vllm", 32152))
def lose_the_closing_brace(reply: Reply) -> None:
    """The arguments of a call lack their closing brace."""
    for function in _functions(reply):
        if function["arguments"] != "{}":
            function["arguments"] = function["arguments"][:-1]


@fault("arguments-twice", caught_by={"tools.arguments-json"} | PLAIN, source=issue("sgl-project/sglang", 23071))
def write_arguments_twice(reply: Reply) -> None:
    """The arguments of a call are two JSON objects in a row."""
    for function in _functions(reply):
        function["arguments"] *= 2


@fault(
    "arguments-in-own-schema",
    caught_by={"tools.arguments-schema"} | PLAIN,
    source=issue("HunorLaczko/ha-groq-cloud-api", 20),
)
def rename_the_arguments(reply: Reply) -> None:
    """The arguments are wrapped in an object that the model invents."""
    for function in _functions(reply):
        function["arguments"] = json.dumps({"parameters": json.loads(function["arguments"])})


@fault(
    "tool-name-newline",
    caught_by={"tools.declared-names", "tools.named"} | PLAIN,
    source=issue("ml-explore/mlx-lm", 1756),
)
def end_names_with_a_newline(reply: Reply) -> None:
    """The name of a called function ends with a newline."""
    for function in _functions(reply):
        function["name"] += "\n"


@fault(
    "tool-name-blob", caught_by={"tools.declared-names", "tools.named"} | PLAIN, source=issue("mudler/LocalAI", 10059)
)
def call_a_whole_object(reply: Reply) -> None:
    """The name of a called function is the whole call as JSON."""
    for function in _functions(reply):
        function["name"] = json.dumps(function)


@fault("call-ids-shared", caught_by={"tools.ids-unique"}, source=issue("huggingface/text-generation-inference", 3086))
def share_call_ids(reply: Reply) -> None:
    """Every call has the id "0"."""
    for call in reply.calls:
        call["id"] = "0"


@fault("last-call-doubled", caught_by={"tools.parallel"}, source=issue("mudler/LocalAI", 10000))
def make_the_last_call_twice(reply: Reply) -> None:
    """The last of several calls is made twice."""
    for message in reply.messages:
        calls = message.get("tool_calls") or []
        if len(calls) > 1:
            calls.append({**calls[-1], "id": calls[-1]["id"] + "-again"})


@fault("parallel-off-ignored", caught_by={"tools.parallel-off"}, source=issue("sgl-project/sglang", 9696))
def call_in_parallel_anyway(request: Request) -> None:
    """parallel_tool_calls false is ignored."""
    request.body.pop("parallel_tool_calls", None)


@fault("no-arguments-empty", caught_by={"tools.no-arguments"}, source=issue("vercel/ai", 7326))
def send_no_arguments_as_nothing(reply: Reply) -> None:
    """The arguments of a call without arguments are an empty string instead of {}."""
    for part in [*_functions(reply), *(entry["function"] for entry in reply.call_deltas)]:
        if part.get("arguments") == "{}":
            part["arguments"] = ""


@fault(
    "no-arguments-null", caught_by={"tools.no-arguments", "tools.arguments-json"}, source=issue("ollama/ollama", 11113)
)
def send_no_arguments_as_null(reply: Reply) -> None:
    """The arguments of a call without arguments are `null` instead of {}."""
    for part in [*_functions(reply), *(entry["function"] for entry in reply.call_deltas)]:
        if part.get("arguments") == "{}":
            part["arguments"] = "null"


@fault("finish-calls-without-calls", caught_by={"tools.finish-without-calls"}, source=issue("vllm-project/vllm", 53255))
def finish_as_if_called(reply: Reply) -> None:
    """When tools are offered, a text answer ends with finish_reason `tool_calls`."""
    if reply.request.tools:
        for choice in [*reply.choices, *reply.streamed_choices]:
            if choice["finish_reason"] == "stop":
                choice["finish_reason"] = "tool_calls"
