"""Holding a conversation again: while its answers do not agree, as long as requests are left, and never at the cost of what came before."""

from __future__ import annotations

import threading
from collections import Counter

from conformance.requirements import Blocked
from conformance.requirements.conversation import PREFLIGHT, Ask, Conversation, Depth
from conformance.requirements.talk import Talk
from conformance.wire.schedule import Schedule
from tests.wire.raw_server import Caller
from tests.wire.scheduling import FINE, fine, scheduled


def asking(path: str) -> Conversation:
    """A conversation that asks for a path once."""

    async def ask_for_it(ask: Ask) -> None:
        await ask.get(ask.endpoint.url(f"/{path}"))

    return Conversation(path, ask_for_it, "response", Depth.QUICK, 1, 1, 1, 1)


def repeated(*names: str) -> list[Conversation]:
    """The preflight, and these held three times each."""
    return [asking(PREFLIGHT), *(asking(name).repeated(3) for name in names)]


def talks(schedule: Schedule) -> dict[str, Talk]:
    return {c.name: schedule.talk(c.name) for c in schedule.plan}


def test_only_undecided_conversations_are_repeated_until_they_are_decided() -> None:
    def undecided(talk: Talk) -> bool:
        return talk.conversation == "b" and len(talk.rounds) < 5

    with scheduled(repeated("a", "b"), fine, undecided=undecided, most=100) as (schedule, server):
        rounds = {name: talk.rounds for name, talk in talks(schedule).items()}
    assert rounds == {PREFLIGHT: (1,), "a": (1, 1, 1), "b": (1, 1, 1, 1, 1)}
    assert Counter(caller.target for caller in server.requests) == {"/v1/preflight": 1, "/v1/a": 3, "/v1/b": 5}


def test_repetitions_share_the_requests_that_are_left() -> None:
    with scheduled(repeated("a", "b"), fine, undecided=lambda talk: True, most=1 + 3 + 3 + 4) as (schedule, server):
        rounds = {name: len(talk.rounds) for name, talk in talks(schedule).items()}
    assert rounds == {PREFLIGHT: 1, "a": 5, "b": 5}
    assert len(server.requests) == 11


def test_what_is_planned_once_is_never_repeated() -> None:
    with scheduled([asking(PREFLIGHT), asking("a")], fine, undecided=lambda talk: True, most=100) as (schedule, server):
        talks(schedule)
    assert len(server.requests) == 2


def test_a_missing_answer_ends_the_repetitions_and_keeps_the_earlier_ones() -> None:
    async def thrice(ask: Ask) -> None:
        if len(ask.exchanges) == 3:
            await ask.get(ask.endpoint.url("/half-of-it"))
            raise Blocked("nobody knows")
        await ask.get(ask.endpoint.url("/a"))

    plan = [asking(PREFLIGHT), Conversation("a", thrice, "response", Depth.QUICK, 1, 1, 1, 1).repeated(3)]
    with scheduled(plan, fine, undecided=lambda talk: True, most=100) as (schedule, _):
        talk = schedule.talk("a")
    assert (talk.blocked, talk.rounds, len(talk.exchanges)) == ("", (1, 1, 1), 3)


def test_an_internal_error_in_a_repetition_is_reported() -> None:
    async def thrice(ask: Ask) -> None:
        if len(ask.exchanges) == 3:
            raise KeyError("choices")
        await ask.get(ask.endpoint.url("/a"))

    plan = [asking(PREFLIGHT), Conversation("a", thrice, "response", Depth.QUICK, 1, 1, 1, 1).repeated(3)]
    with scheduled(plan, fine, undecided=lambda talk: True, most=100) as (schedule, _):
        assert schedule.talk("a").error == "the conversation a failed: KeyError: 'choices'"


def test_a_repetition_that_is_stopped_keeps_the_complete_ones() -> None:
    asked, fourth = Counter[str](), threading.Event()

    async def hang_at_the_fourth(caller: Caller) -> None:
        await caller.request()
        asked[caller.target] += 1
        if asked[caller.target] > 3:
            fourth.set()
            await caller.gone()
        else:
            await caller.send(FINE)

    with scheduled(repeated("a", "b"), hang_at_the_fourth, undecided=lambda talk: True, most=100) as (schedule, _):
        assert fourth.wait(timeout=30)
        schedule.stop()
        left = {talk.conversation: talk for talk in schedule.finished()}
    assert {name: (talk.rounds, talk.blocked) for name, talk in left.items()} == {
        PREFLIGHT: ((1,), ""),
        "a": ((1, 1, 1), ""),
        "b": ((1, 1, 1), ""),
    }
