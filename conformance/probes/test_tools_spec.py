"""Tools as the specification has them and agents seldom use them: a choice among some, free text, effort, odd ids."""

from __future__ import annotations

import re

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Completion, Reply
from conformance.evidence.exchange import shorten, shown
from conformance.evidence.kinds import as_completion, as_reply
from conformance.probes.conversations.spec import LONG_ID
from conformance.probes.readable import readable
from conformance.probes.refusals import taken
from conformance.probes.sources import KILO, OPENAI_CHAT, OPENAI_TOOLS, ROO_PROVIDER, ROO_TOOL_IDS, issue
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES, everyone
from conformance.requirements.talk import Talk

ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@probe(
    "tools.allowed-tools",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS],
    remedy="Keep calls to the tools that tool_choice allows, or refuse `allowed_tools` with a 400 that names it.",
)
def test_only_allowed_tools_are_called(allowed_tools: Talk, tool_named: Talk) -> None:
    """tool_choice `allowed_tools` gives calls of the allowed tools and no others, or a 4xx that names it."""
    if not taken(allowed_tools.answered, "allowed_tools", "tool_choice"):
        return
    if _called(tool_named) != {"read_file"}:
        raise Blocked("a tool that is named as the only one is not called by its name either")
    names = _called(allowed_tools)
    assert names == {"read_file"}, f"only read_file is allowed and required; called: {sorted(names)}"


def _called(talk: Talk) -> set[str]:
    reply = as_reply(talk.answered)
    return {shown(call.name).strip('"') for call in readable(reply).calls} if reply else set()


@probe(
    "tools.custom",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, OPENAI_TOOLS],
    remedy="Refuse tools of the type `custom` with a 400 that names them where the model cannot call them.",
)
def test_custom_tools_are_called_or_refused(custom_tool: Talk) -> None:
    """A custom tool that is required is called, or refused with a 4xx that names it; it is not left out in silence."""
    if not taken(custom_tool.answered, "custom", "tools", "function", "type", "tool_choice"):
        return
    completion = as_completion(custom_tool.answered)
    calls = completion.raw_calls if completion and isinstance(completion.raw_calls, list) else []
    found = [call for call in calls if isinstance(call, dict) and call.get("type") == "custom"]
    assert found, f"taken, but no custom call came: {_told(completion)}"


def _told(completion: Completion | None) -> str:
    return shorten(completion.text or str(completion.raw_calls)) if completion else "no completion"


@probe(
    "tools.with-effort",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 9551)],
    remedy="Look for calls after the reasoning too, or refuse reasoning_effort beside tools with a 400 that names it.",
)
def test_a_call_comes_with_reasoning_on(call_with_effort: Talk, forced_call_stream: Talk) -> None:
    """A forced call comes also when `reasoning_effort` is set, or the request is refused with a 4xx that names it.

    Parsers that look for calls only at the start of an answer lose those that follow the reasoning.
    """
    names = ("reasoning_effort", "reasoning", "effort", "thinking", "tool_choice")
    if not taken(call_with_effort.answered, *names):
        return
    plain, reply = as_reply(forced_call_stream.answered), as_reply(call_with_effort.answered)
    if plain is None or not plain.calls:
        raise Blocked("the same call does not come without reasoning_effort either")
    assert reply and reply.calls, f"no call: {shorten(reply.text) if reply else ''!r}"


@probe(
    "tools.history-reused-ids",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=[ROO_TOOL_IDS, issue("anomalyco/opencode", 1680)],
    remedy="Pair results with the calls right before them; take ids of any length.",
)
def test_long_and_repeated_ids_are_accepted(reused_ids: Talk) -> None:
    """A history in which a long call id comes again in a later turn is accepted.

    Some servers count ids anew in every answer, so that a conversation holds `call_0` many times.
    """
    answer = reused_ids.answered
    assert answer.ok, f"the id has {len(LONG_ID)} characters and comes twice: {answer.summary}"


@probe(
    "tools.id-letters",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=[ROO_TOOL_IDS, f"{KILO}/provider/transform.ts"],
    remedy="Nothing breaks: clients rewrite other characters. Use letters, digits, _ and -, at most 64 of them.",
)
def test_ids_are_of_plain_letters(tool_reply: Reply) -> None:
    """The ids of calls are of letters, digits, `_` and `-`, 64 at most.

    Clients send others back rewritten, so that a server does not find again what it has made.
    """
    odd = [c.id for c in tool_reply.calls if isinstance(c.id, str) and c.id and not ID.match(c.id)]
    assert not odd, f"an id is {odd[0]!r}" if odd else ""
