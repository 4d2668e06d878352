"""Runs the conversations of a run on one background event loop, so that probes can stay plain, synchronous tests.

The preflight comes first and may call the whole thing off; the others start together behind one gate; then come, one by
one, those that build on what others left, and alone those whose arrival times are judged. What was held several times and
did not come out alike each time is held again at the end, as long as that may tell more and requests are left.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field

from conformance.evidence.exchange import Exchange
from conformance.requirements.conversation import ANYTHING, Conversation, unmet
from conformance.requirements.outcome import Blocked
from conformance.requirements.requirement import Blame
from conformance.requirements.talk import Talk
from conformance.wire.asking import Answers, Asker

PREFLIGHT = "preflight"
BREATH = 0.5  # seconds of a wait
Gatekeeper = Callable[[Sequence[Exchange]], tuple[str, Blame] | None]
Progress = Callable[[Talk], None]
Undecided = Callable[[Talk], bool]


@dataclass
class _Held:
    """A conversation under way; `rounds` tells how many exchanges each time left that it was held."""

    conversation: Conversation
    asker: Asker
    begun: float
    lacking: str
    rounds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""

    async def once(self) -> None:
        """Holds it one more time; raises Blocked where no answer was to be had."""
        before, begun = len(self.asker.exchanges), time.monotonic()
        try:
            await self.conversation.script(self.asker)
        except Blocked:
            raise
        except Exception as bug:  # a script must cope with any answer; what it does not is our error
            self.error = f"the conversation {self.conversation.name} failed: {type(bug).__name__}: {bug}"
        self.rounds.append(len(self.asker.exchanges) - before)
        self.seconds += time.monotonic() - begun

    @property
    def whole(self) -> tuple[Exchange, ...]:
        """The exchanges of the times that came to their end."""
        return tuple(self.asker.exchanges[: sum(self.rounds)])


class Schedule:
    """The conversations of one run, under way in a thread of their own.

    `open_wire` is called inside that thread. `gatekeeper` looks at the preflight and says why the rest is pointless,
    or None. `undecided` says of what was held several times whether another time may tell more; for that `most` requests
    may be sent in all. `talk` waits for one conversation; after `stop` those that had not finished come back blocked.
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
        self._open: dict[str, _Held] = {}
        self._futures: dict[str, Future[Talk]] = {c.name: Future() for c in plan}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="conversations", daemon=True)
        self._started = time.monotonic()
        self._main: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Lets the conversations begin."""
        self._started = time.monotonic()
        self._thread.start()

    def talk(self, name: str) -> Talk:
        """What the conversation left; waits until it is over.

        In short waits, because an interrupt that arrives just before a wait is only heard at its end.
        """
        future = self._futures[name]
        while not future.done():
            wait([future], timeout=BREATH)
        try:
            return future.result()
        except CancelledError:
            return Talk(name, blocked="the run was stopped before this was asked", blocked_by=Blame.SETTINGS)

    def finished(self) -> list[Talk]:
        """The conversations that are over by now, in the order of the plan."""
        done = [f for f in self._futures.values() if f.done() and not f.cancelled()]
        return [future.result() for future in done]

    def cancel(self) -> None:
        """Has what is still under way end soon."""
        with contextlib.suppress(RuntimeError):  # the loop has closed by itself
            self._loop.call_soon_threadsafe(self._cancel)

    def stop(self) -> None:
        """Ends what is still under way; never waits for a server."""
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
        except Exception as bug:  # ours: what was not asked because of it is an error, never the provider's
            self._give_up(f"the run broke off: {type(bug).__name__}: {bug}")
        finally:
            for future in self._futures.values():
                future.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _all(self) -> None:
        try:
            wire = self._open_wire()
        except Exception as problem:  # a proxy or a certificate file of the environment that cannot be used
            reason = f"no connection can be set up: {problem}"
            self._call_off(self.plan, Talk(PREFLIGHT, blocked=reason, blocked_by=Blame.SETTINGS))
            return
        first = [c for c in self.plan if c.name == PREFLIGHT]
        rest = [c for c in self.plan if c.name != PREFLIGHT]
        for conversation in first:
            await self._hold(wire, conversation)
            talk = self._futures[conversation.name].result()
            if talk.blocked and talk.exchanges:
                self._call_off(rest, talk)
                return
        longest_first = sorted((c for c in rest if not c.timed and not c.after), key=lambda c: -c.tokens)
        try:
            await asyncio.gather(*(self._hold(wire, c) for c in longest_first))
            for conversation in sorted((c for c in rest if c.timed or c.after), key=lambda c: c.timed):
                await self._hold(wire, conversation)
            while self._open:
                await self._again(wire)
        finally:
            for held in list(self._open.values()):
                self._conclude(wire, held)

    async def _again(self, wire: Answers) -> None:
        """Holds each of the undecided one more time, one after the other, and has done with those that need no other."""
        for held in list(self._open.values()):
            if not (await self._once_more(held) and await self._is_undecided(held)):
                self._conclude(wire, held)

    async def _once_more(self, held: _Held) -> bool:
        """Holds it one more time; False when no requests are left for that, or no answer was to be had."""
        if self._left < held.conversation.requests // held.conversation.repeats:
            return False
        before = held.asker.sent
        try:
            await held.once()
        except Blocked:
            return False
        finally:
            self._left -= held.asker.sent - before
        return True

    async def _is_undecided(self, held: _Held) -> bool:
        """Whether another time may tell more; judged in a thread, so that whatever arrives meanwhile is not kept waiting."""
        if held.conversation.repeats == 1 or held.lacking or held.error:
            return False
        return await asyncio.to_thread(self._undecided, self._talk(held))

    def _give_up(self, error: str) -> None:
        for name, future in self._futures.items():
            if not future.done():
                self._settle(Talk(name, error=error))

    def _call_off(self, rest: Sequence[Conversation], by: Talk) -> None:
        for conversation in rest:
            self._settle(Talk(conversation.name, blocked=by.blocked, blocked_by=by.blocked_by))

    async def _hold(self, wire: Answers, conversation: Conversation) -> None:
        """Holds it as often as planned; it is over then, unless it is undecided."""
        asker = Asker(wire, conversation.name, conversation.tries, self._left_by(conversation.after))
        held = _Held(conversation, asker, time.monotonic(), unmet(conversation, wire.endpoint))
        try:
            for _ in range(0 if held.lacking else conversation.repeats):
                await held.once()
        except Blocked as missing:  # no answer was to be had, so nothing of this conversation can be judged
            self._settle(Talk(conversation.name, blocked=str(missing), blocked_by=missing.by))
            return
        finally:
            self._left -= asker.sent
        self._open[conversation.name] = held
        if not await self._is_undecided(held):
            self._conclude(wire, held)

    def _conclude(self, wire: Answers, held: _Held) -> None:
        del self._open[held.conversation.name]
        self._settle(wire.dated(self._talk(held)))

    def _talk(self, held: _Held) -> Talk:
        reason, blame = self._gate(held)
        return Talk(
            held.conversation.name,
            held.whole,
            blocked=reason,
            blocked_by=blame,
            not_applicable=held.lacking,
            error=held.error,
            promised=held.conversation.expects != ANYTHING,
            rounds=tuple(held.rounds),
            started=held.begun - self._started,
            seconds=held.seconds,
        )

    def _left_by(self, names: Sequence[str]) -> dict[str, tuple[Exchange, ...]]:
        """What these conversations left, as far as they are over."""
        over = {
            name: f for name in names if (f := self._futures.get(name)) and f.done() and not f.cancelled()
        }
        return {name: future.result().exchanges for name, future in over.items()}

    def _gate(self, held: _Held) -> tuple[str, Blame]:
        called_off = self._gatekeeper(held.whole) if held.conversation.name == PREFLIGHT else None
        return called_off or ("", Blame.PROVIDER)

    def _settle(self, talk: Talk) -> None:
        future = self._futures[talk.conversation]
        if future.set_running_or_notify_cancel():
            future.set_result(talk)
            self._progress(talk)
