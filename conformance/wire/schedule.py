"""Runs the conversations of a run on one background event loop, so that probes can stay plain, synchronous tests.

The preflight comes first and can cancel the rest. Then come the early ones, which find out what the endpoint takes, and can
cancel the rest as well. The others start together behind one throttle. Then, one by one,
come those that need the results of others, and last those whose arrival times are judged. Repeated conversations with
mixed results are repeated at the end, while that can decide them and requests are left.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field

from conformance.evidence.exchange import Exchange
from conformance.requirements import Blame, Blocked
from conformance.requirements.conversation import ANYTHING, PREFLIGHT, Conversation, unmet
from conformance.requirements.talk import Talk
from conformance.wire.asking import Answers, Asker

POLL = 0.5  # seconds of one wait
Gatekeeper = Callable[[Sequence[Exchange]], tuple[str, Blame] | None]
Progress = Callable[[Talk], None]
Undecided = Callable[[Talk], bool]


@dataclass
class _Running:
    """A conversation under way; `rounds` has the number of exchanges of each repetition."""

    conversation: Conversation
    asker: Asker
    begun: float
    lacking: str
    rounds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""

    async def once(self) -> None:
        """Runs it one more time; raises Blocked when there was no answer."""
        clock = asyncio.get_running_loop().time
        before, begun = len(self.asker.exchanges), clock()
        try:
            await self.conversation.script(self.asker)
        except Blocked:
            raise
        except Exception as bug:  # a script must handle any answer; if it does not, the error is in the suite
            self.error = f"the conversation {self.conversation.name} failed: {type(bug).__name__}: {bug}"
        self.rounds.append(len(self.asker.exchanges) - before)
        self.seconds += clock() - begun

    @property
    def whole(self) -> tuple[Exchange, ...]:
        """The exchanges of the completed repetitions."""
        return tuple(self.asker.exchanges[: sum(self.rounds)])


class Schedule:
    """The conversations of one run, in a background thread.

    `open_wire` is called inside that thread. `gatekeeper` reads the preflight and returns why the rest is pointless,
    or None. `undecided` says whether another repetition of a conversation can decide more; the run may send `most`
    requests in all. `talk` waits for one conversation; after `stop` the unfinished ones come back blocked.
    """

    def __init__(
        self,
        plan: Sequence[Conversation],
        open_wire: Callable[[], Answers],
        gatekeeper: Gatekeeper,
        progress: Progress = lambda talk: None,
        undecided: Undecided = lambda talk: False,
        most: int = 0,
    ) -> None:
        self.plan, self._open_wire, self._gatekeeper, self._progress = plan, open_wire, gatekeeper, progress
        self._undecided, self._left = undecided, most
        self._open: dict[str, _Running] = {}
        self._futures: dict[str, Future[Talk]] = {c.name: Future() for c in plan}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="conversations", daemon=True)
        self._started = self._loop.time()
        self._main: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the conversations."""
        self._started = self._loop.time()
        self._thread.start()

    def talk(self, name: str) -> Talk:
        """The result of a conversation; waits until it is over.

        In short waits, because an interrupt that arrives just before a wait is only handled at its end.
        """
        future = self._futures[name]
        while not future.done():
            wait([future], timeout=POLL)
        try:
            return future.result()
        except CancelledError:
            return Talk(name, blocked="the run was stopped before this was asked", blocked_by=Blame.SETTINGS)

    def finished(self) -> list[Talk]:
        """The finished conversations, in the order of the plan."""
        done = [f for f in self._futures.values() if f.done() and not f.cancelled()]
        return [future.result() for future in done]

    def cancel(self) -> None:
        """Cancels the unfinished conversations without waiting."""
        with contextlib.suppress(RuntimeError):  # the loop has closed by itself
            self._loop.call_soon_threadsafe(self._cancel)

    def stop(self) -> None:
        """Ends the unfinished conversations; never waits for a server."""
        if self._thread.is_alive():
            self.cancel()
            self._thread.join(timeout=10)
        for future in self._futures.values():
            future.cancel()

    def _cancel(self) -> None:
        if self._main:
            self._main.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._main = self._loop.create_task(self._all())
        try:
            self._loop.run_until_complete(self._main)
        except asyncio.CancelledError:
            pass
        except Exception as bug:  # in the suite, so the unasked conversations are errors, not the provider's
            self._give_up(f"the run broke off: {type(bug).__name__}: {bug}")
        finally:
            for future in self._futures.values():
                future.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _all(self) -> None:
        try:
            wire = self._open_wire()
        except Exception as problem:  # the environment's proxy or certificate file is unusable
            reason = f"no connection can be set up: {problem}"
            self._call_off(self.plan, Talk(PREFLIGHT, blocked=reason, blocked_by=Blame.SETTINGS))
            return
        first = [c for c in self.plan if c.name == PREFLIGHT]
        rest = [c for c in self.plan if c.name != PREFLIGHT]
        for conversation in first:
            await self._run_conversation(wire, conversation)
            talk = self._futures[conversation.name].result()
            if talk.blocked and talk.exchanges:
                self._call_off(rest, talk)
                return
        early = [c for c in rest if c.early]
        rest = [c for c in rest if not c.early]
        longest_first = sorted((c for c in rest if not c.timed and not c.after), key=lambda c: -c.tokens)
        try:
            await asyncio.gather(*(self._run_conversation(wire, c) for c in early if not c.after))
            for conversation in (c for c in early if c.after):
                await self._run_conversation(wire, conversation)
            if early and (called_off := self._gatekeeper(self._exchanges_of([PREFLIGHT, *(c.name for c in early)]))):
                self._call_off(rest, Talk(PREFLIGHT, blocked=called_off[0], blocked_by=called_off[1]))
                return
            await asyncio.gather(*(self._run_conversation(wire, c) for c in longest_first))
            for conversation in sorted((c for c in rest if c.timed or c.after), key=lambda c: c.timed):
                await self._run_conversation(wire, conversation)
            while self._open:
                await self._again(wire)
        finally:
            for running in list(self._open.values()):
                self._conclude(wire, running)

    async def _again(self, wire: Answers) -> None:
        """Repeats each undecided conversation once, one after the other, and concludes those that are decided."""
        for running in list(self._open.values()):
            if not (await self._once_more(running) and await self._is_undecided(running)):
                self._conclude(wire, running)

    async def _once_more(self, running: _Running) -> bool:
        """Runs it one more time; False when too few requests are left, or when there was no answer."""
        if self._left < running.conversation.requests // running.conversation.repeats:
            return False
        before = running.asker.sent
        try:
            await running.once()
        except Blocked:
            return False
        finally:
            self._left -= running.asker.sent - before
        return True

    async def _is_undecided(self, running: _Running) -> bool:
        """Whether another repetition can decide more; judged in a thread, so that arriving bytes do not wait."""
        if running.conversation.repeats == 1 or running.lacking or running.error:
            return False
        return await asyncio.to_thread(self._undecided, self._talk(running))

    def _give_up(self, error: str) -> None:
        for name, future in self._futures.items():
            if not future.done():
                self._settle(Talk(name, error=error))

    def _call_off(self, rest: Sequence[Conversation], by: Talk) -> None:
        for conversation in rest:
            self._settle(Talk(conversation.name, blocked=by.blocked, blocked_by=by.blocked_by))

    async def _run_conversation(self, wire: Answers, conversation: Conversation) -> None:
        """Runs it as often as planned; then it is over, unless it is undecided."""
        earlier = self._left_by(conversation.after)
        asker = Asker(wire, conversation.name, conversation.tries, earlier, conversation.about)
        running = _Running(conversation, asker, self._loop.time(), unmet(conversation, wire.endpoint))
        try:
            for _ in range(0 if running.lacking else conversation.repeats):
                await running.once()
        except Blocked as missing:  # there was no answer, so nothing in this conversation can be judged
            self._settle(Talk(conversation.name, blocked=str(missing), blocked_by=missing.by))
            return
        finally:
            self._left -= asker.sent
        self._open[conversation.name] = running
        if not await self._is_undecided(running):
            self._conclude(wire, running)

    def _conclude(self, wire: Answers, running: _Running) -> None:
        del self._open[running.conversation.name]
        self._settle(wire.dated(self._talk(running)))

    def _talk(self, running: _Running) -> Talk:
        reason, blame = self._called_off(running)
        return Talk(
            running.conversation.name,
            running.whole,
            blocked=reason,
            blocked_by=blame,
            not_applicable=running.lacking,
            error=running.error,
            promised=running.conversation.expects != ANYTHING,
            rounds=tuple(running.rounds),
            started=running.begun - self._started,
            seconds=running.seconds,
            passed=tuple(running.asker.passed),
        )

    def _exchanges_of(self, names: Sequence[str]) -> list[Exchange]:
        return [exchange for exchanges in self._left_by(names).values() for exchange in exchanges]

    def _left_by(self, names: Sequence[str]) -> dict[str, tuple[Exchange, ...]]:
        """The exchanges of these conversations, as far as they are over."""
        over = {name: f for name in names if (f := self._futures.get(name)) and f.done() and not f.cancelled()}
        return {name: future.result().exchanges for name, future in over.items()}

    def _called_off(self, running: _Running) -> tuple[str, Blame]:
        called_off = self._gatekeeper(running.whole) if running.conversation.name == PREFLIGHT else None
        return called_off or ("", Blame.PROVIDER)

    def _settle(self, talk: Talk) -> None:
        future = self._futures[talk.conversation]
        if future.set_running_or_notify_cancel():
            future.set_result(talk)
            self._progress(talk)
