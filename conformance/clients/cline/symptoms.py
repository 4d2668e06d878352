"""What Cline says about an answer that it cannot use."""

from __future__ import annotations

from conformance.clients.symptom import DROPPED, symptom

SYMPTOMS = (
    symptom(
        r"empty or unparsable response|returned empty response",
        "Cline",
        "the client found neither text nor a call in the answer",
        f"stream.is-sse errors.not-in-200 client.cline-turn {DROPPED}",
    ),
)
