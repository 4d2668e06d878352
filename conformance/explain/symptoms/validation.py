"""The AI SDK's messages about a chunk that does not fit its schema, by the wrong member. Data."""

from __future__ import annotations

from conformance.clients.symptom import Symptom, symptom

AI_SDK = "AI SDK, and Kilo Code on it"
_VALIDATION = "Type validation failed.*"

VALIDATION: tuple[Symptom, ...] = (
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.function\.arguments:",
        AI_SDK,
        "the arguments of a streamed call are not a string",
        "toolstream.arguments-text",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.index:",
        AI_SDK,
        "the index of a streamed call is not a number",
        "toolstream.index-number toolstream.index",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.id:",
        AI_SDK,
        "the id of a streamed call is not a string",
        "toolstream.first-id toolstream.identity-stable",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.function(\.name)?:",
        AI_SDK,
        "a delta of a call has no `function`, or its name is not a string",
        "toolstream.function toolstream.first-name",
    ),
    symptom(
        _VALIDATION + r"tool_calls(\[\d+\])?:",
        AI_SDK,
        "delta.tool_calls is not a list of objects",
        "toolstream.list",
    ),
    symptom(_VALIDATION + r"delta\.content:", AI_SDK, "delta.content is not a string", "stream.content"),
    symptom(
        _VALIDATION + r"(delta\.(role|reasoning\w*)|created|model|usage\S*|finish_reason|\bid):",
        AI_SDK,
        "a member of a chunk has a type that differs from the API's",
        "stream.types chat.reasoning-text stream.finish-reason usage.numbers",
    ),
    symptom(
        _VALIDATION + r"\berror:",
        AI_SDK,
        "an error in the stream is not an object with a message",
        "errors.stream-shape stream.error-key",
    ),
    symptom(
        _VALIDATION + r"\bchoices:",
        AI_SDK,
        "an object in the stream has no `choices`: a vendor-specific event, or an error in another form",
        "stream.vendor-events errors.stream-shape stream.is-sse",
        source="https://github.com/Kilo-Org/kilocode/issues/12269",
    ),
)
