"""From observations to verdicts: per client, for native tool calling, and per troubleshooting heading. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from conformance.clients import CLIENTS, Client
from conformance.evidence.exchange import Exchange
from conformance.judging.judge import Observation
from conformance.judging.probe_results import Tally, hurts, not_met, tally
from conformance.judging.timeline import seen_by
from conformance.judging.tool_calling import ToolCalling, tool_calling
from conformance.requirements.categories import CATEGORIES, CONNECTION_ERRORS, Category
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame, Severity


class Verdict(StrEnum):
    """Whether one client will work with the endpoint."""

    WORKS = "works"
    DEGRADED = "degraded"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The state of one troubleshooting heading."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClientVerdict:
    """The verdict for one client, the probe ids that decided it (worst first), and one sentence why.

    `sees` is what its user reads in the first of the answers that decided it; "" when nothing in the client tells.
    """

    verdict: Verdict
    because: tuple[str, ...]
    summary: str
    sees: str = ""


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
MOST_LOOKED_AT = 12  # exchanges of one failed requirement


def conclude(
    observations: Sequence[Observation],
    clients: Sequence[Client],
    *,
    seen: Sequence[Exchange] = (),
    detours: Mapping[str, str] = MappingProxyType({}),
    incomplete: str = "",
    strict: bool = False,
) -> Judgement:
    """Everything that follows from the observations: a verdict for every client, the rest for the chosen `clients`.

    `seen` are the exchanges that were looked at. `detours` says of clients that the base URL as typed leads them elsewhere.
    `incomplete` says why not all of the plan was judged ("" when it was): such a run is never green.
    `strict` makes a degraded client fail the gate.
    """
    tallies = tally(observations)
    others = [client for client in CLIENTS if client.id not in {c.id for c in clients}]
    by_id = {exchange.id: exchange for exchange in seen}
    verdicts = {
        c.id: _led_astray(detours[c.id]) if c.id in detours else client_verdict(tallies, c, by_id, incomplete)
        for c in (*clients, *others)
    }
    return Judgement(
        verdicts,
        tool_calling(tallies, clients, seen),
        {c.id: category_state(tallies, c, clients, detours) for c in CATEGORIES},
        exit_code(tallies, [verdicts[client.id].verdict for client in clients], strict),
    )


def exit_code(tallies: Sequence[Tally], verdicts: Sequence[Verdict], strict: bool) -> int:
    """0 works, 1 a client fails, 3 an error of ours, 6 it could not be judged."""
    if any(Outcome.ERROR in t.outcomes for t in tallies):
        return 3
    if Verdict.FAILS in verdicts or (strict and Verdict.DEGRADED in verdicts):
        return 1
    return 6 if Verdict.UNKNOWN in verdicts else 0


def _led_astray(detour: str) -> ClientVerdict:
    return ClientVerdict(Verdict.FAILS, (), detour)


def client_verdict(
    tallies: Sequence[Tally],
    client: Client,
    seen: Mapping[str, Exchange] = MappingProxyType({}),
    incomplete: str = "",
) -> ClientVerdict:
    """What the observations mean to one client."""

    def failed(severity: Severity) -> list[Tally]:
        return [t for t in tallies if t.failed and t.requirement.severity[client.id] is severity]

    settings = [t for t in tallies if t.failed and t.requirement.blame is Blame.SETTINGS]
    if settings:
        return _client(Verdict.UNKNOWN, settings, f"could not be judged: {settings[0].actual}")
    breaks, degrades = failed(Severity.BREAKS), failed(Severity.DEGRADES)
    if breaks:
        return _told(_client(Verdict.FAILS, breaks + degrades, not_met(breaks[0])), client, breaks, seen)
    unjudged = [t for t in tallies if t.unjudged and t.requirement.severity[client.id] is Severity.BREAKS]
    if unjudged or incomplete:
        reason = incomplete or f"{unjudged[0].requirement.id}: {unjudged[0].blocked}"
        return _client(Verdict.UNKNOWN, unjudged, f"could not be judged: {reason}")
    if degrades:
        return _told(_client(Verdict.DEGRADED, degrades, not_met(degrades[0])), client, degrades, seen)
    return ClientVerdict(Verdict.WORKS, (), WORKS_WITHOUT_FAULT)


def _told(
    judged: ClientVerdict, client: Client, failed: Sequence[Tally], seen: Mapping[str, Exchange]
) -> ClientVerdict:
    """The same with what the client's user reads, in its own turns if they show it."""
    own_first = sorted(failed, key=lambda t: t.requirement.area != "client")
    looked_at = [seen[id] for t in own_first for id in t.exchanges[:MOST_LOOKED_AT] if id in seen]
    sees = next((said for exchange in looked_at if (said := seen_by(client, exchange))), "")
    return replace(
        judged, sees=sees, summary=f"its user reads: {sees} ({judged.summary})" if sees else judged.summary
    )


def _client(verdict: Verdict, because: Sequence[Tally], summary: str) -> ClientVerdict:
    return ClientVerdict(verdict, tuple(t.requirement.id for t in because), summary)


def category_state(
    tallies: Sequence[Tally],
    category: Category,
    clients: Sequence[Client],
    detours: Mapping[str, str] = MappingProxyType({}),
) -> CategoryState:
    """The state of one troubleshooting heading: a problem when a failure under it hurts a chosen client."""
    mine = [t for t in tallies if t.requirement.category == category]
    if category == CONNECTION_ERRORS and (astray := [detours[c.id] for c in clients if c.id in detours]):
        return CategoryState(Status.PROBLEM, (), f"{category.advice} {astray[0]}")
    problems = [t for t in mine if t.failed and hurts(t.requirement, clients)]
    if problems:
        advice = f"{category.advice} {problems[0].requirement.remedy}"
        return CategoryState(Status.PROBLEM, tuple(t.requirement.id for t in problems), advice)
    state = Status.OK if any(t.passed for t in mine) else Status.UNKNOWN
    return CategoryState(state, (), category.advice)
