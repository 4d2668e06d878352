"""The requirements that an error text or a log line points to, most likely first. Pure, offline.

The tables say what a text shows, who says it, and which requirements confirm it. The most specific words rank first: those of
one client, of several clients, then of servers, last a status alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.clients import CLIENTS
from conformance.clients.symptom import Symptom
from conformance.explain.symptoms.clients import SEVERAL
from conformance.explain.symptoms.servers import SERVERS
from conformance.explain.symptoms.statuses import STATUSES

__all__ = ["SYMPTOMS", "Match", "Symptom", "likely_requirements"]

OWN = (symptom for client in CLIENTS for symptom in client.symptoms)
SYMPTOMS: tuple[Symptom, ...] = (*OWN, *SEVERAL, *SERVERS, *STATUSES)
_LONGEST = 20_000  # characters of a text that are searched
_PATH = re.compile(r'"path"\s*:\s*\[([^\[\]]*)\]')  # as zod prints the place of a wrong value


@dataclass(frozen=True)
class Match:
    """The id of a requirement that likely fails, and the symptom that points to it."""

    probe: str
    symptom: Symptom


def likely_requirements(text: str) -> tuple[Match, ...]:
    """The requirements that likely fail for this text, most likely first, each once; () for an unknown text."""
    found: dict[str, Match] = {}
    for match in _matches(_PATH.sub(_dotted, text[:_LONGEST])):
        found.setdefault(match.probe, match)
    return tuple(found.values())


def _matches(text: str) -> Iterator[Match]:
    for symptom in SYMPTOMS:
        if symptom.pattern.search(text):
            yield from (Match(probe, symptom) for probe in symptom.probes)


def _dotted(path: re.Match[str]) -> str:
    """The path as this suite's readers write it: `choices[0].delta.role: `."""
    steps = [step.strip().strip('"') for step in path[1].split(",")]
    joined = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)
    return f" {joined.removeprefix('.')}: "
