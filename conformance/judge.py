"""Judging: which cases a probe has, and what each came to. Pure; the pytest plugin only calls it.

A case is one conversation looked at by one probe. A probe whose function takes a *kind* of exchange is judged on every
exchange of that kind in the conversation; one that takes conversations by name gets their whole `Talk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conformance.conversation import Conversation
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import KINDS
from conformance.probe import Blame, Blocked, NotApplicable, Outcome, Probe


@dataclass(frozen=True)
class Talk:
    """What one conversation left: its exchanges in order, or the reason why it did not take place."""

    conversation: str
    exchanges: tuple[Exchange, ...] = ()
    blocked: str = ""
    blocked_by: Blame = Blame.PROVIDER
    not_applicable: str = ""
    error: str = ""
    started: float = 0.0
    seconds: float = 0.0

    @property
    def last(self) -> Exchange:
        """The final exchange; raises Blocked when there is none."""
        if not self.exchanges:
            raise Blocked(self.blocked or f"the conversation {self.conversation} left no exchange", self.blocked_by)
        return self.exchanges[-1]

    @property
    def answered(self) -> Exchange:
        """The final exchange, when it has an HTTP response; raises Blocked otherwise."""
        if self.last.response is None:
            raise Blocked(f"no answer: {self.last.summary}")
        return self.last


@dataclass(frozen=True)
class Observation:
    """What judging one case came to.

    `actual` is what was seen when it failed, `reason` why it was blocked, not applicable, or an error of ours.
    `exchanges` are the ids looked at, the offending one first.
    """

    probe: Probe
    case: str
    outcome: Outcome
    actual: str = ""
    reason: str = ""
    blocked_by: Blame | None = None
    exchanges: tuple[str, ...] = field(default=())


def cases_of(probe: Probe, asked: Mapping[str, Conversation]) -> list[str]:
    """Names of the conversations the probe is judged on, one case each; [""] for one that compares several.

    Empty when the planned conversations cannot feed it.
    """
    if probe.over:
        return [name for name in probe.over if name in asked]
    kind = kind_taken(probe)
    if kind is None:
        return [""] if all(name in asked for name in probe.takes) else []
    return [c.name for c in asked.values() if kind.may_come_from(c.expects)]


def kind_taken(probe: Probe) -> Kind | None:
    """The kind of exchange the probe's function takes, or None when it takes conversations."""
    return next((KINDS[name] for name in probe.takes if name in KINDS), None)


from conformance.evidence.kinds import Kind  # noqa: E402
