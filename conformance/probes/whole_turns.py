"""What the probes of the area `client` share: a client's own request, and what its reader makes of the answers to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.clients.client import Client
from conformance.clients.fields import Part, left_out, refused
from conformance.clients.reading import Ending, Reading
from conformance.evidence.exchange import Exchange
from conformance.probes.conversations.refused import sent_by
from conformance.requirements.outcome import Blocked
from conformance.requirements.requirement import Blame
from conformance.requirements.talk import Talk

NO_TRIALS = Talk("refused_parts")  # of turns that only a thorough run takes
Reader = Callable[[Exchange], Reading]


def expect_taken(client: Client, own: Talk, reduced: Talk) -> None:
    """Asserts that every request of the turn was taken as it was; otherwise names the part that is refused."""
    if own.answered.status is None:
        raise Blocked(own.last.summary)
    for exchange in own.exchanges:
        assert not refused(exchange), refusal(client, exchange, reduced.exchanges)


def refusal(client: Client, exchange: Exchange, trials: Sequence[Exchange]) -> str:
    """What was refused, as far as leaving out parts has shown it."""
    found = taken_trial(exchange, trials)
    if found is None:
        return f"{client.name}'s request is refused: {exchange.summary}"
    names = [part.name for part in _lacking(exchange, found) or ()]
    if len(names) == 1:
        told, them = f"{names[0]} is refused ({exchange.summary}); without it the turn is taken", "it"
    else:
        told, them = f"the turn is taken only without {' and '.join(names)} ({exchange.summary})", "them"
    return f"{told}; {client.name} always sends {them}"


def taken_trial(exchange: Exchange, trials: Sequence[Exchange]) -> Exchange | None:
    """The request that lacked the fewest parts of a refused one and was taken; None when there is none."""
    mine = [trial for trial in trials if trial.ok and _lacking(exchange, trial)]
    return min(mine, key=lambda trial: len(_lacking(exchange, trial) or ()), default=None)


def _lacking(exchange: Exchange, trial: Exchange) -> tuple[Part, ...] | None:
    return left_out(sent_by(exchange.request), sent_by(trial.request))


def expect_read(own: Talk, reduced: Talk, read: Reader) -> None:
    """Asserts that the client makes of every answer what its user expects; of the taken trial when it was refused."""
    readings = [read(exchange) for exchange in answers(own, reduced)]
    for reading in readings:
        assert reading.ending in (Ending.ANSWER, Ending.CALLS), reading.complaint or reading.failure
    if not any(reading.calls for reading in readings):
        raise Blocked("the model called no tool", Blame.MODEL)


def answers(own: Talk, reduced: Talk) -> list[Exchange]:
    """The answers to a client's own requests, that to the reduced one in place of a refusal."""
    if not own.exchanges:
        raise Blocked(own.blocked or "the turn did not take place", own.blocked_by)
    found = [e if not refused(e) else taken_trial(e, reduced.exchanges) for e in own.exchanges]
    if None in found:
        raise Blocked("the request is refused, whatever is left out")
    return [exchange for exchange in found if exchange]
