"""Compares the ways in which tool calls were asked for, to find out what is wrong with them and who can fix it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_tool_reply
from conformance.evidence.markup import Family
from conformance.judging.diagnosis.ways import Came, Difference, Way, difference, native_in, way_of, ways
from conformance.probes.parsers import is_parsed, lacking, settings
from conformance.requirements import Blame


@dataclass(frozen=True)
class Diagnosis:
    """One sentence, and who can fix it. `of_choice`: the only problem is that `tool_choice` is ignored."""

    sentence: str
    blame: Blame
    of_choice: bool = False


def diagnose(exchanges: Iterable[Exchange]) -> Diagnosis | None:
    """What the ways of asking show when they are compared; None when they do not differ or cannot be compared."""
    came = ways(exchanges)
    return _refused(came) or _printed(came) or _lost(came)


_FOR_TOOLS = re.compile(r"tool.?choice|--jinja|support tools|tools param", re.IGNORECASE)


def _refused(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Automatic calls are refused while forced ones work."""
    refused = [(way, said) for way, what in came.items() for said in what.refused if _FOR_TOOLS.search(said)]
    if not refused or any(way.forced for way, _ in refused) or not any(way.forced for way in native_in(came)):
        return None
    sentence = f"forced calls work, but automatic ones are refused ({refused[0][1]})"
    return Diagnosis(f"{sentence}: turn on the server's tool-call parser ({settings()})", Blame.PROVIDER)


def _printed(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Calls are printed as text, in some ways of asking or in all."""
    family = next((f for what in came.values() for f in what.printed), None)
    if family is None:
        return None
    short = [way for way, what in came.items() if what.printed and not what.native]
    found = difference(short, native_in(came))
    printed = f"are printed as text in the form of {family.name}, {family.looks}"
    blame = _blame(family, any(way.forced for way in short))
    if not native_in(came):
        return Diagnosis(f"no native calls: they {printed}; {lacking(family)}", blame)
    if found is None:
        return Diagnosis(f"most calls are native, but some {printed}: the server's parser misses them", blame)
    if found.of_transport:
        return _differ(found, f"{printed}: the server's parser misses them")
    return _differ(found, f"{printed}; {lacking(family)}", blame)


def _blame(family: Family, forced: bool) -> Blame:
    """The provider for a form that some server can parse, and for forced calls; else the model."""
    return Blame.PROVIDER if forced or is_parsed(family) else Blame.MODEL


def _lost(came: Mapping[Way, Came]) -> Diagnosis | None:
    """Forced calls are answered with text."""
    short = [way for way, what in came.items() if what.words and not (what.native or what.printed)]
    found = difference(short, native_in(came))
    if found is None:
        return None
    if found.of_transport:
        return _differ(found, "are lost: only the way of sending differs, so the server's parser loses them")
    return _differ(found, "do not come: the server treats their tool_choice as auto", of_choice=True)


def _differ(found: Difference, what: str, blame: Blame = Blame.PROVIDER, *, of_choice: bool = False) -> Diagnosis:
    return Diagnosis(f"{found.good} calls are native, but {found.short} ones {what}", blame, of_choice)


def where(failed: Iterable[str], exchanges: Iterable[Exchange]) -> Difference | None:
    """The only kind of calls in which a requirement fails; `failed` are the ids of the exchanges that failed it."""
    calls = [e for e in exchanges if as_tool_reply(e) and way_of(e)]
    ids = set(failed)
    talks = {e.conversation for e in calls if e.id in ids}
    short = [way_of(e) for e in calls if e.id in ids]
    good = [way_of(e) for e in calls if e.conversation not in talks]
    return difference([w for w in short if w], [w for w in good if w])
