"""How far native tool calling goes, and whose shortfall it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.clients.client import Client
from conformance.evidence.exchange import Exchange
from conformance.judging.diagnosis.tools import Diagnosis, diagnose, where
from conformance.judging.probe_results import Tally, causes, hurts, not_met
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame

FORCED = ("toolstream.native", "tools.required", "tools.named")  # the model has no choice
AUTO = ("tools.auto",)
PRINTED = "chat.no-markup"
OF_WAYS = (*FORCED, *AUTO, PRINTED)  # whether calls come at all, and natively
OF_ANY_CALL = (("tool_reply",), ("reply",))  # what requirements take that hold for calls asked for in any way


class Level(StrEnum):
    """How far native tool calling goes."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ToolCalling:
    """How far native tool calling goes, the probe ids that decided it, whose fault a shortfall is.

    `diagnosed` are the ids of those whose failure comparing the ways of asking has traced to whoever is blamed.
    """

    level: Level
    because: tuple[str, ...]
    blame: Blame | None
    summary: str
    diagnosed: tuple[str, ...] = ()


def tool_calling(
    tallies: Sequence[Tally], clients: Sequence[Client], seen: Sequence[Exchange] = ()
) -> ToolCalling:
    """How far native tool calling goes, by whether calls came at all and which tool requirements fail.

    Whose shortfall it is, the exchanges that were `seen` tell best: those of the ways of asking that differ.
    """
    by_id = {t.requirement.id: t for t in tallies}
    ways = [by_id[id] for id in FORCED + AUTO if id in by_id]
    settings = [t for t in tallies if t.failed and t.requirement.blame is Blame.SETTINGS]
    if not any(t.passed or t.failed for t in ways):
        because = tuple(t.requirement.id for t in settings)
        blame = Blame.SETTINGS if settings else None
        return ToolCalling(Level.UNKNOWN, because, blame, "no answer with tools could be judged")
    told = diagnose(seen)
    if not any(t.passed for t in ways):
        return _no_calls([t for t in ways if t.failed], told)
    mine = [t for t in tallies if t.failed and t.requirement.category == TOOL_CALLING_ERRORS]
    failed = causes([t for t in mine if hurts(t.requirement, clients)])
    printed = PRINTED in by_id and by_id[PRINTED].failed
    unasked = any(by_id[id].failed for id in AUTO if id in by_id) and not printed
    if unasked and (told is None or told.of_choice):
        return _only_forced(failed)
    return _partial(failed, told, seen) if failed else _complete(tallies)


def _only_forced(failed: Sequence[Tally]) -> ToolCalling:
    """Forced calls work, but left to itself the model makes none: that decides, whatever else fails."""
    first = sorted(failed, key=lambda t: t.requirement.id not in AUTO)
    because = tuple(t.requirement.id for t in first)
    summary = "forced calls work, but left to itself the model makes none"
    return ToolCalling(Level.PARTIAL, because, Blame.MODEL, summary, AUTO)


def _no_calls(failed: Sequence[Tally], told: Diagnosis | None) -> ToolCalling:
    because = tuple(t.requirement.id for t in failed)
    if told:
        return ToolCalling(Level.NONE, because, told.blame, told.sentence, OF_WAYS)
    forced = any(t.requirement.id in FORCED for t in failed)
    who = (
        "not even when forced: the provider lacks it"
        if forced
        else "under auto; forced calls could not be judged"
    )
    return ToolCalling(
        Level.NONE, because, Blame.PROVIDER if forced else Blame.MODEL, f"no native tool call came, {who}"
    )


def _partial(failed: Sequence[Tally], told: Diagnosis | None, seen: Sequence[Exchange]) -> ToolCalling:
    because = tuple(t.requirement.id for t in failed)
    if told:
        return ToolCalling(Level.PARTIAL, because, told.blame, f"{told.sentence} ({_count(failed)})", OF_WAYS)
    of_model = all(t.requirement.blame is Blame.MODEL for t in failed)
    blame = Blame.MODEL if of_model else Blame.PROVIDER
    first = next(t for t in failed if t.requirement.blame is blame)
    summary = f"{_count(failed)}, first {not_met(first)}"
    only = where(first.exchanges, seen) if first.requirement.evidence in OF_ANY_CALL else None
    if only is None:
        return ToolCalling(Level.PARTIAL, because, blame, summary)
    if only.of_transport:  # the model does not know how its answer is sent
        blame = Blame.PROVIDER
    summary = f"{summary}, in {only.short} calls only, not in {only.good} ones"
    return ToolCalling(Level.PARTIAL, because, blame, summary, (first.requirement.id,))


def _count(failed: Sequence[Tally]) -> str:
    return "1 requirement fails" if len(failed) == 1 else f"{len(failed)} requirements fail"


def _complete(tallies: Sequence[Tally]) -> ToolCalling:
    tools = [t for t in tallies if t.requirement.category == TOOL_CALLING_ERRORS]
    open_ones = [t for t in tools if not t.passed and Outcome.BLOCKED in t.outcomes]
    if any(t.unjudged for t in open_ones):
        because = tuple(t.requirement.id for t in open_ones)
        return ToolCalling(
            Level.UNKNOWN, because, None, f"calls came, but not all could be judged: {open_ones[0].blocked}"
        )
    left = (
        f"; {len(open_ones)} could not be judged because the model did not do what was asked"
        if open_ones
        else ""
    )
    return ToolCalling(Level.COMPLETE, (), None, f"every requirement that could be judged holds{left}")
