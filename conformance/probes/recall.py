"""Checks whether a fact stated in the prompt reached the model."""

from __future__ import annotations

from conformance.evidence.exchange import shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.needle import ANSWER
from conformance.requirements import Blame, Blocked
from conformance.requirements.talk import Talk


def expect_fact_known(talk: Talk) -> None:
    """Asserts that the first answer has the fact. A second answer, to the plain question, shows whether the model can."""
    if not talk.exchanges:
        raise Blocked(talk.last.summary)
    first = as_reply(talk.exchanges[0])
    if first is None or not first.text.strip():
        raise Blocked(f"the answer has no text: {talk.exchanges[0].summary}")
    plain = as_reply(talk.answered)
    if ANSWER not in first.text and (plain is None or ANSWER not in plain.text):
        raise Blocked("the model does not repeat the fact in answer to a plain question either", Blame.MODEL)
    assert ANSWER in first.text, f"the prompt states {ANSWER}, but the answer does not have it: {shorten(first.text)!r}"
