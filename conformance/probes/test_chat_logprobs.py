"""Log probabilities as numbers: what they say of one token must not be more than certain."""

from __future__ import annotations

import math

from conformance.evidence.calls import Json, object_or_empty
from conformance.evidence.kinds import as_completion
from conformance.probes.sources import OPENAI_COMPLETION, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

MOST = 1.05  # that probabilities may add up to, rounded as they are


@probe(
    "chat.logprobs-natural",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_COMPLETION, issue("EricLBuehler/mistral.rs", 2327)],
    remedy="Send natural logarithms.",
)
def test_probabilities_add_up_to_one_at_most(logprobs: Talk) -> None:
    """The probabilities of a token and its alternatives add up to no more than 1, read as natural logarithms.

    To another base every token looks likelier than it was.
    """
    reply = as_completion(logprobs.answered)
    told = object_or_empty(reply.choice.get("logprobs")).get("content") if reply else None
    if not isinstance(told, list) or not told:
        raise Blocked("no log probabilities came")
    for entry in filter(None, map(object_or_empty, told)):
        total = sum(map(_probability, _alternatives(entry)))
        assert total < MOST, f"{entry.get('token')!r} and its alternatives add up to {total:.2f}"


def _alternatives(entry: Json) -> list[Json]:
    listed = entry.get("top_logprobs")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _probability(entry: Json) -> float:
    value = entry.get("logprob")
    return math.exp(min(value, 0)) if isinstance(value, int | float) else 0.0
