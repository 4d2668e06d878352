"""What an error text or a log line points to: the requirements that are likely not met, most likely first. Pure, offline.

The tables say what a text shows, whose words it is, and which requirements would confirm it. What clients say of their own comes
first, then what servers say through them, last what a status alone tells: the more particular words rank first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.explain.symptoms.clients import CLIENTS
from conformance.explain.symptoms.servers import SERVERS
from conformance.explain.symptoms.statuses import STATUSES
from conformance.explain.symptoms.symptom import Symptom

__all__ = ["SYMPTOMS", "Cause", "Symptom", "causes"]

SYMPTOMS: tuple[Symptom, ...] = (*CLIENTS, *SERVERS, *STATUSES)
_LONGEST = 20_000  # characters of a text that are looked at
_PATH = re.compile(r'"path"\s*:\s*\[([^\[\]]*)\]')  # as zod prints where a value does not fit


@dataclass(frozen=True)
class Cause:
    """One likely cause: the id of the requirement that would confirm it, and the symptom that points to it."""

    probe: str
    symptom: Symptom


def causes(text: str) -> tuple[Cause, ...]:
    """The likely causes of what a user has read, the most likely first, each requirement once; () when nothing is known."""
    found: dict[str, Cause] = {}
    for cause in _causes(_PATH.sub(_dotted, text[:_LONGEST])):
        found.setdefault(cause.probe, cause)
    return tuple(found.values())


def _causes(text: str) -> Iterator[Cause]:
    for symptom in SYMPTOMS:
        if symptom.pattern.search(text):
            yield from (Cause(probe, symptom) for probe in symptom.probes)


def _dotted(path: re.Match[str]) -> str:
    """The path as this suite's readers write it: `choices[0].delta.role: `."""
    steps = [step.strip().strip('"') for step in path[1].split(",")]
    joined = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)
    return f" {joined.removeprefix('.')}: "
