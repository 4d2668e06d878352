"""Log probabilities as numbers: those of one token must add up to at most 1."""

from __future__ import annotations

import math

from conformance.evidence.calls import Json, object_or_empty
from conformance.evidence.kinds import as_completion
from conformance.probes.sources import OPENAI_COMPLETION, issue
from conformance.requirements import UNEXPECTED_RESULTS, Blocked
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

MOST = 1.05  # the largest sum, with room for rounding


@probe(
    "chat.logprobs-natural",
    failure="The probabilities of a token and its alternatives add up to more than 1.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_COMPLETION, issue("EricLBuehler/mistral.rs", 2327)],
    remedy="Send log probabilities as natural logarithms.",
)
def test_probabilities_add_up_to_one_at_most(logprobs: Talk) -> None:
    """The probabilities of a token and its alternatives, read as natural logarithms, add up to at most 1.

    With another base every token looks likelier than it is.
    """
    reply = as_completion(logprobs.answered)
    tokens = object_or_empty(reply.choice.get("logprobs")).get("content") if reply else None
    if not isinstance(tokens, list) or not tokens:
        raise Blocked("the answer has no log probabilities")
    for entry in filter(None, map(object_or_empty, tokens)):
        total = sum(map(_probability, _alternatives(entry)))
        assert total < MOST, f"{entry.get('token')!r} and its alternatives add up to {total:.2f}"


def _alternatives(entry: Json) -> list[Json]:
    listed = entry.get("top_logprobs")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _probability(entry: Json) -> float:
    value = entry.get("logprob")
    return math.exp(min(value, 0)) if isinstance(value, int | float) else 0.0
