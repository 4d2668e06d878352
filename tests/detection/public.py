"""Compares what a run says of a public report with what is right: who is hurt, the heading, who can fix it, the first advice."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.clients import CLIENTS
from conformance.judging.conclusions import Conclusions, conclude
from conformance.judging.policy.gate import exit_code
from conformance.judging.root_causes import known_causes
from conformance.requirements.conversation import Depth
from tests.detection.changes import Changes
from tests.sweep import held, provider

HURT = ("fails", "degraded")


@dataclass(frozen=True)
class Right:
    """What is right to say. See the head of `reports.toml`."""

    hurt: tuple[str, ...]
    category: str
    causes: int
    spared: tuple[str, ...] = ()
    who: str = ""
    says: tuple[str, ...] = ()
    exit: int | None = None


def expected(file: Path) -> dict[str, Right]:
    """What is right, by the key of the record."""
    entries: Mapping[str, Mapping[str, Any]] = tomllib.loads(file.read_text("utf-8"))
    return {
        key: Right(**{k: tuple(v) if isinstance(v, list) else v for k, v in e.items()}) for key, e in entries.items()
    }


def concluded_of(changes: Changes, key: str, depth: Depth) -> Conclusions:
    """What a run of that depth concludes of the provider with this change."""
    seen, talks = held(changes.spoil(provider(), key), depth)
    exchanges = [exchange for talk in talks for exchange in talk.exchanges]
    return conclude(seen, CLIENTS, exchanges=exchanges, causes=known_causes())


def wrong(right: Right, said: Conclusions) -> Iterator[str]:
    """What the run says wrongly, one line each."""
    verdicts = {id: str(client.verdict) for id, client in said.clients.items()}
    yield from (f"{id} is hurt, said to be {verdicts[id]}" for id in right.hurt if verdicts[id] not in HURT)
    yield from (f"{id} is not hurt, said to be {verdicts[id]}" for id in right.spared if verdicts[id] != "works")
    if not right.spared and not right.hurt and right.who in ("settings", "model"):
        yield from (f"{id} said to be {v}" for id, v in verdicts.items() if v == "fails" and right.who == "settings")
    if len(said.advice) > right.causes:
        yield f"{len(said.advice)} causes: {', '.join(step.requirement.id for step in said.advice)}"
    if right.exit is not None and exit_code(said) != right.exit:
        yield f"exit code {exit_code(said)}, not {right.exit}"
    notes = [r for r in said.results if r.failed]
    first = said.advice[0] if said.advice else None
    requirement = first.requirement if first else notes[0].requirement if notes else None
    if right.category and requirement is None:
        yield "nothing is said"
    elif right.category and requirement is not None:
        actual = first.actual if first else notes[0].actual
        blame = first.blame if first else requirement.blame
        if requirement.category.id != right.category:
            yield f"first under {requirement.category.id} ({requirement.id}), not {right.category}"
        if blame != right.who:
            yield f"{blame} can fix it, not {right.who} ({requirement.id})"
        if not any(word.lower() in f"{requirement.remedy} {actual}".lower() for word in right.says):
            yield f"the first advice is: {requirement.remedy} ({actual[:120]})"
