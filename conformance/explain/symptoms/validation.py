"""What the AI SDK says about a chunk that does not fit its schema, by where it does not fit. Data."""

from __future__ import annotations

from conformance.explain.symptoms.symptom import Symptom, symptom

AI_SDK = "AI SDK, and Kilo Code on it"
_VALIDATION = "Type validation failed.*"

VALIDATION: tuple[Symptom, ...] = (
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.function\.arguments:",
        AI_SDK,
        "the arguments of a streamed call are no text",
        "toolstream.arguments-text",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.index:",
        AI_SDK,
        "the index of a streamed call is no number",
        "toolstream.index-number toolstream.index",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.id:",
        AI_SDK,
        "the id of a streamed call is no text",
        "toolstream.first-id toolstream.identity-stable",
    ),
    symptom(
        _VALIDATION + r"tool_calls\[\d+\]\.function(\.name)?:",
        AI_SDK,
        "a delta of a call has no `function`, or its name is no text",
        "toolstream.function toolstream.first-name",
    ),
    symptom(
        _VALIDATION + r"tool_calls(\[\d+\])?:",
        AI_SDK,
        "delta.tool_calls is not a list of objects",
        "toolstream.list",
    ),
    symptom(_VALIDATION + r"delta\.content:", AI_SDK, "delta.content is no text", "stream.content"),
    symptom(
        _VALIDATION + r"(delta\.(role|reasoning\w*)|created|model|usage\S*|finish_reason|\bid):",
        AI_SDK,
        "a member of a chunk has another type than the API's",
        "stream.types chat.reasoning-text stream.finish-reason usage.numbers",
    ),
    symptom(
        _VALIDATION + r"\berror:",
        AI_SDK,
        "an error in the stream is no object with a message",
        "errors.stream-shape stream.error-key",
    ),
    symptom(
        _VALIDATION + r"\bchoices:",
        AI_SDK,
        "an object of the stream has no `choices`: an event of the vendor's own, or an error in another shape",
        "stream.vendor-events errors.stream-shape stream.is-sse",
        source="https://github.com/Kilo-Org/kilocode/issues/12269",
    ),
)
