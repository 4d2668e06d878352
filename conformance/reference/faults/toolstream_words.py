"""Faults of streams that put a call, or a part of it, into the text or the reasoning."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply
from conformance.reference.turns import EVERY_TURN, PLAIN

CALLS_AS_TEXT = {
    "tools.named",
    "chat.no-markup",
    "tools.auto",
    "toolstream.after-error",
    "toolstream.native",
    "toolstream.parallel-both-modes",
    "toolstream.same-as-completion",
}  # in streams only


def _say_calls(reply: Reply, words: Callable[[str, str], str], member: str = "content") -> None:
    """Stream the calls as text instead, in that member of the deltas."""
    calling = [choice for choice in reply.streamed_choices if choice["delta"].get("tool_calls")]
    said = "".join(words(name, arguments) for name, arguments in _called(reply))
    for choice in calling:
        del choice["delta"]["tool_calls"]
        choice["delta"][member], said = said, ""
    for choice in reply.streamed_choices:
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


def _called(reply: Reply) -> list[tuple[str, str]]:
    """The name and the complete arguments of every streamed call."""
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for entry in reply.call_deltas:
        at, function = entry["index"], entry["function"]
        names.setdefault(at, function.get("name", ""))
        arguments[at] = arguments.get(at, "") + function["arguments"]
    return [(names[at], arguments[at]) for at in names]


def _of_kimi(name: str, arguments: str) -> str:
    begin, end = "<|tool_calls_section_begin|><|tool_call_begin|>", "<|tool_call_end|>"
    return f"{begin}functions.{name}:0<|tool_call_argument_begin|>{arguments}{end}"


@fault("streamed-calls-as-tokens", caught_by=CALLS_AS_TEXT, source=issue("NousResearch/hermes-agent", 24534))
def stream_tokens_of_the_template(reply: Reply) -> None:
    """Streamed calls are in the text, as special tokens of the model."""
    _say_calls(reply, _of_kimi)


@fault("streamed-calls-as-xml", caught_by=CALLS_AS_TEXT, source=issue("RooCodeInc/Roo-Code", 10349))
def stream_xml(reply: Reply) -> None:
    """Streamed calls are in the text, as XML."""
    xml = '<function_calls>\n<invoke name="{}">{}</invoke>\n</function_calls>'
    _say_calls(reply, xml.format)


@fault(
    "streamed-calls-in-reasoning",
    caught_by={
        "tools.named",
        "tools.answers",
        "tools.auto",
        "toolstream.after-error",
        "toolstream.native",
        "toolstream.parallel-both-modes",
        "toolstream.same-as-completion",
    }
    | EVERY_TURN,
    source=issue("MoonshotAI/Kimi-K2", 89),
)
def stream_tokens_as_reasoning(reply: Reply) -> None:
    """Streamed calls are in the reasoning, as special tokens of the model."""
    _say_calls(reply, _of_kimi, "reasoning_content")


@fault(
    "calls-lost-in-thought",
    caught_by={
        "tools.answers",
        "tools.auto",
        "tools.named",
        "tools.required",
        "toolstream.after-error",
        "toolstream.native",
    }
    | EVERY_TURN
    | PLAIN,
    source=issue("waybarrios/vllm-mlx", 433),
)
def think_the_call(reply: Reply) -> None:
    """Calls that the model makes while it reasons stay in the reasoning, streamed or not."""
    _say_calls(reply, lambda name, arguments: f"I call {name}.", "reasoning_content")
    for choice in reply.choices:
        calls = choice["message"].pop("tool_calls", [])
        if calls:
            choice["message"]["reasoning_content"] = f"I call {calls[0]['function']['name']}."
            choice["finish_reason"] = "stop"


@fault("call-dropped-on-brace", caught_by={"tools.answers"} | EVERY_TURN, source=issue("vllm-project/vllm", 21544))
def drop_odd_calls(reply: Reply) -> None:
    """A brace inside an argument crashes the parser: the call is dropped, and the stream ends without an error."""
    if any("{" in str(json.loads(arguments or "{}"))[1:] for _, arguments in _called(reply)):
        _say_calls(reply, lambda name, arguments: "")


@fault(
    "markers-in-pieces", caught_by={"chat.no-markup", "stream.same-text"}, source=issue("lsdefine/GenericAgent", 804)
)
def leak_markers_in_pieces(reply: Reply) -> None:
    """The text contains a marker of the template, split over two chunks of the stream."""
    if len(reply.text_deltas) > 8 and not reply.request.body.keys() & {"tools", "max_completion_tokens"}:
        reply.text_deltas[-2]["content"] += "<‖DS"
        reply.text_deltas[-1]["content"] = "ML‖tool_calls>" + reply.text_deltas[-1]["content"]


@fault("closing-tag-behind-call", caught_by={"chat.no-markup"}, source=issue("ollama/ollama", 15370))
def leave_a_closing_tag(reply: Reply) -> None:
    """A closing tag comes as text after a correct call."""
    for choice in _finishing(reply):
        choice["delta"]["content"] = "<tool_call|>"


@fault(
    "call-again-as-reasoning",
    caught_by={"chat.reasoning-field", "tools.call-once"},
    source=issue("mudler/LocalAI", 10000),
)
def think_of_the_call_again(reply: Reply) -> None:
    """A call is followed by itself, as JSON in the reasoning."""
    for choice in _finishing(reply):
        choice["delta"]["reasoning"] = "".join(f'{{"name":"{n}","arguments":{a}}}' for n, a in _called(reply))


def _finishing(reply: Reply) -> list[dict[str, Any]]:
    """The last choice of a stream that makes calls."""
    return [choice for choice in reply.streamed_choices if choice["finish_reason"] == "tool_calls"]
