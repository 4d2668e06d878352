"""The evidence of one conversation, as probes get it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from conformance.evidence.exchange import Exchange
from conformance.requirements.outcome import Blocked
from conformance.requirements.requirement import Blame


@dataclass(frozen=True)
class Talk:
    """The evidence of one conversation: its exchanges in order, or the reason why it did not take place.

    `rounds` has the number of exchanges of each repetition, if it was held more than once. `promised` is false for a
    conversation that may leave any exchanges or none. `started` is when it began, in seconds after the start of the run;
    `seconds` is how long it took. `passed` are the answers whose trouble was over when the same request was sent again.
    """

    conversation: str
    exchanges: tuple[Exchange, ...] = ()
    blocked: str = ""
    blocked_by: Blame = Blame.PROVIDER
    not_applicable: str = ""
    error: str = ""
    promised: bool = True
    rounds: tuple[int, ...] = ()
    started: float = 0.0
    seconds: float = 0.0
    passed: tuple[Exchange, ...] = ()

    @property
    def evidence(self) -> tuple[Exchange, ...]:
        """All answers in the order of their requests, with those whose trouble passed."""
        if not self.passed:
            return self.exchanges
        return tuple(sorted((*self.exchanges, *self.passed), key=lambda e: int(e.id.rpartition("#")[2])))

    @property
    def held(self) -> list[Talk]:
        """One talk for each repetition."""
        if len(self.rounds) < 2:
            return [self]
        ends = accumulate(self.rounds)
        cuts = pairwise([0, *ends])
        return [replace(self, exchanges=self.exchanges[start:end], rounds=()) for start, end in cuts]

    @property
    def last(self) -> Exchange:
        """The final exchange; raises Blocked when there is none."""
        if not self.exchanges:
            raise Blocked(self.blocked or f"the conversation {self.conversation} has no exchange", self.blocked_by)
        return self.exchanges[-1]

    @property
    def answered(self) -> Exchange:
        """The final exchange, when it has an HTTP response; raises Blocked otherwise."""
        if self.last.response is None:
            raise Blocked(f"no answer: {self.last.summary}")
        return self.last
