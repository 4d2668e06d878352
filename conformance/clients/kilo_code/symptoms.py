"""What Kilo Code says about an answer that it cannot use; its library adds the words of the AI SDK."""

from __future__ import annotations

from conformance.clients.symptom import symptom

KILO = "Kilo Code"
SYMPTOMS = (
    symptom(
        r"repeatedly ended the response",
        KILO,
        "the stream has no readable events",
        "stream.is-sse stream.separated errors.not-in-200",
    ),
    symptom(
        r"without a word and without a tool",
        KILO,
        "the answer reached the client, but nothing of it is where Kilo Code looks",
        "stream.delta tools.answers client.kilo-code-turn chat.answers stream.is-sse stream.separated",
    ),
    symptom(
        r"hit its output limit|max(imum)? output tokens? (limit )?(was )?reached",
        KILO,
        "the answer was cut at the token limit, or says that it was",
        "params.length-reason params.cap-obeyed limits.max-tokens",
        source="https://github.com/Kilo-Org/kilocode/issues/10558",
    ),
    symptom(
        r"no model was found|no models (found|available)",
        KILO,
        "the model list is empty for this key, or not in the API's form",
        "models.list auth.models-checked",
        source="https://github.com/Kilo-Org/kilocode/issues/12273",
    ),
)
