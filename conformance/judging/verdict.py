"""The verdict for one client, and the state of one troubleshooting heading. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.clients import Client
from conformance.clients.asks import Role, asks_of, role_of
from conformance.evidence.exchange import Exchange
from conformance.judging.results import Result, affects
from conformance.judging.timeline import seen_by
from conformance.probes.catalogue import conversations
from conformance.requirements import CONNECTION_ERRORS, Blame, Category, Requirement, Severity
from conformance.requirements.areas import WHOLE_TURNS


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
    """The verdict for one client, the requirements (ids) that decided it, worst first, and one sentence why.

    `sees` is what its user reads in the first of the answers that decided it; "" when the client shows nothing.
    """

    verdict: Verdict
    because: tuple[str, ...]
    summary: str
    sees: str = ""


@dataclass(frozen=True)
class CategoryState:
    """One troubleshooting heading: its state, the failed requirements (ids) under it, and what to do."""

    status: Status
    probes: tuple[str, ...]
    advice: str


PLAIN = {"completion", "tool_completion"}
ALL_HOLD = "all judged requirements hold"
MOST_LOOKED_AT = 12  # exchanges of one failed requirement


def client_verdict(
    results: Sequence[Result], client: Client, exchanges: Mapping[str, Exchange], incomplete: str = ""
) -> ClientVerdict:
    """What the results mean to one client whose base URL leads to what was judged; `incomplete` says what is missing."""
    settings = [r for r in results if r.failed and r.requirement.blame is Blame.SETTINGS]
    if settings:
        return _verdict(Verdict.UNKNOWN, settings, f"could not be judged: {settings[0].actual}")
    breaks = [r for r in results if r.has(Severity.BREAKS, client)]
    degrades = [r for r in results if r.has(Severity.DEGRADES, client)]
    if breaks:
        return _failed(Verdict.FAILS, breaks, degrades, client, exchanges)
    unjudged = [r for r in results if r.unjudged and concerns(r.requirement, client)]
    if unjudged or incomplete:
        blocked = [f"could not be judged: {r.requirement.id}: {r.blocked}" for r in unjudged[:1]]
        return _verdict(Verdict.UNKNOWN, unjudged, incomplete or blocked[0])
    if degrades:
        return _failed(Verdict.DEGRADED, degrades, [], client, exchanges)
    return ClientVerdict(Verdict.WORKS, (), ALL_HOLD)


def concerns(requirement: Requirement, client: Client) -> bool:
    """True when a failure could break the client, as far as what it looks at shows: an agent that streams reads no completion."""
    names = requirement.looks_at
    looked_at = {*names, *(c.expects for name in names if (c := conversations().get(name)))}
    plain = looked_at & PLAIN and not client.library and asks_of(client).streams
    return requirement.severity[client.id] is Severity.BREAKS and not plain


def _failed(
    verdict: Verdict,
    worst: Sequence[Result],
    others: Sequence[Result],
    client: Client,
    exchanges: Mapping[str, Exchange],
) -> ClientVerdict:
    """The verdict with what the client's user reads, in the client's own turns if they show it."""
    own_first = sorted(worst, key=lambda result: result.requirement.area != WHOLE_TURNS)
    looked_at = [exchanges[id] for r in own_first for id in r.exchanges[:MOST_LOOKED_AT] if id in exchanges]
    own = [exchange for exchange in looked_at if role_of(client, exchange) is not Role.NONE]
    sees = next((said for exchange in own if (said := seen_by(client, exchange))), "")
    first = worst[0]
    summary = first.headline if first.actual == sees else first.sentence  # the user's words are shown beside it
    return _verdict(verdict, [*worst, *others], summary, sees)


def _verdict(verdict: Verdict, because: Sequence[Result], summary: str, sees: str = "") -> ClientVerdict:
    return ClientVerdict(verdict, tuple(result.requirement.id for result in because), summary, sees)


def category_state(
    results: Sequence[Result], category: Category, clients: Sequence[Client], detours: Mapping[str, str]
) -> CategoryState:
    """The state of one troubleshooting heading: a problem when a failure under it affects a chosen client."""
    mine = [r for r in results if r.requirement.category == category]
    instead = [detours[c.id] for c in clients if c.id in detours]
    if category == CONNECTION_ERRORS and instead:
        return CategoryState(Status.PROBLEM, (), f"{category.advice} {instead[0]}")
    problems = [r for r in mine if r.failed and affects(r, clients)]
    if problems:
        advice = f"{category.advice} {problems[0].requirement.remedy}"
        return CategoryState(Status.PROBLEM, tuple(r.requirement.id for r in problems), advice)
    state = Status.OK if any(r.passed for r in mine) else Status.UNKNOWN
    return CategoryState(state, (), category.advice)
