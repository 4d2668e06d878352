"""What a program on the OpenAI Python SDK says about an answer that it cannot use."""

from __future__ import annotations

from conformance.clients.symptom import symptom

PYTHON = "a Python program on the OpenAI SDK"
SYMPTOMS = (
    symptom(
        r"object has no attribute 'id'",
        PYTHON,
        "tool_calls is not a list of objects",
        "toolstream.list tools.call-shape",
    ),
    symptom(
        r"can only concatenate str \(not \"dict\"",
        PYTHON,
        "the arguments of a streamed call are an object",
        "toolstream.arguments-text",
    ),
    symptom(
        r"list delta entry|call_(\w{1,40})call_\1|\b([a-z]{1,30}_[a-z_]{1,30})\2\b",
        PYTHON,
        "the index of a delta is not a number, or later deltas repeat id and name",
        "toolstream.index-number toolstream.name-once toolstream.identity-stable",
    ),
    symptom(
        r"JSONDecodeError: Extra data",
        PYTHON,
        "there is more than one JSON value where one is expected: in arguments, or in one event of the stream",
        "tools.arguments-json toolstream.index stream.event-data",
    ),
    symptom(
        r"JSONDecodeError: Expecting value: line 1 column 1 ",
        PYTHON,
        "an event of the stream has no data, or data that is not JSON",
        "stream.event-data stream.named-events stream.lone-fields stream.no-ids",
    ),
    symptom(
        r"JSONDecodeError", PYTHON, "the arguments of a call are not JSON", "tools.arguments-json stream.event-data"
    ),
    symptom(
        r"error occurred during streaming",
        PYTHON,
        "an error in the stream has no message where clients look for it",
        "errors.stream-shape stream.no-error",
    ),
    symptom(
        r"nothing is printed",
        PYTHON,
        "the stream has no events, or none with text in delta.content",
        "stream.is-sse stream.delta client.openai-python-turn tools.answers stream.separated",
    ),
)
