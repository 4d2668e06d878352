"""Streamed tool calls: the index, id and name by which clients join the fragments."""

from __future__ import annotations

from collections import Counter

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.calls import ToolDelta, group_by_call
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import shorten, shown
from conformance.probes.readable import tool_deltas
from conformance.probes.sources import AI_SDK_CHAT, PYTHON_ACCUMULATOR, ROO_PARSER, issue
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, everyone
from conformance.requirements.probe import probe

JOINING_BY_INDEX = {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, KILO_CODE: BREAKS, OPENAI_PYTHON: BREAKS}


@probe(
    "toolstream.first-id",
    failure="The first delta of a tool call has no id.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, AI_SDK_CHAT, issue("sgl-project/sglang", 7048), issue("anomalyco/opencode", 25786)],
    remedy="Send the id, a non-empty string, with the first delta of every call, and the same `index` with all its deltas.",
)
def test_the_first_delta_has_the_id(tool_stream: Stream) -> None:
    """The first delta of every call has its id, a non-empty string.

    Roo Code drops all fragments that come before an id. The AI SDK stops with "Expected 'id' to be a string".
    """
    for group in group_by_call(tool_deltas(tool_stream)):
        id = group[0].get("id")
        assert isinstance(id, str) and id, f"the first delta of call {group[0].get('index')} has id {id!r}"


@probe(
    "toolstream.first-name",
    failure="The first delta of a tool call has no function name.",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: BREAKS},
    source=[AI_SDK_CHAT, issue("sgl-project/sglang", 7048)],
    remedy="Send the whole function name with the first delta of every call.",
)
def test_the_first_delta_has_the_name(tool_stream: Stream) -> None:
    """The first delta of every call has the function's name.

    Kilo Code's library (AI SDK 2.0.48) stops with "Expected 'function.name' to be a string". The other clients wait
    for the name.
    """
    for group in group_by_call(tool_deltas(tool_stream)):
        name = group[0].function.get("name")
        where = f"the first delta of call {group[0].get('index')}"
        assert isinstance(name, str) and name, f"{where} has name {name!r}"


@probe(
    "toolstream.index",
    failure="Tool-call deltas have no `index`.",
    category=TOOL_CALLING_ERRORS,
    severity=JOINING_BY_INDEX,
    source=[ROO_PARSER, PYTHON_ACCUMULATOR, issue("ollama/ollama", 7881)],
    remedy="Send an integer `index` with every tool-call delta, counting calls from 0.",
)
def test_every_delta_has_an_index(tool_stream: Stream) -> None:
    """Every tool-call delta has an `index`.

    Clients join argument fragments by it. Without it, two parallel calls run together and both are lost.
    """
    for delta in tool_deltas(tool_stream):
        assert delta.get("index") is not None, f"delta {delta.n} has no index: {shown(delta.value)}"


@probe(
    "toolstream.index-number",
    failure="The `index` of a tool-call delta is not a whole number.",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS, OPENAI_PYTHON: DEGRADES},
    source=[AI_SDK_CHAT, PYTHON_ACCUMULATOR],
    remedy="Send `index` as a whole number, not as a string.",
)
def test_an_index_is_a_number(tool_stream: Stream) -> None:
    """The `index` of a tool-call delta is a whole number.

    The AI SDK's schema refuses a string. Clients that use it only as a key accept one.
    """
    for delta in tool_deltas(tool_stream):
        index = delta.get("index")
        assert index is None or type(index) is int, f"delta {delta.n} has index {index!r}: {shown(delta.value)}"


@probe(
    "toolstream.index-from-zero",
    failure="The indexes of tool calls start above 0, skip a number or are out of order.",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[PYTHON_ACCUMULATOR, issue("microsoft/foundry-local", 372)],
    remedy="Number the calls of an answer 0, 1, 2 and so on, whatever came before them.",
)
def test_indexes_count_from_zero(tool_stream: Stream) -> None:
    """The indexes of the calls are 0, 1, 2 and so on.

    The Python SDK's stream helper uses them as positions in a list.
    """
    seen = list(dict.fromkeys(i for d in tool_deltas(tool_stream) if type(i := d.get("index")) is int))
    assert seen == list(range(len(seen))), f"indices in order: {seen}"


@probe(
    "toolstream.index-per-call",
    failure="Several tool calls share one index.",
    category=TOOL_CALLING_ERRORS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, KILO_CODE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[ROO_PARSER, issue("sgl-project/sglang", 6310)],
    remedy="Give every call of an answer its own index.",
)
def test_every_call_has_its_own_index(tool_stream: Stream) -> None:
    """Every tool call of an answer has its own index.

    Roo Code appends the second call's arguments to the first. The AI SDK loses the second call.
    """
    for group in group_by_call(tool_deltas(tool_stream)):
        ids = list(dict.fromkeys(d.get("id") for d in group if d.get("id") and d.function.get("name")))
        named = [d for d in group if d.get("id") and d.function.get("name")]
        starts = Counter(str(d.get("id")) for d in named)
        assert len(ids) <= 1 or len(named) > len(starts), f"the calls {ids} share the index {group[0].get('index')}"


@probe(
    "toolstream.identity-stable",
    failure="The id or the name of a tool call changes in a later delta.",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: BREAKS, CLINE: BREAKS, OPENAI_PYTHON: DEGRADES},
    source=[AI_SDK_CHAT, PYTHON_ACCUMULATOR],
    remedy="Send the id and name of a call once, and never change them.",
)
def test_a_call_keeps_its_id_and_name(tool_stream: Stream) -> None:
    """Later deltas of a call never bring another id or another name.

    The AI SDK stops at a changed id. The Python SDK appends the new text to the old one.
    """
    for group in group_by_call(tool_deltas(tool_stream)):
        for what, values in (("id", _values(group, "id")), ("name", _values(group, "name"))):
            changed = len(set(values)) > 1 and not _several_calls(group)
            assert not changed, f"the {what} of call {group[0].get('index')} changes: {shorten(', '.join(values))}"


def _values(group: list[ToolDelta], what: str) -> list[str]:
    found = (d.get("id") if what == "id" else d.function.get("name") for d in group)
    return [value for value in found if isinstance(value, str) and value]


def _several_calls(group: list[ToolDelta]) -> bool:
    """True when several calls, each with id and name, share one index, which toolstream.index-per-call judges."""
    starts = [(d.get("id"), d.function.get("name")) for d in group if d.get("id") and d.function.get("name")]
    return (
        1 < len(starts) == len(set(starts))
        and len(starts) < len(group) + 1
        and len(_values(group, "id")) == len(starts)
    )


@probe(
    "toolstream.name-once",
    failure="Later deltas of a tool call repeat the function's name.",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[PYTHON_ACCUMULATOR, issue("vercel/ai", 8108)],
    remedy="Send the function's name only with the first delta of a call.",
)
def test_the_name_is_sent_once(tool_stream: Stream) -> None:
    """The function's name comes only once in a call, not again in later deltas.

    The Python SDK's stream helper joins the repeated names: `read_fileread_file`.
    """
    for group in group_by_call(tool_deltas(tool_stream)):
        names = _values(group, "name")
        repeated = len(names) > 1 and len(set(names)) == 1 and not _several_calls(group)
        assert not repeated, f"the name {names[0]!r} is sent {len(names)} times"
