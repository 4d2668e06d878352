"""Judging: which cases a probe has, and what each came to. Pure; the pytest plugin only calls it.

A case is one conversation looked at by one probe. A probe whose function takes a *kind* of exchange is judged on every
exchange of that kind in the conversation; one that takes conversations by name gets each whole as a `Talk`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.conversation import Conversation
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import KINDS, Kind
from conformance.probe import Blame, Blocked, NotApplicable, Outcome, Probe


@dataclass(frozen=True)
class Talk:
    """What one conversation left: its exchanges in order, or the reason why it did not take place.

    `promised` is false for one that may leave anything or nothing. `started` and `seconds` tell when it began after the
    start of the run and how long it took.
    """

    conversation: str
    exchanges: tuple[Exchange, ...] = ()
    blocked: str = ""
    blocked_by: Blame = Blame.PROVIDER
    not_applicable: str = ""
    error: str = ""
    promised: bool = True
    started: float = 0.0
    seconds: float = 0.0

    @property
    def last(self) -> Exchange:
        """The final exchange; raises Blocked when there is none."""
        if not self.exchanges:
            raise Blocked(
                self.blocked or f"the conversation {self.conversation} left no exchange", self.blocked_by
            )
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
    `exchanges` are the ids looked at, an offending one first.
    """

    probe: Probe
    case: str
    outcome: Outcome
    actual: str = ""
    reason: str = ""
    blocked_by: Blame | None = None
    exchanges: tuple[str, ...] = ()


def kind_taken(probe: Probe) -> Kind | None:
    """The kind of exchange the probe's function takes, or None when it takes conversations."""
    return next((KINDS[name] for name in probe.takes if name in KINDS), None)


def cases_of(probe: Probe, asked: Mapping[str, Conversation]) -> list[str]:
    """The cases of a probe in a run that plans these conversations.

    One per conversation for a battery or a kind; [""] for a probe that takes conversations by name; [] when the
    planned conversations cannot feed it.
    """
    if probe.over:
        return [name for name in probe.over if name in asked]
    kind = kind_taken(probe)
    if kind:
        return [c.name for c in asked.values() if kind.may_come_from(c.expects)]
    return [""] if all(name in asked for name in probe.takes) else []


def conversations_of(probe: Probe, case: str) -> tuple[str, ...]:
    """Names of the conversations that one case looks at."""
    return (case,) if case else probe.takes


def judge(
    probe: Probe, case: str, talks: Mapping[str, Talk], profiles: Mapping[str, Client] = CURRENT
) -> Observation | None:
    """Judges one case by these profiles; None when the conversation left nothing of a kind that nobody has to show."""
    looked_at = [talks[name] for name in conversations_of(probe, case)]
    observed = Observation(
        probe, case, Outcome.PASSED, exchanges=tuple(e.id for t in looked_at for e in t.exchanges)
    )
    hindered = _hindrance(observed, looked_at)
    if hindered:
        return hindered
    kind = kind_taken(probe)
    if kind:
        return _judge_kind(observed, kind, talks[case])
    evidence = {"talk": looked_at[0]} if probe.over else dict(zip(probe.takes, looked_at, strict=True))
    readers = {name: profiles[id] for name, id in probe.clients.items()}
    return _call(observed, lambda: probe.function(**evidence, **readers))


def _hindrance(observed: Observation, talks: Iterable[Talk]) -> Observation | None:
    for talk in talks:
        if talk.error:
            return replace(observed, outcome=Outcome.ERROR, reason=talk.error)
        if talk.not_applicable:
            return replace(observed, outcome=Outcome.NOT_APPLICABLE, reason=talk.not_applicable)
        if talk.blocked and (not talk.exchanges or kind_taken(observed.probe)):
            return replace(observed, outcome=Outcome.BLOCKED, reason=talk.blocked, blocked_by=talk.blocked_by)
    return None


def _judge_kind(observed: Observation, kind: Kind, talk: Talk) -> Observation | None:
    viewed = [(exchange, view) for exchange in talk.exchanges if (view := kind.view(exchange)) is not None]
    if not viewed:
        nobody_waits = kind.stray or not talk.promised or not talk.exchanges
        return None if nobody_waits else _absent(observed, kind, talk)
    function = observed.probe.function
    results = [
        _call(replace(observed, exchanges=(exchange.id,)), lambda view=view: function(view))  # type: ignore[misc]
        for exchange, view in viewed
    ]
    return worst(results)


def _absent(observed: Observation, kind: Kind, talk: Talk) -> Observation:
    """Why an exchange of the expected kind is not there: refused, or the model did not do what was asked."""
    blocked = replace(observed, outcome=Outcome.BLOCKED, blocked_by=Blame.PROVIDER)
    last = talk.last
    if kind.name.startswith("tool_") and last.ok and last.ended == "complete":
        if last.request.field("tool_choice") in (None, "auto"):
            return replace(blocked, reason="the model called no tool", blocked_by=Blame.MODEL)
        return replace(blocked, reason="no tool call came although it was forced")
    return replace(blocked, reason=f"nothing to judge: {last.summary}")


SERIOUS = (Outcome.ERROR, Outcome.FAILED, Outcome.PASSED, Outcome.BLOCKED, Outcome.NOT_APPLICABLE)


def worst(results: list[Observation]) -> Observation:
    """The one that decides: an error of ours, else a failure, else a pass; it names all exchanges, its own first."""
    decides = min(results, key=lambda o: SERIOUS.index(o.outcome))
    others = [id for o in results if o is not decides for id in o.exchanges]
    same = sum(o.outcome is Outcome.FAILED for o in results) - 1
    more = f" (and in {same} more)" if decides.outcome is Outcome.FAILED and same else ""
    return replace(decides, actual=decides.actual + more, exchanges=(*decides.exchanges, *others))


def _call(observed: Observation, function: Callable[[], None]) -> Observation:
    try:
        function()
    except AssertionError as failure:
        return replace(observed, outcome=Outcome.FAILED, actual=_words(failure))
    except Blocked as blocked:
        return replace(observed, outcome=Outcome.BLOCKED, reason=str(blocked), blocked_by=blocked.by)
    except NotApplicable as absent:
        return replace(observed, outcome=Outcome.NOT_APPLICABLE, reason=str(absent))
    except Exception as bug:  # a probe must be total; anything else is our error and is told as such
        return replace(observed, outcome=Outcome.ERROR, reason=f"{type(bug).__name__}: {bug}")
    return observed


def _words(failure: AssertionError) -> str:
    """The message of an assertion, without what pytest appends where it rewrites asserts: object addresses."""
    return str(failure).split("\nassert ")[0] or "the requirement does not hold"


def unseen(probe: Probe) -> Observation:
    """What stands for a probe none of whose cases left anything to judge."""
    kind = kind_taken(probe)
    if kind and kind.stray:
        return Observation(
            probe, "", Outcome.NOT_APPLICABLE, reason=f"no {kind.name.replace('_', ' ')} was seen"
        )
    return Observation(
        probe, "", Outcome.BLOCKED, reason="nothing was seen to judge it on", blocked_by=Blame.PROVIDER
    )
