"""Faults of log probabilities: in the form of the older API, or with another base."""

from __future__ import annotations

import math

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply

LIKELY, UNLIKELY = 0.7, 0.3


@fault("logprobs-older-form", caught_by={"params.logprobs"}, source=issue("abetlen/llama-cpp-python", 1788))
def send_the_older_form(reply: Reply) -> None:
    """Log probabilities are parallel lists, as in the older completions API."""
    for choice in reply.choices:
        if choice["logprobs"]:
            entries = choice["logprobs"]["content"]
            choice["logprobs"] = {
                "tokens": [entry["token"] for entry in entries],
                "token_logprobs": [entry["logprob"] for entry in entries],
                "top_logprobs": None,
                "text_offset": list(range(len(entries))),
            }


@fault("logprobs-to-base-ten", caught_by={"chat.logprobs-natural"}, source=issue("EricLBuehler/mistral.rs", 2327))
def take_the_other_logarithm(reply: Reply) -> None:
    """Log probabilities have base ten."""
    for choice in reply.choices:
        for entry in (choice["logprobs"] or {}).get("content", []):
            entry["logprob"] = math.log10(LIKELY)
            other = {"token": "~", "logprob": math.log10(UNLIKELY), "bytes": [126]}
            alike = {name: entry[name] for name in ("token", "logprob", "bytes")}
            entry["top_logprobs"] = [alike, other]
