"""What Roo Code says about an answer that it cannot use; Kilo Code (legacy) has most of these words too."""

from __future__ import annotations

from conformance.clients.symptom import DROPPED, symptom

ROO = "Roo Code, and Kilo Code (legacy)"
SYMPTOMS = (
    symptom(
        r"missing nativeArgs",
        ROO,
        "the arguments of a call are not one JSON object with everything the tool needs; two calls may have been merged",
        "tools.arguments-json toolstream.index toolstream.arguments-text tools.no-arguments tools.arguments-schema",
    ),
    symptom(r"missing tool_use\.id", ROO, "a call that was not streamed has no id", "tools.call-shape"),
    symptom(
        r"did(n't| not) use a tool|model response incomplete|MODEL_NO_TOOLS_USED|no tool (was )?used",
        ROO,
        "the answer has no native call: it was printed as text, the server's parser lost it, or the model made none",
        "chat.no-markup toolstream.native tools.auto",
        source="https://github.com/RooCodeInc/Roo-Code/issues/12165",
    ),
    symptom(
        r"did not provide any assistant messages|MODEL_NO_ASSISTANT_MESSAGES",
        "Roo Code",
        "the client found neither text nor a call in the answer: no stream, an error with status 200, or calls that it drops",
        f"stream.is-sse errors.not-in-200 client.roo-code-turn {DROPPED}",
        source="https://github.com/RooCodeInc/Roo-Code/issues/4740",
    ),
)
