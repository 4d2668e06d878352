"""Faults of streamed tool calls: the ids, indices, order and content of a call's fragments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import CHUNK, commit, issue
from conformance.reference.stages import Reply
from conformance.reference.turns import AI_SDK, EVERY_TURN, NODE, PYTHON, ROO_CODE

Entry = dict[str, Any]


def _first_entries(reply: Reply) -> list[Entry]:
    """The deltas that begin a call."""
    return [entry for entry in reply.call_deltas if entry.get("id")]


def _later_entries(reply: Reply) -> list[Entry]:
    """The deltas that carry the arguments of a call."""
    return [entry for entry in reply.call_deltas if not entry.get("id")]


def _begun(reply: Reply) -> Iterator[tuple[Entry, Entry]]:
    """Every later delta, with the first delta of its call."""
    began = {entry["index"]: entry for entry in _first_entries(reply)}
    return ((began[entry["index"]], entry) for entry in _later_entries(reply))


def _calling_choices(reply: Reply) -> list[dict[str, Any]]:
    return [choice for choice in reply.streamed_choices if choice["delta"].get("tool_calls")]


@fault(
    "streamed-calls-lost",
    caught_by={
        "tools.named",
        "toolstream.native",
        "toolstream.same-as-completion",
        "toolstream.parallel-both-modes",
        "tools.auto",
        "toolstream.after-error",
    },
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 1066),
)
def stream_no_calls(reply: Reply) -> None:
    """Streams have text instead of calls; answers that are not streamed have the calls."""
    calling = _calling_choices(reply)
    for n, choice in enumerate(calling):
        del choice["delta"]["tool_calls"]
        choice["delta"]["content"] = "" if n else "I would need a tool for that."
    for choice in reply.streamed_choices:
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


@fault(
    "delta-calls-as-object",
    caught_by={"toolstream.list"} | EVERY_TURN,
    source=issue("huggingface/text-generation-inference", 3075),
)
def send_calls_without_a_list(reply: Reply) -> None:
    """`delta.tool_calls` is an object instead of a list."""
    for choice in _calling_choices(reply):
        choice["delta"]["tool_calls"] = choice["delta"]["tool_calls"][0]


@fault(
    "delta-calls-nested",
    caught_by={"tools.named", "toolstream.list"} | EVERY_TURN,
    source=issue("xorbitsai/inference", 2416),
)
def nest_the_list(reply: Reply) -> None:
    """`delta.tool_calls` is a list inside a list when there is a single call with arguments."""
    if len(_first_entries(reply)) == 1 and len(_later_entries(reply)) > 1:
        for choice in _calling_choices(reply):
            choice["delta"]["tool_calls"] = [choice["delta"]["tool_calls"]]


@fault(
    "first-delta-without-id",
    caught_by={"toolstream.first-id"} | NODE | AI_SDK,
    source=issue("sgl-project/sglang", 7048),
)
def drop_the_id(reply: Reply) -> None:
    """The id of a streamed call is null."""
    for entry in _first_entries(reply):
        entry["id"] = None


@fault(
    "first-delta-without-name",
    caught_by={"toolstream.first-name", "client.kilo-code-turn"},
    source=issue("sgl-project/sglang", 23071),
)
def name_the_function_late(reply: Reply) -> None:
    """The function name comes in the second delta of a call."""
    for entry in list(_first_entries(reply)):
        name = entry["function"].pop("name")
        later = next((one for one in _later_entries(reply) if one["index"] == entry["index"]), None)
        if later:
            later["function"]["name"] = name


@fault(
    "delta-without-index",
    caught_by={"toolstream.index", "client.kilo-code-turn", "client.openai-python-helper"},
    source=issue("ollama/ollama", 7881),
)
def drop_the_index(reply: Reply) -> None:
    """Streamed tool-call deltas have no `index`."""
    for entry in reply.call_deltas:
        del entry["index"]


@fault("delta-index-text", caught_by={"toolstream.index-number"} | AI_SDK, source=CHUNK)
def write_the_index_as_text(reply: Reply) -> None:
    """The `index` of a tool-call delta is a string."""
    for entry in reply.call_deltas:
        entry["index"] = str(entry["index"])


@fault(
    "index-from-one",
    caught_by={"toolstream.index-from-zero", "client.openai-python-helper"},
    source=issue("microsoft/foundry-local", 372),
)
def count_from_one(reply: Reply) -> None:
    """The `index` of calls begins with 1."""
    for entry in reply.call_deltas:
        entry["index"] += 1


@fault("index-jumps", caught_by={"toolstream.index-from-zero"}, source=issue("sgl-project/sglang", 6310))
def skip_indices(reply: Reply) -> None:
    """The `index` of the second call is 2."""
    for entry in reply.call_deltas:
        entry["index"] *= 2


@fault(
    "index-shared",
    caught_by={"toolstream.index-per-call", "toolstream.parallel-both-modes", "tools.arguments-json"},
    source=issue("sgl-project/sglang", 6310),
)
def share_the_index(reply: Reply) -> None:
    """All calls of an answer have `index` 0."""
    for entry in reply.call_deltas:
        entry["index"] = 0


@fault(
    "delta-without-function", caught_by={"toolstream.function", "client.openai-python-helper"} | AI_SDK, source=CHUNK
)
def end_calls_with_a_bare_delta(reply: Reply) -> None:
    """A tool-call delta without `function` comes before the end of the stream."""
    for choice in _calling_choices(reply)[-1:]:
        choice["delta"]["tool_calls"].append({"index": choice["delta"]["tool_calls"][0]["index"]})


@fault(
    "id-changes-in-call",
    caught_by={"toolstream.identity-stable", "client.ai-sdk-turn", "client.cline-turn"},
    source=issue("sgl-project/sglang", 4700),
)
def change_the_call_id(reply: Reply) -> None:
    """Every delta of a call has a different id."""
    for n, (began, entry) in enumerate(list(_begun(reply))):
        entry["id"] = f"{began['id']}-{n}"


@fault(
    "name-repeated", caught_by={"toolstream.name-once", "client.openai-python-helper"}, source=issue("vercel/ai", 8108)
)
def repeat_the_name(reply: Reply) -> None:
    """Every delta of a call repeats the function name."""
    for began, entry in _begun(reply):
        entry["function"]["name"] = began["function"]["name"]


@fault(
    "delta-arguments-object",
    caught_by={"toolstream.arguments-text"} | EVERY_TURN,
    source=issue("BerriAI/litellm", 37792),
)
def stream_arguments_as_object(reply: Reply) -> None:
    """The arguments of a streamed call come as one object instead of JSON text."""
    for entry in _first_entries(reply):
        parts = [one for one in _later_entries(reply) if one["index"] == entry["index"]]
        entry["function"]["arguments"] = json.loads("".join(one["function"].pop("arguments") for one in parts))


@fault(
    "arguments-begin-empty",
    caught_by={"tools.arguments-json"} | EVERY_TURN,
    source=issue("envoyproxy/ai-gateway", 1466),
)
def begin_with_an_empty_object(reply: Reply) -> None:
    """The arguments of a streamed call begin with {}; the real arguments follow."""
    for entry in _first_entries(reply):
        entry["function"]["arguments"] = "{}"


@fault(
    "arguments-repeated",
    caught_by={"tools.arguments-json", "client.kilo-code-legacy-turn"} | ROO_CODE | AI_SDK | PYTHON,
    source=commit("charmbracelet/fantasy", "5ff5101"),
)
def repeat_the_arguments(reply: Reply) -> None:
    """The last delta of a call sends all its arguments again."""
    for entry in _first_entries(reply):
        parts = [one for one in _later_entries(reply) if one["index"] == entry["index"]]
        if parts:
            parts[-1]["function"]["arguments"] += "".join(one["function"]["arguments"] for one in parts)


@fault(
    "second-call-lost-in-stream",
    caught_by={"toolstream.parallel-both-modes"},
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 723),
)
def stream_one_call(reply: Reply) -> None:
    """Only the first of several calls is streamed."""
    for choice in _calling_choices(reply):
        choice["delta"]["tool_calls"] = [one for one in choice["delta"]["tool_calls"] if one["index"] == 0]


@fault(
    "another-tool-in-stream",
    caught_by={"tools.named", "tools.invented-names"} | EVERY_TURN,
    source=issue("vercel/ai", 2786),
)
def wrap_streamed_calls(reply: Reply) -> None:
    """Streamed calls are calls of a wrapper tool that the request does not declare."""
    for entry in _first_entries(reply):
        entry["function"]["name"] = "multi_tool_use.parallel"


@fault("braces-end-arguments", caught_by={"toolstream.long-arguments"}, source=issue("ollama/ollama", 16937))
def stop_at_a_brace(reply: Reply) -> None:
    """A brace inside a string ends the call: only the beginning of long code arrives."""
    for entry in _first_entries(reply):
        parts = [one for one in _later_entries(reply) if one["index"] == entry["index"]]
        whole = json.loads("".join(one["function"]["arguments"] for one in parts) or "{}")
        if "}" not in str(whole.get("content", "")):
            continue
        whole["content"] = whole["content"].partition("}")[0]
        for one in parts:
            one["function"]["arguments"] = ""
        parts[-1]["function"]["arguments"] = json.dumps(whole)


@fault("calls-after-finish", caught_by={"toolstream.after-finish"}, source=issue("BerriAI/litellm", 31634))
def finish_before_the_arguments(reply: Reply) -> None:
    """The finish_reason comes before the last argument fragment."""
    for choice in _calling_choices(reply)[:-1]:
        choice["finish_reason"] = "tool_calls"


@fault("legacy-function-call", caught_by={"toolstream.no-legacy"}, source=CHUNK)
def stream_the_older_form(reply: Reply) -> None:
    """Streamed calls also come in the older form `function_call`."""
    for choice in _calling_choices(reply):
        choice["delta"]["function_call"] = choice["delta"]["tool_calls"][0]["function"]


@fault("calls-in-second-choice", caught_by={"toolstream.no-legacy"}, source=issue("mudler/LocalAI", 9470))
def stream_into_another_choice(reply: Reply) -> None:
    """Fragments of streamed calls are in a second choice."""
    for chunk in reply.streamed:
        if any(choice["delta"].get("tool_calls") for choice in chunk["choices"]):
            empty = {"tool_calls": [{"index": 0, "function": {"arguments": ""}}]}
            chunk["choices"].append({"index": 1, "delta": empty, "finish_reason": None})


@fault("arguments-in-one-go", caught_by={"toolstream.incremental"}, source=issue("airblackbox/airblackbox", 9))
def hold_long_arguments_back(reply: Reply) -> None:
    """Long arguments of a streamed call come in one fragment at the end."""
    for entry in _first_entries(reply):
        parts = [one for one in _later_entries(reply) if one["index"] == entry["index"]]
        whole = "".join(one["function"]["arguments"] for one in parts)
        for one in parts if len(whole) > 1_000 else ():
            one["function"]["arguments"] = whole if one is parts[-1] else ""
