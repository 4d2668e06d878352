"""What to do first: failed requirements that one known defect breaks together become one step. Pure.

`root_causes.toml` lists defects of real servers, each with the requirements that it breaks. Where all of a list failed, one
cause explains all of it, and the report gives one piece of advice. Every failure stays an observation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conformance.judging.observation import Observation, together
from conformance.judging.refusals import Feature
from conformance.judging.refusals import remedy as remedy_for
from conformance.requirements import Blame, Outcome, Requirement, Severity
from conformance.requirements.areas import WHOLE_TURNS

_TURNS = f"{WHOLE_TURNS}."  # break with whatever else breaks


@cache
def known_causes() -> tuple[frozenset[str], ...]:
    """The ids of the requirements that each known defect breaks together."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return tuple(frozenset(ids) for ids in tomllib.loads(text).values())


def grouped(failed: Sequence[str], known: Iterable[frozenset[str]]) -> list[tuple[str, ...]]:
    """The failed requirements (ids) in the order given, those that one known defect breaks grouped together."""
    left = list(failed)
    sets = {frozenset(id for id in ids if not id.startswith(_TURNS)) for ids in known}
    within = sorted((s for s in sets if len(s) > 1 and s <= set(left)), key=lambda s: (-len(s), sorted(s)))
    found: list[tuple[str, ...]] = []
    for ids in within:
        if ids <= set(left):
            found.append(tuple(id for id in left if id in ids))
            left = [id for id in left if id not in ids]
    groups = [*found, *((id,) for id in left)]
    return sorted(groups, key=lambda group: failed.index(group[0]))


@dataclass(frozen=True)
class Step:
    """One thing to do: the failed requirement that is worst for the chosen clients, and what else fails with it.

    `clients` says what it means to each chosen client that it affects, `others` are the ids that share the cause. `remedy` is that
    of the requirement, unless the run shows what all refused requests have in common.
    """

    requirement: Requirement
    actual: str
    blame: Blame
    clients: Mapping[str, Severity]
    cases: tuple[str, ...]
    others: tuple[str, ...]
    remedy: str

    @property
    def of_turn(self) -> bool:
        """True for a whole turn; where another requirement breaks the same clients, that one is the cause."""
        return self.requirement.area == WHOLE_TURNS


def steps(
    chosen: Sequence[str],
    observations: Sequence[Observation],
    known: Iterable[frozenset[str]] = (),
    blamed: Mapping[str, Blame] = MappingProxyType({}),
    culprits: Mapping[str, Feature] = MappingProxyType({}),
) -> list[Step]:
    """What to do first: settings, then what breaks most of the chosen clients, then what degrades most.

    There is one step for each cause: what a known defect breaks together, or what is refused with the same words. Turns that
    a cause breaks get no step. Where the settings are wrong, nothing else could be judged, so only they get steps. `blamed`
    says who has to act, by requirement id, where this run knows it better than the requirement. `culprits` says what refused
    requests have in common, by the words of the refusal.
    """
    failed: dict[str, list[Observation]] = {}
    for observation in observations:
        if observation.outcome is Outcome.FAILED:
            failed.setdefault(observation.requirement.id, []).append(observation)
    groups = join_refusals(grouped(list(failed), known), failed)
    found = [_step(chosen, [failed[id] for id in ids], blamed, culprits) for ids in groups]
    affecting = [step for step in found if step.clients]
    settings = [step for step in affecting if step.blame is Blame.SETTINGS]
    affecting = settings or affecting
    broken = {c for s in affecting if not s.of_turn for c, how in s.clients.items() if how is Severity.BREAKS}
    return sorted((s for s in affecting if not (s.of_turn and s.clients.keys() <= broken)), key=_urgency)


def join_refusals(
    groups: Sequence[tuple[str, ...]], failed: Mapping[str, Sequence[Observation]]
) -> list[tuple[str, ...]]:
    """The groups, with those joined whose requests were refused with the same words."""
    joined: dict[str, list[str]] = {}
    for ids in groups:
        said = next((o.refusal for id in ids for o in failed[id] if o.refusal), "")
        joined.setdefault(said or ids[0], []).extend(ids)
    return [tuple(ids) for ids in joined.values()]


def _step(
    chosen: Sequence[str],
    group: Sequence[Sequence[Observation]],
    blamed: Mapping[str, Blame],
    culprits: Mapping[str, Feature],
) -> Step:
    first, *others = sorted(group, key=lambda cases: _leads(chosen, cases))
    requirement = first[0].requirement
    felt: dict[str, Severity] = {}
    for cases in (*others, first):
        felt |= {c: s for c, s in _affected(chosen, cases).items() if felt.get(c) is not Severity.BREAKS}
    return Step(
        requirement,
        first[0].actual,
        blamed.get(requirement.id, requirement.blame),
        {client: felt[client] for client in chosen if client in felt},
        tuple(case.case for case in first),
        tuple(cases[0].requirement.id for cases in group if cases is not first),
        _remedy(requirement, [cases[0].refusal for cases in group], culprits),
    )


def _leads(chosen: Sequence[str], cases: Sequence[Observation]) -> tuple[bool, bool, int, int, bool]:
    """Less for what is shown first: settings, no whole turn, what is worse, what fails by itself and not by comparison."""
    requirement = cases[0].requirement
    turn = requirement.area == WHOLE_TURNS
    return (
        requirement.blame is not Blame.SETTINGS,
        turn,
        *_weight(_affected(chosen, cases)),
        not (cases[0].failing or cases[0].refusal),
    )


def _remedy(requirement: Requirement, refusals: Sequence[str], culprits: Mapping[str, Feature]) -> str:
    culprit = next((culprits[said] for said in refusals if said in culprits), None)
    together = len(refusals) > 1 and requirement.blame is not Blame.SETTINGS
    return remedy_for(culprit) if culprit and together else requirement.remedy


def _affected(chosen: Sequence[str], cases: Sequence[Observation]) -> dict[str, Severity]:
    severity = together(cases) or {}
    return {c: s for c in chosen if (s := severity.get(c, Severity.HARMLESS)) is not Severity.HARMLESS}


def _urgency(step: Step) -> tuple[bool, int, int]:
    return step.blame != Blame.SETTINGS, *_weight(step.clients)


def _weight(affected: Mapping[str, Severity]) -> tuple[int, int]:
    """Less for what is worse."""
    severities = list(affected.values())
    return -severities.count(Severity.BREAKS), -severities.count(Severity.DEGRADES)
