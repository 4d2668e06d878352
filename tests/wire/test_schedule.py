"""The schedule: what is asked when, how much at once, and that stopping, refusing or crashing loses nothing else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Ended
from conformance.reference import Provider, Server, serve
from conformance.requirements import Blame
from conformance.requirements.conversation import PREFLIGHT, Ask, Conversation, Depth, Script
from conformance.requirements.talk import Talk
from conformance.wire.asking import Network
from conformance.wire.http import open_transport
from conformance.wire.limits import Limits
from conformance.wire.schedule import Schedule
from tests.wire.raw_server import Caller, raw_server
from tests.wire.scheduling import FINE, fine, let_all_pass, scheduled


def conversation(name: str, script: Script | None = None, *, timed: bool = False, needs: str = "") -> Conversation:
    """A conversation that asks for a path of its own name."""

    async def ask_for_it(ask: Ask) -> None:
        await ask.get(ask.endpoint.url(f"/{name}"))

    return Conversation(name, script or ask_for_it, "response", Depth.QUICK, 1, 1, 1, 1, timed=timed, needs=needs)


def named(*names: str) -> list[Conversation]:
    """The preflight and these."""
    return [conversation(name) for name in (PREFLIGHT, *names)]


def all_talks(schedule: Schedule) -> dict[str, Talk]:
    """Every conversation when it is over."""
    return {c.name: schedule.talk(c.name) for c in schedule.plan}


def test_the_preflight_is_over_before_anything_else_is_asked() -> None:
    order: list[str] = []

    async def noting(caller: Caller) -> None:
        await caller.request()
        order.append(f"> {caller.target}")
        for _ in range(20):
            await asyncio.sleep(0)  # time enough for anybody who does not wait
        order.append(f"< {caller.target}")
        await caller.send(FINE)

    plan = named("a", "b", "c")
    with scheduled([*plan[1:], plan[0]], noting) as (schedule, _):
        talks = all_talks(schedule)
    assert order[:2] == ["> /v1/preflight", "< /v1/preflight"]
    assert len(order) == 8
    assert [talk.blocked for talk in talks.values()] == [""] * 4


def test_called_off_by_the_preflight_nothing_more_is_asked() -> None:
    plan = [*named("a", "b"), conversation("c", timed=True)]
    with scheduled(plan, fine, gatekeeper=lambda _: ("no such host", Blame.SETTINGS)) as (schedule, server):
        talks = all_talks(schedule)
    assert [caller.target for caller in server.requests] == ["/v1/preflight"]
    assert {(t.blocked, t.blocked_by) for t in talks.values()} == {("no such host", Blame.SETTINGS)}
    assert [len(t.exchanges) for t in talks.values()] == [1, 0, 0, 0]


def test_the_gatekeeper_sees_the_preflight_only() -> None:
    seen: list[str] = []
    with scheduled(named("a", "b"), fine, gatekeeper=lambda found: seen.extend(e.id for e in found)) as (schedule, _):
        all_talks(schedule)
    assert seen == ["preflight#1"]


def test_timed_conversations_are_alone_at_the_end() -> None:
    inside: set[str] = set()
    company: list[tuple[str, int]] = []

    async def noting(caller: Caller) -> None:
        await caller.request()
        inside.add(caller.target)
        for _ in range(50):
            await asyncio.sleep(0)
        company.append((caller.target, len(inside)))
        inside.remove(caller.target)
        await caller.send(FINE)

    plan = named(*"abcde")
    plan[1:1] = [conversation("timed-1", timed=True), conversation("timed-2", timed=True)]
    with scheduled(plan, noting) as (schedule, _):
        all_talks(schedule)
    assert company[-2:] == [("/v1/timed-1", 1), ("/v1/timed-2", 1)]
    assert len(company) == 8


class Crowd:
    """A handler that counts who is inside, and lets nobody go before `together` have been in at once."""

    def __init__(self, together: int) -> None:
        self.together, self.inside, self.peak = together, 0, 0
        self.reached = asyncio.Event()

    async def __call__(self, caller: Caller) -> None:
        """Serves one request."""
        await caller.request()
        if "preflight" not in caller.target:
            self.inside += 1
            self.peak = max(self.peak, self.inside)
            if self.peak == self.together:
                self.reached.set()
            await self.reached.wait()
            for _ in range(20):
                await asyncio.sleep(0)
            self.inside -= 1
        await caller.send(FINE)


def test_as_many_as_allowed_are_under_way_at_once_and_no_more() -> None:
    crowd = Crowd(3)
    with scheduled(named(*"abcdefghijklmnopqrstu"), crowd, width=3) as (schedule, _):
        assert {t.last.ended for t in all_talks(schedule).values()} == {Ended.COMPLETE}
    assert crowd.peak == 3


def against_reference(server: Server, width: int, count: int) -> list[Talk]:
    """That many conversations with the reference provider."""
    endpoint = Endpoint(server.base_url, "reference-1")
    names = [f"c{n}" for n in range(count)]
    transport_of = lambda: Network(endpoint, open_transport(server.base_url, width), Limits(), width)  # noqa: E731
    schedule = Schedule(named(*names), transport_of, let_all_pass)
    schedule.start()
    try:
        return list(all_talks(schedule).values())
    finally:
        schedule.stop()


@pytest.mark.parametrize("width", [1, 3])
def test_the_reference_provider_never_sees_more_at_once(width: int) -> None:
    with serve(Provider("reference-1", latency=0.01)) as server:
        talks = against_reference(server, width, 12)
    assert server.peak == width
    assert server.answered == len(talks) == 13


def test_stopping_waits_for_no_server_and_keeps_what_is_over() -> None:
    hanging = threading.Semaphore(0)

    async def hang(caller: Caller) -> None:
        await caller.request()
        if "preflight" in caller.target:
            await caller.send(FINE)
            return
        hanging.release()
        await caller.gone()

    with scheduled(named("a", "b", "c"), hang, width=2) as (schedule, server):
        assert schedule.talk(PREFLIGHT).last.status == 200
        for _ in range(2):
            assert hanging.acquire(timeout=60)
        schedule.stop()
        talks = all_talks(schedule)
        assert not schedule._thread.is_alive()
        assert [t.conversation for t in schedule.finished()] == [PREFLIGHT]
    assert {talks[n].blocked for n in "abc"} == {"the run was stopped before this was asked"}
    assert {talks[n].blocked_by for n in "abc"} == {Blame.SETTINGS}
    assert len(server.requests) == 3, "the one at the gate must not be asked any more"


def test_stopping_twice_or_before_the_first_answer_is_harmless() -> None:
    async def hang(caller: Caller) -> None:
        await caller.gone()

    with scheduled(named("a"), hang) as (schedule, _):
        schedule.stop()
        schedule.stop()
        assert all(t.blocked for t in all_talks(schedule).values())
        assert schedule.finished() == []


def test_a_crashing_script_is_an_internal_error_and_the_others_go_on() -> None:
    async def crash(ask: Ask) -> None:
        await ask.get(ask.endpoint.url("/before"))
        raise KeyError("choices")

    plan = [*named("a"), conversation("crash", crash), conversation("b", timed=True)]
    with scheduled(plan, fine) as (schedule, _):
        talks = all_talks(schedule)
    assert talks["crash"].error == "the conversation crash failed: KeyError: 'choices'"
    assert [e.status for e in talks["crash"].exchanges] == [200], "what was asked before stays evidence"
    assert [talks[n].error for n in ("a", "b", PREFLIGHT)] == ["", "", ""]
    assert [talks[n].last.status for n in ("a", "b")] == [200, 200]


def test_a_crashing_preflight_lets_the_others_go_on() -> None:
    async def crash(_: Ask) -> None:
        raise RuntimeError("no")

    plan = [conversation(PREFLIGHT, crash), conversation("a")]
    with scheduled(plan, fine) as (schedule, _):
        talks = all_talks(schedule)
    assert talks[PREFLIGHT].error
    assert talks["a"].last.status == 200


def test_what_the_endpoint_does_not_declare_is_not_asked() -> None:
    with scheduled([*named(), conversation("keyless", needs="key")], fine) as (schedule, server):
        talk = schedule.talk("keyless")
    assert "no key is configured" in talk.not_applicable
    assert len(server.requests) == 1


def test_a_connection_that_cannot_be_set_up_blocks_everything_and_says_why() -> None:
    def no_wire() -> Network:
        raise ImportError("Using SOCKS proxy, but the 'socksio' package is not installed")

    schedule = Schedule([*named("a"), conversation("b", timed=True)], no_wire, let_all_pass)
    schedule.start()
    talks = all_talks(schedule)
    schedule.stop()
    assert {t.blocked_by for t in talks.values()} == {Blame.SETTINGS}
    assert all("socksio" in t.blocked for t in talks.values())


def test_progress_reports_every_conversation_once() -> None:
    finished: list[str] = []
    with raw_server(fine) as server:
        endpoint = Endpoint(f"{server.url}/v1", "model-1")
        schedule = Schedule(
            named("a", "b"),
            lambda: Network(endpoint, open_transport(server.url, 2), Limits(), 2),
            let_all_pass,
            lambda talk: finished.append(talk.conversation),
        )
        schedule.start()
        all_talks(schedule)
        schedule.stop()
    assert finished[0] == PREFLIGHT
    assert sorted(finished) == ["a", "b", PREFLIGHT]
