"""A stored report before the gate once more: its observations and clients as they were, perhaps under another policy. Pure.

Requirements are taken as the report tells them, not as this version knows them: it is decided about what was judged then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from conformance.clients import CURRENT, Client
from conformance.errors import UsageError, unknown
from conformance.judging.conclusions import conclude
from conformance.judging.judge import Observation
from conformance.judging.policy.baseline import DEPTHS
from conformance.judging.policy.gate import Gate, Policy, decide
from conformance.requirements.categories import CATEGORIES
from conformance.requirements.conversation import Depth
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame, Requirement, Severity

_HEADINGS = {category.id: category for category in CATEGORIES}


def decide_again(report: Mapping[str, Any], policy: Policy, today: date) -> Gate:
    """What the gate says about the run of a report; raises UsageError when the report is not of a run."""
    depth, chosen = depth_of(report), clients(report)
    if policy.baseline:
        policy.baseline.check(depth, chosen)
    concluded = conclude(
        observations(report), chosen, detours=detours(report), incomplete=report["incomplete"]
    )
    return decide(concluded, policy, model=report["endpoint"]["model"], today=today, depth=depth)


def depth_of(report: Mapping[str, Any]) -> Depth:
    """How deep the run looked; raises UsageError for a report of recorded traffic, of which nobody can say that."""
    if report["depth"] not in DEPTHS:
        raise UsageError("of recorded traffic, and the gate decides about runs")
    return DEPTHS[report["depth"]]


def observations(report: Mapping[str, Any]) -> list[Observation]:
    """The observations of a report, in its order; raises UsageError when it does not tell of a requirement what it is."""
    probes = {id: _requirement(id, facts) for id, facts in report["probes"].items()}
    if missing := next((o["probe"] for o in report["observations"] if o["probe"] not in probes), None):
        raise UsageError(f"not a valid report: probes: nothing is said about {missing[:80]!r}")
    return [_observation(told, probes[told["probe"]]) for told in report["observations"]]


def _requirement(id: str, told: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=id,
        text=told["requirement"],
        why=told["why"],
        failure=told.get("failure", ""),
        category=_HEADINGS[told["category"]],
        severity={},
        remedy=told["remedy"],
        blame=Blame(told["blame"]),
        sources=tuple(told["source"]),
    )


def _observation(told: Mapping[str, Any], requirement: Requirement) -> Observation:
    """Severity is the observation's own: in recorded traffic it depends on what was seen."""
    felt = {client: Severity(word) for client, word in told["severity"].items()}
    times = told.get("times") or {"failed": 0, "judged": 0}
    outcome = Outcome(told["outcome"])
    return Observation(
        replace(requirement, severity=dict.fromkeys(CURRENT, Severity.HARMLESS) | felt),
        told["case"],
        outcome,
        told["actual"],
        told["reason"],
        Blame(told["blame"]) if outcome is Outcome.BLOCKED and told["blame"] else None,
        tuple(told["exchanges"]),
        (times["failed"], times["judged"]),
    )


def clients(report: Mapping[str, Any]) -> list[Client]:
    """The clients whose verdict counted; raises UsageError for one that this version does not know."""
    chosen = [id for id, client in report["clients"].items() if client["chosen"]]
    for id in chosen:
        if id not in CURRENT:
            raise unknown("client", id, CURRENT)
    return [CURRENT[id] for id in chosen]


def detours(report: Mapping[str, Any]) -> dict[str, str]:
    """Why clients fail that the base URL leads elsewhere: they alone fail without a requirement that decides it."""
    return {
        id: client["summary"]
        for id, client in report["clients"].items()
        if client["verdict"] == "fails" and not client["because"]
    }
