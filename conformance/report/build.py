"""Builds the report of a run: plain data from which everything that is shown or exported is rendered.

Its form is `schemas/conformance/report.json`. It never grows beyond `LIMIT`: long evidence is cut and says so. Numbers and
texts are made safe here once (no NaN, no lone surrogates), so that every report can be written as JSON and read back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.evidence.exchange import Exchange
from conformance.evidence.truncate import fitted, level, size, truncated
from conformance.judging.client_settings import ClientSettings
from conformance.judging.conclusions import Conclusions
from conformance.judging.observation import Observation
from conformance.judging.root_causes import Step
from conformance.judging.timeline import Turn
from conformance.report.json_file import SCHEMA, dumps
from conformance.requirements import CATEGORIES, Blame, Outcome, Requirement

LIMIT = 3_900_000  # bytes of report.json, so that mail, artefact stores and browsers accept it
_MESSAGES = 1_000_000  # bytes of it for all `actual` and `reason` texts together
_LONGEST = 2_000  # bytes of one message


@dataclass(frozen=True)
class EndpointFacts:
    """The endpoint as the user configured it, without secrets. `advice` is about the base URL."""

    name: str
    base_url: str
    model: str
    chat_url: str
    configuration: Mapping[str, Any] = field(default_factory=dict)
    advice: Sequence[str] = ()


@dataclass(frozen=True)
class TalkFacts:
    """One conversation: how many requests it sent, its duration, and why it did not take place (`blocked`), if so."""

    name: str
    asks: str
    requests: int
    seconds: float
    blocked: str = ""


@dataclass(frozen=True)
class Cost:
    """What the run used; `price` is None without configured prices, `estimated` when the server did not count tokens."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    price: float | None = None
    estimated: bool = False


@dataclass(frozen=True)
class RunFacts:
    """What only the run itself knows. `started` is ISO 8601 in UTC, `profiles` are the clients by id.

    `documented` is what the provider documents about failures, by requirement id. `gate` says why the exit code is what it is.
    """

    version: str
    started: str
    seconds: float
    endpoint: EndpointFacts
    depth: str
    exit_code: int
    profiles: Mapping[str, Client] = field(default_factory=lambda: CURRENT)
    turns: tuple[Turn, ...] = ()
    settings: Mapping[str, ClientSettings] = field(default_factory=dict)
    arguments: Mapping[str, Any] | None = None
    timings: Mapping[str, Any] | None = None
    gate: str = ""
    documented: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conversations: tuple[TalkFacts, ...] = ()
    cost: Cost = Cost()


def build(run: RunFacts, concluded: Conclusions) -> dict[str, Any]:
    """The report of one run."""
    seen = concluded.observations
    report = {
        "schema": SCHEMA,
        "tool": {"version": run.version},
        "started": run.started,
        "seconds": run.seconds,
        "depth": run.depth,
        "exit_code": int(run.exit_code),
        "complete": not concluded.incomplete,
        "incomplete": concluded.incomplete,
        "gate": run.gate,
        "endpoint": asdict(run.endpoint),
        **_conclusions(run, concluded),
        "first": list(map(_step, concluded.advice)),
        "probes": {o.requirement.id: requirement_facts(o.requirement) for o in seen},
        "observations": _observations(seen, run.documented),
        "turns": [asdict(turn) for turn in run.turns],
        "settings": {id: asdict(found) for id, found in run.settings.items()},
        "arguments": run.arguments,
        "timings": run.timings,
        "conversations": [_brief(talk) for talk in run.conversations],
        "cost": asdict(run.cost),
    }
    left = LIMIT - len(dumps(report := _safe(report)).encode())
    return {**report, "exchanges": _safe(truncated(_by_conversation(run, concluded.exchanges), left))}


def _step(step: Step) -> dict[str, Any]:
    return {
        "probe": step.requirement.id,
        "requirement": step.requirement.text,
        "actual": fitted(step.actual, _LONGEST // 4),
        "remedy": step.remedy,
        "blame": step.blame,
        "clients": dict(step.clients),
        "cases": list(step.cases),
        "with": list(step.others),
    }


def _safe(value: Any) -> Any:
    """The value with lone surrogates spelled out, infinite numbers replaced by None, and six decimals."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_safe(str(key)): _safe(inner) for key, inner in value.items()}
    return [_safe(inner) for inner in value] if isinstance(value, list | tuple) else value


def _conclusions(run: RunFacts, concluded: Conclusions) -> dict[str, Any]:
    chosen = {client.id for client in concluded.chosen}
    verdicts = {id: (c, concluded.clients[id]) for id, c in run.profiles.items() if id in concluded.clients}
    return {
        "clients": {
            id: {**_profile(client), "chosen": id in chosen, **_brief(verdict)}
            for id, (client, verdict) in verdicts.items()
        },
        "tool_calling": _brief(concluded.tool_calling),
        "categories": {
            c.id: {"heading": c.heading, **_brief(concluded.categories[c.id])}
            for c in CATEGORIES
            if c.id in concluded.categories
        },
    }


def _profile(client: Client) -> dict[str, Any]:
    """The client, its version, and the sources that its model is based on."""
    names = ("name", "version", "as_of", "sdk")
    facts = {name: getattr(client, name) for name in names}
    return facts | {"sources": list(client.sources), "retries": client.retries.summary}


def _brief(facts: Any) -> dict[str, Any]:
    """A dataclass as a dictionary; its sentences may quote the provider, so they are shortened."""
    return {k: fitted(v, _LONGEST // 2) if isinstance(v, str) else v for k, v in asdict(facts).items()}


def requirement_facts(requirement: Requirement) -> dict[str, Any]:
    """A requirement as plain data."""
    return {
        "area": requirement.area,
        "category": requirement.category.id,
        "requirement": requirement.text,
        **({"failure": requirement.failure} if requirement.failure else {}),
        "why": requirement.why,
        "remedy": requirement.remedy,
        "blame": requirement.blame,
        "severity": dict(requirement.severity),
        "source": list(requirement.sources),
    }


def _observations(
    observations: Sequence[Observation], documented: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    texts = [text[:_LONGEST] for o in observations for text in (o.actual, o.reason)]
    room = level([min(size(text), _LONGEST) for text in texts], _MESSAGES)
    return [{**_observation(o, room), **_note(o, documented)} for o in observations]


def _note(observation: Observation, documented: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What the provider's documentation says about a failure."""
    known = documented.get(observation.requirement.id) if observation.outcome is Outcome.FAILED else None
    return {"documented": dict(known)} if known else {}


def _observation(observation: Observation, room: int) -> dict[str, Any]:
    requirement = observation.requirement
    return {
        "probe": requirement.id,
        "case": observation.case,
        "area": requirement.area,
        "category": requirement.category.id,
        "outcome": observation.outcome,
        "requirement": requirement.text,
        "actual": fitted(observation.actual, room),
        "reason": fitted(observation.reason, room),
        "remedy": requirement.remedy,
        "blame": _blame(observation),
        "severity": dict(observation.severity),
        "exchanges": list(observation.exchanges),
        **_often(observation),
    }


def _often(observation: Observation) -> dict[str, Any]:
    """How often a failure was seen, when it was looked for more than once."""
    failed, judged = observation.times
    return {"times": {"failed": failed, "judged": judged}} if failed and judged > 1 else {}


def _blame(observation: Observation) -> Blame | None:
    """Who can fix it; None when the requirement holds or the bug is in the suite."""
    by = {Outcome.FAILED: observation.requirement.blame, Outcome.BLOCKED: observation.blocked_by}
    return by.get(observation.outcome)


def _by_conversation(run: RunFacts, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """In the order of the conversations, whichever ended first."""
    rank = {talk.name: n for n, talk in enumerate(run.conversations)}
    return sorted(exchanges, key=lambda e: rank.get(e.conversation, len(rank)))
