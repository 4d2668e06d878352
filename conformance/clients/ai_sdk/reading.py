"""What a program on the AI SDK makes of an answer: `streamText` for streams, `generateText` for the rest.

Source: https://github.com/vercel/ai/tree/main/packages/ai/src/generate-text
"""

from __future__ import annotations

from conformance.clients.ai_sdk.completion import completed
from conformance.clients.ai_sdk.parts import V2_0_48, V3_0_35, Call, Parts, Rules
from conformance.clients.ai_sdk.stream import streamed
from conformance.clients.ai_sdk.timeline import timeline
from conformance.clients.ai_sdk.tools import parsed, schemas
from conformance.clients.ai_sdk.transport import redirected
from conformance.clients.reading import ReadCall, Reading
from conformance.evidence.exchange import Exchange

ATTEMPTS = 3


def read(exchange: Exchange) -> Reading:
    """One answer to a program on 3.0.35."""
    return read_by(V3_0_35, exchange)


def read_2_0_48(exchange: Exchange) -> Reading:
    """One answer to a program on 2.0.48."""
    return read_by(V2_0_48, exchange)


def parts_of(exchange: Exchange, rules: Rules) -> Parts:
    """What the provider package passes on of an answer, streamed or not."""
    return streamed(exchange, rules) if exchange.request.streamed else completed(exchange, rules)


def read_by(rules: Rules, exchange: Exchange) -> Reading:
    """One answer to a program on the version with these rules."""
    if moved := redirected(exchange):
        return moved
    parts = parts_of(exchange, rules)
    tools = schemas(exchange)
    calls = tuple(_call(call, tools, rules) for call in parts.calls)
    complaint = _complaint(parts, calls)
    failure = parts.failure
    return Reading(
        text=parts.text,
        reasoning=parts.reasoning,
        calls=calls,
        finish=parts.finish,
        tokens=parts.usage,
        failure=failure.brief or failure.name if failure else "",
        complaint=complaint,
        retried=bool(failure and failure.retryable),
        used_no_tool=bool(tools and parts.text and not calls),
        moments=timeline(parts, calls, complaint),
        ended_at=parts.ended_at,
    )


def _call(call: Call, tools: dict[str, object], rules: Rules) -> ReadCall:
    made = parsed(call, call.name, tools, rules)
    runs = None if made.problem else call.at
    return ReadCall(call.id, call.name, call.input, made.value, call.appears, runs, made.problem)


def _complaint(parts: Parts, calls: tuple[ReadCall, ...]) -> str:
    """What the developer finds in the console or in the parts of the stream."""
    if failure := parts.failure:
        if failure.retryable:
            return f"AI_RetryError: Failed after {ATTEMPTS} attempts. Last error: {failure.brief}"
        return failure.shown
    problems = [_named(call.problem) for call in calls if call.problem]
    if problems:
        return " ".join(problems)
    return "" if parts.text or calls else "The answer is empty: neither text nor a tool call came."


def _named(problem: str) -> str:
    unknown = problem.startswith("Model tried to call")
    return f"{'AI_NoSuchToolError' if unknown else 'AI_InvalidToolInputError'}: {problem}"
