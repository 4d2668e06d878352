"""Features of tools that agents seldom use: allowed tools, custom tools, reasoning effort, unusual ids."""

from __future__ import annotations

import re

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Completion, Reply
from conformance.evidence.exchange import shorten, shown
from conformance.evidence.kinds import as_completion, as_reply
from conformance.probes.conversations.spec import LONG_ID
from conformance.probes.readable import readable
from conformance.probes.refusals import accepted_or_named
from conformance.probes.sources import KILO, OPENAI_CHAT, OPENAI_TOOLS, ROO_PROVIDER, ROO_TOOL_IDS, issue
from conformance.requirements import DEGRADES, TOOL_CALLING_ERRORS, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@probe(
    "tools.allowed-tools",
    failure="tool_choice `allowed_tools` does not restrict the calls, or is refused without being named.",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS],
    remedy="Restrict calls to the tools that tool_choice allows, or refuse `allowed_tools` with a 400 that names it.",
)
def test_only_allowed_tools_are_called(allowed_tools: Talk, tool_named: Talk) -> None:
    """tool_choice `allowed_tools` gives calls of the allowed tools only, or a 4xx that names it.

    Programs use it to keep the model from calling the other tools.
    """
    if not accepted_or_named(allowed_tools.answered, "allowed_tools", "tool_choice"):
        return
    if _called(tool_named) != {"read_file"}:
        raise Blocked("the model does not call the tool that tool_choice names either")
    names = _called(allowed_tools)
    assert names == {"read_file"}, f"only read_file is allowed and required; the answer calls: {sorted(names)}"


def _called(talk: Talk) -> set[str]:
    reply = as_reply(talk.answered)
    return {shown(call.name).strip('"') for call in readable(reply).calls} if reply else set()


@probe(
    "tools.custom",
    failure="A required custom tool is ignored, or refused without being named.",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS],
    remedy="Refuse tools of the type `custom` with a 400 that names them if the model cannot call them.",
)
def test_custom_tools_are_called_or_refused(custom_tool: Talk) -> None:
    """A custom tool that is required is called, or refused with a 4xx that names it.

    A program that gets neither a call nor an error cannot go on.
    """
    if not accepted_or_named(custom_tool.answered, "custom", "tools", "function", "type", "tool_choice"):
        return
    completion = as_completion(custom_tool.answered)
    calls = completion.raw_calls if completion and isinstance(completion.raw_calls, list) else []
    found = [call for call in calls if isinstance(call, dict) and call.get("type") == "custom"]
    assert found, f"accepted, but no custom call came: {_said(completion)}"


def _said(completion: Completion | None) -> str:
    return shorten(completion.text or str(completion.raw_calls)) if completion else "no completion"


@probe(
    "tools.with-effort",
    failure="With `reasoning_effort` set, no tool call arrives.",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 9551)],
    remedy="Look for calls after the reasoning, too, or refuse reasoning_effort with tools with a 400 that names it.",
)
def test_a_forced_call_comes_with_reasoning_effort(call_with_effort: Talk, forced_call_stream: Talk) -> None:
    """A forced call also arrives when `reasoning_effort` is set, or the request is refused with a 4xx that names it.

    Parsers that look for calls only at the start of an answer lose those that follow the reasoning.
    """
    names = ("reasoning_effort", "reasoning", "effort", "thinking", "tool_choice")
    if not accepted_or_named(call_with_effort.answered, *names):
        return
    plain, reply = as_reply(forced_call_stream.answered), as_reply(call_with_effort.answered)
    if plain is None or not plain.calls:
        raise Blocked("the same call does not come without reasoning_effort either")
    assert reply and reply.calls, f"no tool call: {shorten(reply.text) if reply else ''!r}"


@probe(
    "tools.history-reused-ids",
    failure="A request fails when a long tool-call id comes again in a later turn.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=[ROO_TOOL_IDS, issue("anomalyco/opencode", 1680)],
    remedy="Match results to the calls right before them, and accept ids of any length.",
)
def test_long_and_repeated_ids_are_accepted(reused_ids: Talk) -> None:
    """A history in which a long tool-call id comes again in a later turn is accepted.

    Some servers count their ids from zero in every answer, so a conversation contains `call_0` many times.
    """
    answer = reused_ids.answered
    assert answer.ok, f"the id has {len(LONG_ID)} characters and occurs twice: {answer.summary}"


@probe(
    "tools.id-letters",
    failure="A tool-call id has unusual characters, or more than 64.",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=[ROO_TOOL_IDS, f"{KILO}/provider/transform.ts"],
    remedy="No client breaks, because they rewrite other ids. Use at most 64 letters, digits, `_` and `-`.",
)
def test_ids_consist_of_plain_characters(tool_reply: Reply) -> None:
    """Tool-call ids consist of at most 64 letters, digits, `_` and `-`.

    Clients send other ids back rewritten, so the server does not recognise its own.
    """
    odd = [c.id for c in tool_reply.calls if isinstance(c.id, str) and c.id and not ID.match(c.id)]
    assert not odd, f"an id is {odd[0]!r}" if odd else ""
