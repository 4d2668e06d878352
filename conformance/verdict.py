"""From observations to verdicts: per client, for native tool calling, and per troubleshooting heading. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.categories import CATEGORIES, TOOL_CALLING_ERRORS, Category
from conformance.clients import CLIENTS, Client
from conformance.judge import Observation
from conformance.probe import Blame, Outcome, Probe, Severity


class Verdict(StrEnum):
    """Whether one client will work with the endpoint."""

    WORKS = "works"
    DEGRADED = "degraded"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How far native tool calling goes."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The state of one troubleshooting heading."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClientVerdict:
    """The verdict for one client, the probe ids that decided it (worst first), and one sentence why."""

    verdict: Verdict
    because: tuple[str, ...]
    summary: str


@dataclass(frozen=True)
class ToolCalling:
    """How far native tool calling goes, the probe ids that decided it, whose fault a shortfall is."""

    level: Level
    because: tuple[str, ...]
    blame: Blame | None
    summary: str


@dataclass(frozen=True)
class CategoryState:
    """One troubleshooting heading: its state, the failed probe ids under it, and what to do."""

    status: Status
    probes: tuple[str, ...]
    advice: str


@dataclass(frozen=True)
class Judgement:
    """Everything a run concluded; keys are client ids and category ids. `exit_code` as documented in the README."""

    clients: Mapping[str, ClientVerdict]
    tool_calling: ToolCalling
    categories: Mapping[str, CategoryState]
    exit_code: int


WORKS_WITHOUT_FAULT = "every requirement that was judged holds"
FORCED = ("toolstream.native", "tools.required", "tools.named")  # the model has no choice
AUTO = ("tools.auto",)


@dataclass(frozen=True)
class Tally:
    """All observations of one probe, reduced to what verdicts need."""

    probe: Probe
    outcomes: frozenset[Outcome]
    actual: str
    blocked: str
    blocked_by: frozenset[Blame | None]

    @property
    def failed(self) -> bool:
        """True when any case failed."""
        return Outcome.FAILED in self.outcomes

    @property
    def passed(self) -> bool:
        """True when at least one case passed and none failed."""
        return Outcome.PASSED in self.outcomes and not self.failed

    @property
    def unjudged(self) -> bool:
        """True when no case passed or failed and something other than the model's freedom stood in the way."""
        judged = self.outcomes & {Outcome.PASSED, Outcome.FAILED}
        return not judged and Outcome.BLOCKED in self.outcomes and bool(self.blocked_by - {Blame.MODEL, None})


def tally(observations: Iterable[Observation]) -> list[Tally]:
    """One tally per probe, in the order in which the probes were judged."""
    by_probe: dict[str, list[Observation]] = {}
    for observation in observations:
        by_probe.setdefault(observation.probe.id, []).append(observation)
    return [_tally(group) for group in by_probe.values()]


def _tally(group: Sequence[Observation]) -> Tally:
    return Tally(
        group[0].probe,
        frozenset(o.outcome for o in group),
        next((o.actual for o in group if o.outcome is Outcome.FAILED), ""),
        next((o.reason for o in group if o.outcome is Outcome.BLOCKED), ""),
        frozenset(o.blocked_by for o in group),
    )


def conclude(
    observations: Sequence[Observation],
    clients: Sequence[Client],
    *,
    incomplete: str = "",
    strict: bool = False,
) -> Judgement:
    """Everything that follows from the observations: a verdict for every client, the rest for the chosen `clients`.

    `incomplete` says why not all of the plan was judged ("" when it was): such a run is never green.
    `strict` makes a degraded client fail the gate.
    """
    tallies = tally(observations)
    others = [client for client in CLIENTS if client.id not in {c.id for c in clients}]
    verdicts = {c.id: client_verdict(tallies, c, incomplete) for c in (*clients, *others)}
    return Judgement(
        verdicts,
        tool_calling(tallies, clients),
        {category.id: category_state(tallies, category, clients) for category in CATEGORIES},
        exit_code(tallies, [verdicts[client.id].verdict for client in clients], strict),
    )


def exit_code(tallies: Sequence[Tally], verdicts: Sequence[Verdict], strict: bool) -> int:
    """0 works, 1 a client fails, 3 an error of ours, 6 it could not be judged."""
    if any(Outcome.ERROR in t.outcomes for t in tallies):
        return 3
    if Verdict.FAILS in verdicts or (strict and Verdict.DEGRADED in verdicts):
        return 1
    return 6 if Verdict.UNKNOWN in verdicts else 0


def client_verdict(tallies: Sequence[Tally], client: Client, incomplete: str = "") -> ClientVerdict:
    """What the observations mean to one client."""

    def failed(severity: Severity) -> list[Tally]:
        return [t for t in tallies if t.failed and t.probe.severity[client.id] is severity]

    settings = [t for t in tallies if t.failed and t.probe.blame is Blame.SETTINGS]
    if settings:
        return _client(Verdict.UNKNOWN, settings, f"could not be judged: {settings[0].actual}")
    breaks, degrades = failed(Severity.BREAKS), failed(Severity.DEGRADES)
    if breaks:
        return _client(Verdict.FAILS, breaks + degrades, not_met(breaks[0]))
    unjudged = [t for t in tallies if t.unjudged and t.probe.severity[client.id] is Severity.BREAKS]
    if unjudged or incomplete:
        reason = incomplete or f"{unjudged[0].probe.id}: {unjudged[0].blocked}"
        return _client(Verdict.UNKNOWN, unjudged, f"could not be judged: {reason}")
    if degrades:
        return _client(Verdict.DEGRADED, degrades, not_met(degrades[0]))
    return ClientVerdict(Verdict.WORKS, (), WORKS_WITHOUT_FAULT)


def not_met(failed: Tally) -> str:
    """One sentence: the requirement that does not hold and what was seen instead."""
    return f"not met: {failed.probe.requirement.rstrip('.')} ({failed.actual})"


def _client(verdict: Verdict, because: Sequence[Tally], summary: str) -> ClientVerdict:
    return ClientVerdict(verdict, tuple(t.probe.id for t in because), summary)


def hurts(probe: Probe, clients: Iterable[Client]) -> bool:
    """True when failing the probe breaks or degrades one of these clients."""
    return any(probe.severity[c.id] is not Severity.HARMLESS for c in clients)


def category_state(tallies: Sequence[Tally], category: Category, clients: Sequence[Client]) -> CategoryState:
    """The state of one troubleshooting heading: a problem when a failure under it hurts a chosen client."""
    mine = [t for t in tallies if t.probe.category == category]
    problems = [t for t in mine if t.failed and hurts(t.probe, clients)]
    if problems:
        advice = f"{category.advice} {problems[0].probe.remedy}"
        return CategoryState(Status.PROBLEM, tuple(t.probe.id for t in problems), advice)
    state = Status.OK if any(t.passed for t in mine) else Status.UNKNOWN
    return CategoryState(state, (), category.advice)


def tool_calling(tallies: Sequence[Tally], clients: Sequence[Client]) -> ToolCalling:
    """How far native tool calling goes, by whether calls came at all and which tool requirements fail."""
    by_id = {t.probe.id: t for t in tallies}
    ways = [by_id[id] for id in FORCED + AUTO if id in by_id]
    settings = [t for t in tallies if t.failed and t.probe.blame is Blame.SETTINGS]
    if not any(t.passed or t.failed for t in ways):
        because = tuple(t.probe.id for t in settings)
        blame = Blame.SETTINGS if settings else None
        return ToolCalling(Level.UNKNOWN, because, blame, "no answer with tools could be judged")
    if not any(t.passed for t in ways):
        return _no_calls([t for t in ways if t.failed])
    failed = [
        t for t in tallies if t.failed and t.probe.category == TOOL_CALLING_ERRORS and hurts(t.probe, clients)
    ]
    printed = "chat.no-markup" in by_id and by_id["chat.no-markup"].failed
    if any(by_id[id].failed for id in AUTO if id in by_id) and not printed:
        return _only_forced(failed)
    return _partial(failed) if failed else _complete(tallies)


def _only_forced(failed: Sequence[Tally]) -> ToolCalling:
    """Forced calls work, but left to itself the model makes none: that decides, whatever else fails."""
    first = sorted(failed, key=lambda t: t.probe.id not in AUTO)
    because = tuple(t.probe.id for t in first)
    summary = "forced calls work, but left to itself the model makes none"
    return ToolCalling(Level.PARTIAL, because, Blame.MODEL, summary)


def _no_calls(failed: Sequence[Tally]) -> ToolCalling:
    because = tuple(t.probe.id for t in failed)
    forced = any(t.probe.id in FORCED for t in failed)
    who = (
        "not even when forced: the provider lacks it"
        if forced
        else "under auto; forced calls could not be judged"
    )
    return ToolCalling(
        Level.NONE, because, Blame.PROVIDER if forced else Blame.MODEL, f"no native tool call came, {who}"
    )


def _partial(failed: Sequence[Tally]) -> ToolCalling:
    of_model = all(t.probe.blame is Blame.MODEL for t in failed)
    blame = Blame.MODEL if of_model else Blame.PROVIDER
    first = next(t for t in failed if t.probe.blame is blame)
    because = tuple(t.probe.id for t in failed)
    return ToolCalling(Level.PARTIAL, because, blame, f"{_count(failed)}, first {not_met(first)}")


def _count(failed: Sequence[Tally]) -> str:
    return "1 requirement fails" if len(failed) == 1 else f"{len(failed)} requirements fail"


def _complete(tallies: Sequence[Tally]) -> ToolCalling:
    tools = [t for t in tallies if t.probe.category == TOOL_CALLING_ERRORS]
    open_ones = [t for t in tools if not t.passed and Outcome.BLOCKED in t.outcomes]
    if any(t.unjudged for t in open_ones):
        because = tuple(t.probe.id for t in open_ones)
        return ToolCalling(
            Level.UNKNOWN, because, None, f"calls came, but not all could be judged: {open_ones[0].blocked}"
        )
    left = (
        f"; {len(open_ones)} could not be judged because the model did not do what was asked"
        if open_ones
        else ""
    )
    return ToolCalling(Level.COMPLETE, (), None, f"every requirement that could be judged holds{left}")
