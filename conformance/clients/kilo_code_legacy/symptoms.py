"""What only the older Kilo Code says about an answer that it cannot use; the rest of its words are Roo Code's."""

from __future__ import annotations

from conformance.clients.symptom import DROPPED, symptom

SYMPTOMS = (
    symptom(
        r"\(no assistant messages\)",
        "Kilo Code (legacy)",
        "the client found neither text nor a call in the answer: no stream, or calls that it drops",
        f"stream.is-sse tools.arguments-json client.kilo-code-legacy-turn {DROPPED}",
    ),
)
