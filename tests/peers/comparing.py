"""Compares a run's report with what is known to be true of a peer; every difference is one line.

A suite that suddenly fails an unchanged server has a bug, and so has one that no longer sees a known defect.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).with_name("expected.toml")


@dataclass(frozen=True)
class Expected:
    """What is true of one peer: probes that fail or cannot be judged there, each client's verdict, how far tool calling goes."""

    level: str
    blame: str
    clients: Mapping[str, str]  # client id: its verdict
    fails: Mapping[str, str] = field(default_factory=dict)  # probe id: the bytes that prove it
    blocked: Mapping[str, str] = field(default_factory=dict)  # probe id: why it cannot be judged
    sometimes: Mapping[str, str] = field(default_factory=dict)  # probe id: why it fails in some runs only


def expected_of(peer: str) -> Expected:
    """What `expected.toml` says of this peer."""
    with EXPECTED.open("rb") as file:
        table = tomllib.load(file)[peer]
    kept = (table.get(name, {}) for name in ("clients", "fails", "blocked", "sometimes"))
    return Expected(table["level"], table["blame"], *kept)


def failed(report: Mapping[str, Any]) -> list[str]:
    """The ids of the probes that failed, each once, in the order of the report."""
    return list(dict.fromkeys(o["probe"] for o in report["observations"] if o["outcome"] == "failed"))


def conclusions(report: Mapping[str, Any], changing: Collection[str] = ()) -> dict[str, Any]:
    """What two runs against the same server have to agree on; not the requirements whose outcome is known to change."""
    outcomes: dict[str, set[str]] = {}
    for observation in report["observations"]:
        if observation["probe"] not in changing:
            outcomes.setdefault(observation["probe"], set()).add(observation["outcome"])
    return {
        "verdicts": {id: client["verdict"] for id, client in report["clients"].items()},
        "tool calling": (report["tool_calling"]["level"], report["tool_calling"]["blame"]),
        "headings": {id: heading["status"] for id, heading in report["categories"].items()},
        "failures": sorted(id for id, seen in outcomes.items() if "failed" in seen),
        "unjudged": sorted(id for id, seen in outcomes.items() if seen <= {"blocked", "not-applicable"}),
    }


def differences(report: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    """One line for everything that is not as expected; none when all is."""
    yield from _errors(report)
    yield from _unexpected(report, expected)
    yield from _missing(report, expected)
    yield from _verdicts(report, expected)
    tools = report["tool_calling"]
    found = (tools["level"], tools["blame"] or "nobody")
    if found != (expected.level, expected.blame):
        yield f"tool calling is {found[0]}, blame {found[1]}; expected {expected.level}, blame {expected.blame}"


def _errors(report: Mapping[str, Any]) -> Iterator[str]:
    for observation in report["observations"]:
        if observation["outcome"] == "error":
            yield f"error of the suite in {_where(observation)}: {observation['actual'] or observation['reason']}"


def _unexpected(report: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    for observation in report["observations"]:
        probe, outcome = observation["probe"], observation["outcome"]
        if outcome == "failed" and probe not in {**expected.fails, **expected.sometimes}:
            seen = ", ".join(observation["exchanges"])
            yield f"unexpected failure of {_where(observation)}: {observation['actual']} ({seen})"
        if outcome == "blocked" and probe not in expected.blocked:
            yield f"unexpectedly blocked, {_where(observation)}: {observation['reason']}"


def _missing(report: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    outcomes: dict[str, set[str]] = {}
    for observation in report["observations"]:
        outcomes.setdefault(observation["probe"], set()).add(observation["outcome"])
    for known, outcome in ((expected.fails, "failed"), (expected.blocked, "blocked")):
        for probe, reason in known.items():
            if outcome not in (seen := outcomes.get(probe, set())):
                now = " and ".join(sorted(seen)) or "not judged at all"
                yield f"{probe} is no longer {outcome} but {now}; it was expected to be, because: {reason}"


def _verdicts(report: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    found = {id: client["verdict"] for id, client in report["clients"].items()}
    for client in {**found, **expected.clients}:
        now, known = (verdicts.get(client, "not judged") for verdicts in (found, expected.clients))
        if now != known:
            yield f"{client} is {now}; expected {known}"


def _where(observation: Mapping[str, Any]) -> str:
    return str(observation["probe"]) + (f" [{observation['case']}]" if observation["case"] else "")
