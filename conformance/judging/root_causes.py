"""One cause, one finding: failed requirements that a known defect breaks together are told as one. Pure.

`root_causes.toml` lists defects of real servers, each with the requirements that it breaks. Where all of a list failed, one
cause explains all of it, and the report gives one piece of advice. Every failure stays an observation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.evidence.truncate import fitted, shorten
from conformance.judging.judge import Observation
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame, Severity

TURNS = "client."  # whole turns break as well, but are never the cause


@cache
def known_causes() -> tuple[frozenset[str], ...]:
    """The ids of the requirements that each known defect breaks together."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return tuple(frozenset(ids) for ids in tomllib.loads(text).values())


def grouped(failed: Sequence[str], known: Iterable[frozenset[str]]) -> list[tuple[str, ...]]:
    """The failed requirements (ids), those together that one known defect breaks; in the order given."""
    left = list(failed)
    sets = {frozenset(id for id in ids if not id.startswith(TURNS)) for ids in known}
    within = sorted((s for s in sets if len(s) > 1 and s <= set(left)), key=lambda s: (-len(s), sorted(s)))
    found: list[tuple[str, ...]] = []
    for ids in within:
        if ids <= set(left):
            found.append(tuple(id for id in left if id in ids))
            left = [id for id in left if id not in ids]
    groups = [*found, *((id,) for id in left)]
    return sorted(groups, key=lambda group: failed.index(group[0]))


def steps(
    chosen: Sequence[str],
    observations: Sequence[Observation],
    known: Iterable[frozenset[str]] = (),
    blamed: Mapping[str, Blame] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """What to do first: settings, then what breaks most of the chosen clients, then what degrades most.

    One step for each cause; `with` names what else fails of it. Turns that a cause breaks are no steps of their own.
    `blamed` says who has to change something where this run knows it better than the requirement, by the id of the probe.
    """
    failed: dict[str, list[Observation]] = {}
    for observation in observations:
        if observation.outcome is Outcome.FAILED:
            failed.setdefault(observation.requirement.id, []).append(observation)
    entries = [_step(chosen, [failed[id] for id in ids], blamed) for ids in grouped(list(failed), known)]
    felt = [entry for entry in entries if entry["clients"]]
    broken = {c for e in felt if not _is_turn(e) for c, s in e["clients"].items() if s is Severity.BREAKS}
    return sorted((e for e in felt if not (_is_turn(e) and e["clients"].keys() <= broken)), key=_urgency)


def _is_turn(entry: Mapping[str, Any]) -> bool:
    """True for a whole turn; where another requirement breaks the same clients, that is the cause."""
    return str(entry["probe"]).startswith(TURNS)


def _step(
    chosen: Sequence[str], group: Sequence[Sequence[Observation]], blamed: Mapping[str, Blame]
) -> dict[str, Any]:
    """One step, told by the requirement of the group that hurts most."""
    first, *others = sorted(group, key=lambda cases: _weight(_hurt(chosen, cases)))
    probe = first[0].requirement
    felt: dict[str, Severity] = {}
    for cases in (*others, first):
        felt |= {c: s for c, s in _hurt(chosen, cases).items() if felt.get(c) is not Severity.BREAKS}
    return {
        "probe": probe.id,
        "requirement": probe.text,
        "actual": fitted(shorten(first[0].actual, 500), 1_000),
        "remedy": probe.remedy,
        "blame": blamed.get(probe.id, probe.blame),
        "clients": {client: felt[client] for client in chosen if client in felt},
        "cases": [case.case for case in first],
        "with": [cases[0].requirement.id for cases in group if cases is not first],
    }


def _hurt(chosen: Sequence[str], cases: Sequence[Observation]) -> dict[str, Severity]:
    severity = cases[0].requirement.severity
    return {c: s for c in chosen if (s := severity.get(c, Severity.HARMLESS)) is not Severity.HARMLESS}


def _urgency(entry: Mapping[str, Any]) -> tuple[bool, int, int]:
    return entry["blame"] != Blame.SETTINGS, *_weight(entry["clients"])


def _weight(felt: Mapping[str, Severity]) -> tuple[int, int]:
    """Less for what is worse."""
    hurt = list(felt.values())
    return -hurt.count(Severity.BREAKS), -hurt.count(Severity.DEGRADES)
