"""What Kilo Code 7.5.11 makes of an answer: the AI SDK 2.0.48 below, and its own turn on top of it.

Sources: https://github.com/Kilo-Org/kilocode, packages/opencode/src: session/llm.ts, session/llm/ai-sdk.ts,
session/processor.ts, kilocode/session/processor.ts, kilocode/reasoning-token.ts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clients.ai_sdk.completion import completed
from conformance.clients.ai_sdk.parts import V2_0_48, Call, Parts
from conformance.clients.ai_sdk.stream import streamed
from conformance.clients.ai_sdk.timeline import timeline
from conformance.clients.ai_sdk.tools import parsed, schemas
from conformance.clients.ai_sdk.transport import redirected
from conformance.clients.kilo_code.trouble import Trouble, trouble
from conformance.clients.reading import ReadCall, Reading, Tokens
from conformance.evidence.exchange import Exchange

INCOMPLETE = "The provider repeatedly ended the response before returning usable output."
CUT = "The model hit its output limit, so this response may be incomplete."
CUT_THINKING = (
    "The model hit its output limit while reasoning and produced no actionable output. "
    "Try disabling reasoning or increasing the output limit."
)
INVALID = "The arguments provided to the tool are invalid:"
NOTHING = "Kilo Code's turn ends without a word and without a tool."
_MARKERS = ("</think>", *(f"<{bar}end{gap}of{gap}thinking{bar}>" for bar in "|｜" for gap in "_▁ "))


def read(exchange: Exchange) -> Reading:
    """One answer to a turn, or to one of the small requests beside it."""
    if moved := redirected(exchange):
        return moved
    stream = exchange.request.streamed
    parts = streamed(exchange, V2_0_48, to_first_error=True) if stream else completed(exchange, V2_0_48)
    tools = schemas(exchange)
    calls = _one_for_each_id(tuple(_call(call, tools) for call in parts.calls))
    text = without_marker(parts.text)
    found = _trouble(parts, text, exchange)
    complaints = [found.shown] if found else _complaints(parts, text, calls)
    complaint = " ".join(complaints)
    return Reading(
        text=text,
        reasoning=parts.reasoning,
        calls=calls,
        finish=_finish(parts),
        tokens=_tokens(parts.usage),
        failure=found.message if found else "",
        complaint=complaint,
        retried=bool(found and found.retried),
        used_no_tool=bool(tools and text and not calls),
        moments=timeline(parts, calls, complaint),
        ended_at=parts.ended_at,
    )


def without_marker(text: str) -> str:
    """A text without the end of a reasoning that never began; only at the very start."""
    low = text.lower()
    return next((text[len(marker) :] for marker in _MARKERS if low.startswith(marker)), text)


def _trouble(parts: Parts, text: str, exchange: Exchange) -> Trouble | None:
    """Any error ends the turn; an empty answer is requested again, and then it is an error, too."""
    if parts.failure:
        return trouble(parts.failure, exchange)
    said = text.strip() or parts.reasoning.strip() or parts.calls
    counted = parts.usage and any((parts.usage.prompt, parts.usage.completion))
    if said or counted or parts.finish not in (None, "other"):
        return None
    return Trouble(INCOMPLETE, retried=True)


def _call(call: Call, tools: dict[str, Any]) -> ReadCall:
    """A name that exists in lower case is repaired; every other mistake is reported to the model."""
    made = parsed(call, call.name, tools, V2_0_48)
    lower = call.name.strip().lower()
    if made.problem and lower != call.name and lower in tools:
        made = parsed(call, lower, tools, V2_0_48)
    runs = None if made.problem else call.at
    return ReadCall(call.id, made.name, call.input, made.value, call.appears, runs, made.problem)


def _one_for_each_id(calls: tuple[ReadCall, ...]) -> tuple[ReadCall, ...]:
    """The parts of a message are kept by id: the later call replaces the earlier."""
    return tuple({call.id: call for call in calls}.values())


def _complaints(parts: Parts, text: str, calls: tuple[ReadCall, ...]) -> Iterator[str]:
    yield from (f"Invalid Tool: {INVALID} {call.problem}" for call in calls if call.problem)
    if lost := len(parts.calls) - len(calls):
        yield f"{lost + 1} tool calls came under one id: only the last is shown and answered."
    if parts.finish == "length":
        yield CUT_THINKING if parts.reasoning and not text.strip() and not calls else CUT
    elif not text.strip() and not calls:
        yield NOTHING


def _finish(parts: Parts) -> str | None:
    """Kilo Code's own reason: a turn that calls no tool never keeps `tool-calls`, which would loop endlessly."""
    if parts.finish == "tool-calls" and not parts.started:
        return "stop"
    return "unknown" if parts.finish == "other" else parts.finish


def _tokens(usage: Tokens | None) -> Tokens | None:
    """Cached tokens are subtracted from those of the prompt, reasoning from those of the answer."""
    if usage is None:
        return None
    return Tokens(
        prompt=usage.prompt - usage.cached,
        completion=usage.completion - usage.reasoning,
        cached=usage.cached,
        reasoning=usage.reasoning,
    )
