"""Whether a fact that was told is known: by it shows what a server hands on to the model."""

from __future__ import annotations

from conformance.evidence.exchange import shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.needle import ANSWER
from conformance.requirements.outcome import Blocked
from conformance.requirements.requirement import Blame
from conformance.requirements.talk import Talk


def knows(talk: Talk) -> None:
    """Holds that the first answer knows the fact; the second, to the plain question, tells whether the model could."""
    if not talk.exchanges:
        raise Blocked(talk.last.summary)
    first = as_reply(talk.exchanges[0])
    if first is None or not first.text.strip():
        raise Blocked(f"no words to look into: {talk.exchanges[0].summary}")
    plain = as_reply(talk.answered)
    if ANSWER not in first.text and (plain is None or ANSWER not in plain.text):
        raise Blocked("the model does not say it when it is asked the plain way either", Blame.MODEL)
    assert ANSWER in first.text, f"{ANSWER} was told and is not known: {shorten(first.text)!r}"
