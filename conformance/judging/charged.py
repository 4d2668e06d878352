"""Against which clients a failure counts: those that send such a request and cannot use the answer. Pure.

The severity of a requirement says what a failure can do to a client. The evidence says more: whether the client makes such
requests at all, and whether its own reader gets everything that is in the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.clients.asks import Role, role_of, role_with
from conformance.clients.client import Client
from conformance.clients.fields import refused
from conformance.clients.reading import Ending, Reading
from conformance.evidence.chat import Reply
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_reply
from conformance.judging.observation import Observation
from conformance.judging.refusals import Feature, words_of
from conformance.requirements import BREAKS, DEGRADES, HARMLESS, WORST_FIRST, Blame, Outcome, Severity
from conformance.requirements.areas import WHOLE_TURNS

FORM_ALONE = {"chat.shape", "stream.identity", "stream.event-data"}  # hurts a client only if its reader chokes on it
MOST = {Role.NONE: HARMLESS, Role.BESIDE: DEGRADES, Role.TURN: BREAKS}


def charged(
    observed: Observation, failing: Sequence[Exchange], profiles: Mapping[str, Client], *, alone: bool = True
) -> Observation:
    """The observation, its failure held only against clients that send such requests.

    `alone`: each exchange fails by itself; otherwise they differ from each other or from what was asked. A client's own
    turns are its requests by definition. A failure of the settings is everybody's.
    """
    requirement = observed.requirement
    if observed.outcome is Outcome.FAILED:
        said = next((words_of(e) for e in failing if (refused(e) or e.passing) and e.summary in observed.actual), "")
        observed = replace(observed, refusal=said)
    if observed.outcome is not Outcome.FAILED or requirement.area == WHOLE_TURNS or requirement.blame is Blame.SETTINGS:
        return observed
    felt = {
        id: worst(_of_one(requirement.id, profiles[id], severity, one) for one in failing)
        for id, severity in requirement.severity.items()
        if id in profiles and severity is not HARMLESS and failing
    }
    ids = tuple(exchange.id for exchange in failing) if alone else ()
    return replace(observed, felt={**requirement.severity, **felt}, failing=ids)


def _of_one(id: str, client: Client, severity: Severity, exchange: Exchange) -> Severity:
    most = mildest(severity, MOST[role_of(client, exchange)])
    reply = as_reply(exchange) if id in FORM_ALONE and most is not HARMLESS else None
    return HARMLESS if reply and not choked(client.read(exchange), reply) else most


def softened(observed: Observation, exchanges: Mapping[str, Exchange], clients: Iterable[Client]) -> Observation:
    """The failure as these clients felt it: answers that a client reads in full do not break it.

    A severity says what a failure can cause; the answer shows what it did to the reader.
    """
    if observed.outcome is not Outcome.FAILED or not observed.failing:
        return observed
    failing = [exchanges.get(id) for id in observed.failing]
    fine = [c.id for c in clients if observed.severity.get(c.id) is BREAKS and all(_is_read(c, one) for one in failing)]
    return replace(observed, felt={**observed.severity, **dict.fromkeys(fine, DEGRADES)}) if fine else observed


def excused(observed: Observation, passed: Collection[str]) -> Observation:
    """The failure, unless the same trouble passed for other requests: then it says nothing about what was asked."""
    if observed.outcome is not Outcome.FAILED or observed.refusal not in passed:
        return observed
    return _blocked(observed, f"the endpoint fails now and then: {observed.actual}", Blame.PROVIDER)


def behind_settings(observations: Sequence[Observation]) -> list[Observation]:
    """The observations; where the settings are wrong, a refused request says nothing about the provider."""
    failed = [o for o in observations if o.outcome is Outcome.FAILED]
    wrong = next((o for o in failed if o.requirement.blame is Blame.SETTINGS), None)
    if wrong is None:
        return list(observations)
    refused = {id(o) for o in failed if o.refusal and o.requirement.blame is not Blame.SETTINGS}
    return [_blocked(o, wrong.actual, Blame.SETTINGS) if id(o) in refused else o for o in observations]


def _blocked(failed: Observation, reason: str, by: Blame) -> Observation:
    """The failure as a case that could not be judged."""
    blocked = replace(failed, outcome=Outcome.BLOCKED, reason=reason, blocked_by=by)
    return replace(blocked, actual="", felt=None, failing=(), refusal="")


def spared(observed: Observation, culprits: Mapping[str, Feature], clients: Iterable[Client]) -> Observation:
    """The failure, held only against clients that send what is refused."""
    culprit = culprits.get(observed.refusal)
    if culprit is None or not culprit.of_clients or observed.requirement.area == WHOLE_TURNS:
        return observed
    felt = {c.id: mildest(observed.severity[c.id], MOST[role_with(c, culprit.is_in)]) for c in clients}
    return replace(observed, felt={**observed.severity, **felt})


def works_in_its_turns(observations: Iterable[Observation], client: Client) -> bool:
    """True when the client's whole turns were judged, and every one that it depends on passed."""
    own = [
        o for o in observations if o.requirement.area == WHOLE_TURNS and o.requirement.severity.get(client.id) is BREAKS
    ]
    return bool(own) and all(o.outcome is Outcome.PASSED for o in own)


def _is_read(client: Client, exchange: Exchange | None) -> bool:
    """True when the client gets everything in the answer, or makes no such request."""
    if exchange is None:
        return False
    reply = as_reply(exchange)
    return role_of(client, exchange) is Role.NONE or bool(reply and reads_all(client.read(exchange), reply))


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of several."""
    return min(severities, key=WORST_FIRST.index)


def mildest(*severities: Severity) -> Severity:
    """The mildest of several."""
    return max(severities, key=WORST_FIRST.index)


def choked(reading: Reading, reply: Reply) -> bool:
    """True when the client fails on the answer, or does not get its text or calls."""
    lost_text = reading.ending is Ending.EMPTY and bool(reply.text.strip())
    lost_calls = bool(reply.calls and not reading.calls)
    return reading.ending in (Ending.FAILED, Ending.BROKEN) or lost_text or lost_calls


def reads_all(reading: Reading, reply: Reply) -> bool:
    """True when the client gets all text and all calls, without a complaint and without a call left in the text."""
    calls = [(call.name, call.value) for call in reading.calls] == [(c.name, c.parsed) for c in reply.calls]
    cut = reply.finish_reason == "length"  # clients rightly complain about it
    fine = not reading.failure and not reading.used_no_tool and (cut or not reading.complaint)
    something = bool(reply.text.strip() or reply.calls)
    return something and fine and calls and reading.text.strip() == reply.text.strip()
