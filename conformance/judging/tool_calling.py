"""How complete native tool calling is, and who can fix what is missing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.clients.client import Client
from conformance.evidence.exchange import Exchange
from conformance.judging.diagnosis.tools import Diagnosis, diagnose, where
from conformance.judging.results import Result, affects, without_turns
from conformance.requirements import TOOL_CALLING_ERRORS, Blame, Outcome

FORCED = ("toolstream.native", "tools.required", "tools.named")  # the model has no choice
AUTO = ("tools.auto",)
PRINTED = "chat.no-markup"
OF_WAYS = (*FORCED, *AUTO, PRINTED)  # whether calls come at all, and natively
OF_ANY_CALL = (("tool_reply",), ("reply",))  # what requirements take that hold for calls asked for in any way


class Level(StrEnum):
    """How complete native tool calling is."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ToolCalling:
    """How complete native tool calling is, the requirements (ids) that decided it, and who can fix what is missing.

    `diagnosed` are the ids of the failed requirements whose cause was found by comparing the ways of asking for calls.
    """

    level: Level
    because: tuple[str, ...]
    blame: Blame | None
    summary: str
    diagnosed: tuple[str, ...] = ()

    @property
    def diagnosed_blame(self) -> Mapping[str, Blame]:
        """Who can fix a diagnosed requirement, by its id; this run knows it better than the requirement does."""
        return dict.fromkeys(self.diagnosed, self.blame) if self.blame else {}


def tool_calling(results: Sequence[Result], clients: Sequence[Client], seen: Sequence[Exchange] = ()) -> ToolCalling:
    """How complete native tool calling is, by whether calls came at all and which tool requirements fail.

    The exchanges that were `seen` show who can fix it: calls are asked for in several ways, and some may work.
    """
    by_id = {r.requirement.id: r for r in results}
    ways = [by_id[id] for id in FORCED + AUTO if id in by_id]
    settings = [r for r in results if r.failed and r.requirement.blame is Blame.SETTINGS]
    if not any(r.passed or r.failed for r in ways):
        because = tuple(r.requirement.id for r in settings)
        blame = Blame.SETTINGS if settings else None
        return ToolCalling(Level.UNKNOWN, because, blame, "no answer to a request with tools could be judged")
    diagnosis = diagnose(seen)
    if not any(r.passed for r in ways):
        return _no_calls([r for r in ways if r.failed], diagnosis)
    mine = [r for r in results if r.failed and r.requirement.category == TOOL_CALLING_ERRORS]
    failed = without_turns([r for r in mine if affects(r, clients)])
    printed = PRINTED in by_id and by_id[PRINTED].failed
    unasked = any(by_id[id].failed for id in AUTO if id in by_id) and not printed
    if unasked and (diagnosis is None or diagnosis.of_choice):
        return _only_forced(failed)
    return _partial(failed, diagnosis, seen) if failed else _complete(results)


def _only_forced(failed: Sequence[Result]) -> ToolCalling:
    """Forced calls work, but the model makes none by itself: that decides, whatever else fails."""
    first = sorted(failed, key=lambda r: r.requirement.id not in AUTO)
    because = tuple(r.requirement.id for r in first)
    summary = "forced calls work, but the model calls no tool by itself"
    return ToolCalling(Level.PARTIAL, because, Blame.MODEL, summary, AUTO)


def _no_calls(failed: Sequence[Result], diagnosis: Diagnosis | None) -> ToolCalling:
    because = tuple(r.requirement.id for r in failed)
    if diagnosis:
        return ToolCalling(Level.NONE, because, diagnosis.blame, diagnosis.sentence, OF_WAYS)
    forced = any(r.requirement.id in FORCED for r in failed)
    who = (
        "not even when forced: the provider does not support it"
        if forced
        else "with tool_choice auto; forced calls could not be judged"
    )
    return ToolCalling(Level.NONE, because, Blame.PROVIDER if forced else Blame.MODEL, f"no native tool call, {who}")


def _partial(failed: Sequence[Result], diagnosis: Diagnosis | None, seen: Sequence[Exchange]) -> ToolCalling:
    because = tuple(r.requirement.id for r in failed)
    if diagnosis:
        return ToolCalling(Level.PARTIAL, because, diagnosis.blame, f"{diagnosis.sentence} ({_count(failed)})", OF_WAYS)
    of_model = all(r.requirement.blame is Blame.MODEL for r in failed)
    blame = Blame.MODEL if of_model else Blame.PROVIDER
    first = next(r for r in failed if r.requirement.blame is blame)
    summary = f"{_count(failed)}: {first.sentence}"
    only = where(first.exchanges, seen) if first.requirement.evidence in OF_ANY_CALL else None
    if only is None:
        return ToolCalling(Level.PARTIAL, because, blame, summary)
    if only.of_transport:  # the model does not know how its answer is sent
        blame = Blame.PROVIDER
    summary = f"{summary}; only in {only.short} calls, not in {only.good} ones"
    return ToolCalling(Level.PARTIAL, because, blame, summary, (first.requirement.id,))


def _count(failed: Sequence[Result]) -> str:
    return "1 requirement fails" if len(failed) == 1 else f"{len(failed)} requirements fail"


def _complete(results: Sequence[Result]) -> ToolCalling:
    tools = [r for r in results if r.requirement.category == TOOL_CALLING_ERRORS]
    open_ones = [r for r in tools if not r.passed and Outcome.BLOCKED in r.outcomes]
    if any(r.unjudged for r in open_ones):
        because = tuple(r.requirement.id for r in open_ones)
        return ToolCalling(
            Level.UNKNOWN,
            because,
            None,
            f"calls came, but not all requirements could be judged: {open_ones[0].blocked}",
        )
    left = f"; {len(open_ones)} could not be judged because the model did not do what was asked" if open_ones else ""
    return ToolCalling(Level.COMPLETE, (), None, f"all judged requirements hold{left}")
