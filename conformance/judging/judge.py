"""Judges one probe: which cases it has, and the observation of each. Pure.

A case is one conversation seen by one probe. A probe whose function takes a *kind* of exchange is judged on every exchange
of that kind in the conversation; one that takes conversations by name gets each as a whole `Talk`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import KINDS, PASSED, Kind
from conformance.judging.charged import charged
from conformance.judging.observation import Observation, together
from conformance.requirements import MOST_SERIOUS_FIRST, Blame, Blocked, NotApplicable, Outcome, Requirement
from conformance.requirements.conversation import Conversation
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk


def kind_taken(probe: Requirement) -> Kind | None:
    """The kind of exchange the probe's function takes, or None when it takes conversations."""
    return next((KINDS[name] for name in probe.evidence if name in KINDS), None)


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
    return [""] if all(name in asked for name in probe.evidence) else []


def conversations_of(probe: Probe, case: str) -> tuple[str, ...]:
    """The names of the conversations that one case looks at."""
    return (case,) if case else probe.evidence


def judge(
    probe: Probe, case: str, talks: Mapping[str, Talk], profiles: Mapping[str, Client] = CURRENT
) -> Observation | None:
    """Judges one case with these client profiles; None when an optional kind of exchange did not occur."""
    looked_at = [talks[name] for name in conversations_of(probe, case)]
    observed = Observation(probe, case, Outcome.PASSED, exchanges=tuple(e.id for t in looked_at for e in t.exchanges))
    hindered = _hindrance(observed, looked_at)
    if hindered:
        return hindered
    rounds = [_judge_round(probe, observed, talks, profiles) for talks in _rounds(looked_at)]
    seen = [one for one in rounds if one]
    return worst(seen) if seen else None


def _rounds(talks: Sequence[Talk]) -> list[tuple[Talk, ...]]:
    """The talks repetition by repetition; a talk held only once is used for every repetition of the others."""
    held = [talk.held for talk in talks]
    times = max(map(len, held))
    return [tuple(each[min(n, len(each) - 1)] for each in held) for n in range(times)]


def _judge_round(
    probe: Probe, observed: Observation, talks: Sequence[Talk], profiles: Mapping[str, Client]
) -> Observation | None:
    kind = kind_taken(probe)
    if kind:
        return _judge_kind(probe, observed, kind, talks[0], profiles)
    names = ("talk",) if probe.over else probe.evidence
    readers = {name: profiles[id] for name, id in probe.readers.items()}
    arguments = dict(zip(names, talks, strict=True)) | readers
    seen = [exchange for talk in talks for exchange in talk.exchanges]
    one = _call(replace(observed, exchanges=tuple(e.id for e in seen)), lambda: probe.function(**arguments))
    return charged(one, seen, profiles, alone=False)


def _hindrance(observed: Observation, talks: Iterable[Talk]) -> Observation | None:
    for talk in talks:
        if talk.error:
            return replace(observed, outcome=Outcome.ERROR, reason=talk.error)
        if talk.not_applicable:
            return replace(observed, outcome=Outcome.NOT_APPLICABLE, reason=talk.not_applicable)
        if talk.blocked and (not talk.exchanges or kind_taken(observed.requirement)):
            return replace(observed, outcome=Outcome.BLOCKED, reason=talk.blocked, blocked_by=talk.blocked_by)
    return None


def _judge_kind(
    probe: Probe, observed: Observation, kind: Kind, talk: Talk, profiles: Mapping[str, Client]
) -> Observation | None:
    looked_at = talk.passed if kind.name == PASSED else talk.exchanges
    viewed = [(exchange, view) for exchange in looked_at if (view := kind.view(exchange)) is not None]
    if not viewed:
        optional = kind.stray or not talk.promised or not talk.exchanges
        return None if optional else _absent(observed, kind, talk)
    judged = [charged(judge_view(probe, observed.case, e, view), [e], profiles) for e, view in viewed]
    failed = sum(one.outcome is Outcome.FAILED for one in judged)
    decides = _decisive(judged)
    how_often = f" (in {failed} of {len(judged)} answers)" if 0 < failed < len(judged) else ""
    return replace(decides, actual=decides.actual + how_often)


def judge_view(probe: Probe, case: str, exchange: Exchange, view: Any) -> Observation:
    """Judges one exchange, unless it is a recording that lacks what the probe needs."""
    one = Observation(probe, case, Outcome.PASSED, exchanges=(exchange.id,))
    if hidden := probe.needs & exchange.lost:
        return replace(one, outcome=Outcome.NOT_APPLICABLE, reason=f"the recording does not show {min(hidden)}")
    return _call(one, lambda: probe.function(view))


def _absent(observed: Observation, kind: Kind, talk: Talk) -> Observation:
    """Why an exchange of the expected kind is missing: refused, or the model did not do what was asked."""
    blocked = replace(observed, outcome=Outcome.BLOCKED, blocked_by=Blame.PROVIDER)
    last = talk.last
    if kind.name.startswith("tool_") and last.ok and last.ended == "complete":
        if last.request.field("tool_choice") in (None, "auto"):
            return replace(blocked, reason="the model called no tool", blocked_by=Blame.MODEL)
        return replace(blocked, reason="no tool call came although it was forced")
    return replace(blocked, reason=f"nothing to judge: {last.summary}")


def worst(rounds: Sequence[Observation]) -> Observation:
    """The observation that stands for all repetitions; a failure says how often it was seen.

    A blocked repetition does not count.
    """
    decides = _decisive(rounds)
    failed = sum(o.outcome is Outcome.FAILED for o in rounds)
    judged = failed + sum(o.outcome is Outcome.PASSED for o in rounds)
    how_often = f" ({frequency(failed, judged)})" if failed and judged > 1 else ""
    return replace(decides, actual=decides.actual + how_often, times=(failed, judged))


def _decisive(results: Sequence[Observation]) -> Observation:
    """The most serious observation, with all exchanges, its own first."""
    decides = min(results, key=lambda o: MOST_SERIOUS_FIRST.index(o.outcome))
    ids = tuple(dict.fromkeys(id for o in [decides, *results] for id in o.exchanges))
    alike = [o for o in results if o.outcome is decides.outcome]
    failing = tuple(dict.fromkeys(id for o in alike for id in o.failing))
    return replace(decides, exchanges=ids, felt=together(alike), failing=failing)


def interval(k: int, n: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share that was seen k of n times.

    Source: Wilson's score interval, https://doi.org/10.1080/01621459.1927.10502953
    """
    z, share = 1.96, k / n
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (max(0.0, min(1.0, (middle + sign * spread) / (1 + z * z / n))) for sign in (-1, 1))
    return low, high


def frequency(k: int, n: int) -> str:
    """How often something was seen, in a word, as k of n, and as a confidence interval of the share."""
    low, high = interval(k, n)
    word = "always" if k == n else "mostly" if 2 * k > n else "sometimes" if k else "never"
    return f"{word}: {k} of {n}, {low:.0%} to {high:.0%}"


def undecided(observation: Observation) -> bool:
    """True when it failed in some repetitions and passed in others, too few to say whether mostly or sometimes."""
    failed, judged = observation.times
    low, high = interval(failed, judged) if judged else (0.0, 1.0)
    return 0 < failed < judged and low < 0.5 < high


def _call(observed: Observation, function: Callable[[], None]) -> Observation:
    try:
        function()
    except AssertionError as failure:
        return replace(observed, outcome=Outcome.FAILED, actual=_words(failure))
    except Blocked as blocked:
        return replace(observed, outcome=Outcome.BLOCKED, reason=str(blocked), blocked_by=blocked.by)
    except NotApplicable as absent:
        return replace(observed, outcome=Outcome.NOT_APPLICABLE, reason=str(absent))
    except Exception as bug:  # a probe must handle any bytes; anything else is a bug in the suite
        return replace(observed, outcome=Outcome.ERROR, reason=f"{type(bug).__name__}: {bug}")
    return observed


def _words(failure: AssertionError) -> str:
    """The message of an assertion, without what pytest appends where it rewrites asserts: object addresses."""
    return str(failure).split("\nassert ")[0] or "the requirement does not hold"


def unseen(probe: Probe) -> Observation:
    """The observation of a probe for which no case left anything to judge."""
    kind = kind_taken(probe)
    if kind and kind.stray:
        return Observation(probe, "", Outcome.NOT_APPLICABLE, reason=f"no {kind.name.replace('_', ' ')} was seen")
    return Observation(probe, "", Outcome.BLOCKED, reason="nothing was seen to judge it on", blocked_by=Blame.PROVIDER)
