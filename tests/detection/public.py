"""Compares the result of a run against a public report with the correct result."""

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
from conformance.requirements import Blame, Requirement
from conformance.requirements.conversation import Depth
from tests.detection.changes import Changes
from tests.sweep import held, provider

HURT = ("fails", "degraded")


@dataclass(frozen=True)
class Right:
    """The correct result for one report, with the fields of `reports.toml`. `still` says what the suite still gets wrong."""

    hurt: tuple[str, ...]
    category: str
    causes: int
    spared: tuple[str, ...] = ()
    who: str = ""
    says: tuple[str, ...] = ()
    exit: int | None = None
    still: str = ""
    still_quick: str = ""


@dataclass(frozen=True)
class First:
    """What a report says first: the requirement, what was seen, who can fix it, and what to do."""

    requirement: Requirement
    actual: str
    blame: Blame
    remedy: str


def expected(file: Path) -> dict[str, Right]:
    """What is right, by the key of the record."""
    entries: Mapping[str, Mapping[str, Any]] = tomllib.loads(file.read_text("utf-8"))
    return {
        key: Right(**{k: tuple(v) if isinstance(v, list) else v for k, v in e.items()}) for key, e in entries.items()
    }


def concluded_of(changes: Changes, key: str, depth: Depth) -> Conclusions:
    """What a run of that depth concludes of the provider with this change."""
    seen, talks = held(changes.spoil(provider(), key), depth)
    exchanges = [exchange for talk in talks for exchange in talk.evidence]
    return conclude(seen, CLIENTS, exchanges=exchanges, causes=known_causes())


def first_of(said: Conclusions) -> First | None:
    """The first advice; without one, the first failure that affects no client."""
    if said.advice:
        step = said.advice[0]
        return First(step.requirement, step.actual, step.blame, step.remedy)
    notes = [result for result in said.results if result.failed]
    if not notes:
        return None
    note = notes[0].requirement
    return First(note, notes[0].actual, note.blame, note.remedy)


def wrong(right: Right, said: Conclusions, *, noticed: bool = True) -> Iterator[str]:
    """What the run says wrongly, one line each; with `noticed` also what it should have noticed and did not."""
    verdicts = {id: str(client.verdict) for id, client in said.clients.items()}
    yield from (f"{id} is not hurt, said to be {verdicts[id]}" for id in right.spared if verdicts[id] != "works")
    if len(said.advice) > right.causes:
        yield f"{len(said.advice)} causes: {', '.join(step.requirement.id for step in said.advice)}"
    if noticed:
        yield from (f"{id} is hurt, said to be {verdicts[id]}" for id in right.hurt if verdicts[id] not in HURT)
        if right.exit is not None and exit_code(said) != right.exit:
            yield f"exit code {exit_code(said)}, not {right.exit}"
    first = first_of(said)
    if first is not None and right.category:
        yield from _wrong_advice(right, first)
    elif noticed and right.category:
        yield "nothing is said"


def _wrong_advice(right: Right, first: First) -> Iterator[str]:
    if first.requirement.category.id != right.category:
        yield f"first under {first.requirement.category.id} ({first.requirement.id}), not {right.category}"
    if first.blame != right.who:
        yield f"{first.blame} can fix it, not {right.who} ({first.requirement.id})"
    if not any(word.lower() in f"{first.remedy} {first.actual}".lower() for word in right.says):
        yield f"the first advice is: {first.remedy} ({first.actual[:120]})"
