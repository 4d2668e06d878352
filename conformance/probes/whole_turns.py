"""What the requirements of clients' own turns are judged by: the client's request, and what its reader makes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.clients.client import Client
from conformance.clients.fields import Part, left_out, refused
from conformance.clients.own_turns import TurnRequirement
from conformance.clients.reading import Ending, Reading
from conformance.evidence.exchange import Exchange
from conformance.probes.conversations.refused import sent_by
from conformance.requirements import Blame, Blocked
from conformance.requirements.talk import Talk

Reader = Callable[[Exchange], Reading]


def judge_turn(wanted: TurnRequirement, client: Client, own: Talk, reduced: Talk) -> None:
    """Asserts one requirement of a turn; `reduced` are the trials without some parts of what was refused."""
    if wanted.accepted:
        expect_accepted(client, own, reduced)
    if wanted.brings == "calls":
        expect_calls(own, reduced, wanted.read or client.read)
    if wanted.brings == "words":
        reading = client.read(own.answered)
        assert reading.ending is Ending.ANSWER, reading.complaint or "no words came"


def expect_accepted(client: Client, own: Talk, reduced: Talk) -> None:
    """Asserts that every request of the turn was accepted as it is; otherwise names the part that is refused."""
    if own.answered.status is None:
        raise Blocked(own.last.summary)
    for exchange in own.exchanges:
        assert not refused(exchange), refusal(client, exchange, reduced.exchanges)


def refusal(client: Client, exchange: Exchange, trials: Sequence[Exchange]) -> str:
    """What was refused, as exactly as the trials show it."""
    found = accepted_trial(exchange, trials)
    if found is None:
        return f"{client.name}'s request is refused: {exchange.summary}"
    names = [part.name for part in _lacking(exchange, found) or ()]
    if len(names) == 1:
        seen, them = f"{names[0]} is refused ({exchange.summary}); without it the turn is accepted", "it"
    else:
        seen, them = f"the turn is accepted only without {' and '.join(names)} ({exchange.summary})", "them"
    return f"{seen}; {client.name} always sends {them}"


def accepted_trial(exchange: Exchange, trials: Sequence[Exchange]) -> Exchange | None:
    """The accepted request that lacks the fewest parts of a refused one; None if there is none."""
    mine = [trial for trial in trials if trial.ok and _lacking(exchange, trial)]
    return min(mine, key=lambda trial: len(_lacking(exchange, trial) or ()), default=None)


def _lacking(exchange: Exchange, trial: Exchange) -> tuple[Part, ...] | None:
    return left_out(sent_by(exchange.request), sent_by(trial.request))


def expect_calls(own: Talk, reduced: Talk, read: Reader) -> None:
    """Asserts that the client can use every answer, and blocks if the model never called a tool.

    The answer to the accepted trial counts in place of a refusal.
    """
    readings = [read(exchange) for exchange in answers(own, reduced)]
    for reading in readings:
        assert reading.ending in (Ending.ANSWER, Ending.CALLS), reading.complaint or reading.failure
    if not any(reading.calls for reading in readings):
        raise Blocked("the model called no tool", Blame.MODEL)


def answers(own: Talk, reduced: Talk) -> list[Exchange]:
    """The answers to a client's own requests, with the answer to the accepted trial in place of a refusal."""
    if not own.exchanges:
        raise Blocked(own.blocked or "the turn did not take place", own.blocked_by)
    found = [e if not refused(e) else accepted_trial(e, reduced.exchanges) for e in own.exchanges]
    if None in found:
        raise Blocked("the request is refused, even without any of its parts")
    return [exchange for exchange in found if exchange]
