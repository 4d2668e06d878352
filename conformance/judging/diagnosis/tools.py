"""Who falls short where tool calls do not come as they should, in one sentence, by comparing the ways they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_tool_reply
from conformance.evidence.markup import Family
from conformance.judging.diagnosis.ways import Came, Difference, Way, difference, native_in, way_of, ways
from conformance.probes.parsers import is_parsed, lacking, settings
from conformance.requirements.requirement import Blame


@dataclass(frozen=True)
class Diagnosis:
    """One sentence, and who has to change something. `of_choice` says that all of it is how tool_choice is heeded."""

    sentence: str
    blame: Blame
    of_choice: bool = False


def diagnose(exchanges: Iterable[Exchange]) -> Diagnosis | None:
    """What the ways of asking tell when they are compared; None when they do not differ, or nothing came to compare."""
    came = ways(exchanges)
    return _refused(came) or _printed(came) or _lost(came)


_FOR_TOOLS = re.compile(r"tool.?choice|--jinja|support tools|tools param", re.IGNORECASE)


def _refused(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Automatic calls that are refused as such while forced ones come."""
    refused = [(way, said) for way, what in came.items() for said in what.refused if _FOR_TOOLS.search(said)]
    if not refused or any(way.forced for way, _ in refused) or not any(way.forced for way in native_in(came)):
        return None
    sentence = f"forced calls come natively, but automatic ones are refused ({refused[0][1]})"
    return Diagnosis(f"{sentence}: the server's parser is not turned on ({settings()})", Blame.PROVIDER)


def _printed(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Calls that are printed as text, in some ways or in all."""
    family = next((f for what in came.values() for f in what.printed), None)
    if family is None:
        return None
    short = [way for way, what in came.items() if what.printed and not what.native]
    told = difference(short, native_in(came))
    printed = f"are printed as text in the form of {family.name}, {family.looks}"
    blame = _blame(family, any(way.forced for way in short))
    if not native_in(came):
        return Diagnosis(f"no native call came: calls {printed}; {lacking(family)}", blame)
    if told is None:
        return Diagnosis(f"calls come natively, but some {printed}: the server's parser misses them", blame)
    if told.of_transport:
        return _differ(told, f"{printed}: the server's parser misses them")
    return _differ(told, f"{printed}; {lacking(family)}", blame)


def _blame(family: Family, forced: bool) -> Blame:
    """Forms that some server parses are a matter of its settings; all others are the model's, unless it had no choice."""
    return Blame.PROVIDER if forced or is_parsed(family) else Blame.MODEL


def _lost(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Forced calls for which words come."""
    short = [way for way, what in came.items() if what.words and not (what.native or what.printed)]
    told = difference(short, native_in(came))
    if told is None:
        return None
    if told.of_transport:
        return _differ(told, "are lost: nothing but the way of sending differs, so it is the server's parser")
    return _differ(told, "do not come: the server takes their tool_choice for auto", of_choice=True)


def _differ(
    told: Difference, what: str, blame: Blame = Blame.PROVIDER, *, of_choice: bool = False
) -> Diagnosis:
    return Diagnosis(f"{told.good} calls come natively, but {told.short} ones {what}", blame, of_choice)


def where(failed: Iterable[str], exchanges: Iterable[Exchange]) -> Difference | None:
    """In which calls alone a requirement fails, by the ids of the exchanges that failed it and all that hold calls."""
    calls = [e for e in exchanges if as_tool_reply(e) and way_of(e)]
    ids = set(failed)
    talks = {e.conversation for e in calls if e.id in ids}
    short = [way_of(e) for e in calls if e.id in ids]
    good = [way_of(e) for e in calls if e.conversation not in talks]
    return difference([w for w in short if w], [w for w in good if w])
