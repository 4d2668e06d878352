"""Observations of a stored report, and the gate on them, optionally with another policy. Pure.

Requirements are read from the report, not from this version's catalogue: the gate decides about what was judged then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from conformance.clients import CURRENT, Client
from conformance.errors import UsageError, unknown
from conformance.judging.conclusions import conclude
from conformance.judging.observation import Observation
from conformance.judging.policy.baseline import DEPTHS
from conformance.judging.policy.gate import Gate, Policy, decide
from conformance.requirements import CATEGORIES, Blame, Outcome, Requirement, Severity
from conformance.requirements.conversation import Depth

_HEADINGS = {category.id: category for category in CATEGORIES}


def decide_again(report: Mapping[str, Any], policy: Policy, today: date) -> Gate:
    """The decision of the gate about a stored run; raises UsageError for a report of recorded traffic."""
    depth, chosen = depth_of(report), clients(report)
    if policy.baseline:
        policy.baseline.check(depth, chosen)
    concluded = conclude(observations(report), chosen, detours=detours(report), incomplete=report["incomplete"])
    return decide(concluded, policy, model=report["endpoint"]["model"], today=today, depth=depth)


def depth_of(report: Mapping[str, Any]) -> Depth:
    """The depth of the run; raises UsageError for a report of recorded traffic, which has none."""
    if report["depth"] not in DEPTHS:
        raise UsageError("a report of recorded traffic; this needs a report of a run")
    return DEPTHS[report["depth"]]


def observations(report: Mapping[str, Any]) -> list[Observation]:
    """The observations of a report, in its order; raises UsageError when the report does not describe a requirement."""
    probes = {id: _requirement(id, facts) for id, facts in report["probes"].items()}
    if missing := next((o["probe"] for o in report["observations"] if o["probe"] not in probes), None):
        raise UsageError(f"not a valid report: probes: {missing[:80]!r} is missing")
    return [_observation(o, probes[o["probe"]]) for o in report["observations"]]


def _requirement(id: str, facts: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=id,
        text=facts["requirement"],
        why=facts["why"],
        failure=facts.get("failure", ""),
        category=_HEADINGS[facts["category"]],
        severity={},
        remedy=facts["remedy"],
        blame=Blame(facts["blame"]),
        sources=tuple(facts["source"]),
    )


def _observation(entry: Mapping[str, Any], requirement: Requirement) -> Observation:
    """Severity is that of the observation: in recorded traffic it depends on the evidence."""
    severity = {client: Severity(word) for client, word in entry["severity"].items()}
    times = entry.get("times") or {"failed": 0, "judged": 0}
    outcome = Outcome(entry["outcome"])
    return Observation(
        replace(requirement, severity=dict.fromkeys(CURRENT, Severity.HARMLESS) | severity),
        entry["case"],
        outcome,
        entry["actual"],
        entry["reason"],
        Blame(entry["blame"]) if outcome is Outcome.BLOCKED and entry["blame"] else None,
        tuple(entry["exchanges"]),
        (times["failed"], times["judged"]),
    )


def clients(report: Mapping[str, Any]) -> list[Client]:
    """The clients that the run judged for; raises UsageError for one that this version does not know."""
    chosen = [id for id, client in report["clients"].items() if client["chosen"]]
    for id in chosen:
        if id not in CURRENT:
            raise unknown("client", id, CURRENT)
    return [CURRENT[id] for id in chosen]


def detours(report: Mapping[str, Any]) -> dict[str, str]:
    """By client id why the base URL leads a client elsewhere: only those clients fail without a failed requirement."""
    return {
        id: client["summary"]
        for id, client in report["clients"].items()
        if client["verdict"] == "fails" and not client["because"]
    }
