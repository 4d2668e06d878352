"""What the AI SDK says about an answer that it cannot use, also within Kilo Code."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom

AI_SDK = "AI SDK, and Kilo Code on it"
_FAILED = "Type validation failed.*"

_CHUNKS: tuple[Symptom, ...] = (
    symptom(
        _FAILED + r"tool_calls\[\d+\]\.function\.arguments:",
        AI_SDK,
        "the arguments of a streamed call are not a string",
        "toolstream.arguments-text",
    ),
    symptom(
        _FAILED + r"tool_calls\[\d+\]\.index:",
        AI_SDK,
        "the index of a streamed call is not a number",
        "toolstream.index-number toolstream.index",
    ),
    symptom(
        _FAILED + r"tool_calls\[\d+\]\.id:",
        AI_SDK,
        "the id of a streamed call is not a string",
        "toolstream.first-id toolstream.identity-stable",
    ),
    symptom(
        _FAILED + r"tool_calls\[\d+\]\.function(\.name)?:",
        AI_SDK,
        "a delta of a call has no `function`, or its name is not a string",
        "toolstream.function toolstream.first-name",
    ),
    symptom(_FAILED + r"tool_calls(\[\d+\])?:", AI_SDK, "delta.tool_calls is not a list of objects", "toolstream.list"),
    symptom(_FAILED + r"delta\.content:", AI_SDK, "delta.content is not a string", "stream.content"),
    symptom(
        _FAILED + r"(delta\.(role|reasoning\w*)|created|model|usage\S*|finish_reason|\bid):",
        AI_SDK,
        "a member of a chunk has a type that differs from the API's",
        "stream.types chat.reasoning-text stream.finish-reason usage.numbers",
    ),
    symptom(
        _FAILED + r"\berror:",
        AI_SDK,
        "an error in the stream is not an object with a message",
        "errors.stream-shape stream.error-key",
    ),
    symptom(
        _FAILED + r"\bchoices:",
        AI_SDK,
        "an object of the stream has no `choices`: it is a vendor's own event, or an error in another shape",
        "stream.vendor-events errors.stream-shape stream.is-sse",
        source="https://github.com/Kilo-Org/kilocode/issues/12269",
    ),
)

SYMPTOMS: tuple[Symptom, ...] = (
    *_CHUNKS,
    symptom(
        r"expected 'id' to be a string",
        AI_SDK,
        "a call begins without an id that is a string, or a delta without an index starts another call",
        "toolstream.first-id toolstream.index",
        source="https://github.com/anomalyco/opencode/issues/25786",
    ),
    symptom(
        r"expected 'function\.name'",
        AI_SDK,
        "a call begins without the function's name, or its id changes within the stream",
        "toolstream.first-name toolstream.identity-stable",
    ),
    symptom(
        r"(invalid input for tool|invalid tool).{0,200}JSON parsing failed",
        AI_SDK,
        "the argument fragments do not form one JSON object",
        "tools.arguments-json toolstream.index toolstream.index-per-call",
    ),
    symptom(
        r"without a finish reason",
        AI_SDK,
        "the stream ended without finish_reason, or has no readable events",
        "stream.finish-reason stream.is-sse stream.separated stream.whole",
    ),
    symptom(
        r"reading 'message'|error part: null",
        AI_SDK,
        "a healthy chunk has an `error` member, which is null",
        "stream.error-key",
    ),
    symptom(
        r"answer is empty",
        "a program on the AI SDK",
        "the answer reached the client, but nothing of it is where the AI SDK looks",
        "stream.delta tools.answers client.ai-sdk-turn chat.answers stream.is-sse",
    ),
    symptom(
        r"invalid JSON response",
        AI_SDK,
        "an answer with status 200 is not a completion: it is an error or a page, or a member has another type",
        "errors.not-in-200 chat.shape tools.call-shape chat.json chat.message url.unknown-path",
    ),
)
