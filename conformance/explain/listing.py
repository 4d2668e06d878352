"""The catalogue as lists: the requirements for people, programs and the documents, the faults and the variations."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from conformance.clients import CLIENTS
from conformance.probes.catalogue import catalogue
from conformance.probes.untestable import UNTESTABLE
from conformance.reference import Fault, known_variations
from conformance.reference import catalogue as faults
from conformance.report.build import requirement_facts
from conformance.requirements.probe import Probe
from conformance.requirements.requirement import HARMLESS, Severity


def chosen(
    areas: Collection[str] = (), clients: Collection[str] = (), categories: Collection[str] = ()
) -> list[Probe]:
    """The probes of these areas and categories whose failure one of these clients feels; nothing given chooses all."""
    return [
        probe
        for probe in catalogue().values()
        if (not areas or probe.area in areas)
        and (not categories or probe.category.id in categories)
        and (not clients or any(probe.severity[id] is not HARMLESS for id in clients))
    ]


def probes_text(probes: Sequence[Probe]) -> str:
    """One line per probe, by area; below the whole catalogue what is not testable, with the reason."""
    width = max((len(probe.id) for probe in probes), default=0)
    lines = [f"{probe.id:<{width}}  {probe.text}" for probe in probes]
    beyond = [f"  {one.requirement}\n    {one.reason}" for one in UNTESTABLE]
    rest = ["", "not testable from outside:", *beyond] if len(probes) == len(catalogue()) else []
    return "\n".join(
        [*lines, *rest, "", f"{len(lines)} requirements; `conformance explain PROBE` tells more"]
    )


def probes_json(probes: Sequence[Probe]) -> str:
    """The probes as JSON."""
    return json.dumps([facts(probe) for probe in probes], indent=1, ensure_ascii=False)


def probes_markdown(probes: Sequence[Probe]) -> str:
    """The probes as a document: every requirement with its reason, clients, remedy, sources and faults."""
    parts = ["# Requirements"]
    for area, members in groupby(probes, key=lambda probe: probe.area):
        parts += [f"## {area}", *("\n\n".join(_section(probe)) for probe in members)]
    beyond = [f"- {one.requirement} Not testable: {one.reason}." for one in UNTESTABLE]
    return "\n\n".join([*parts, "## Not testable from outside", "\n".join(beyond)]) + "\n"


def _section(probe: Probe) -> Iterator[str]:
    yield f"### `{probe.id}`"
    yield probe.text
    if probe.why:
        yield probe.why
    rows: dict[str, str] = {
        "heading": probe.category.heading,
        "blame": probe.blame,
        **{
            severity: ", ".join(felt_by(probe, severity)) for severity in (Severity.BREAKS, Severity.DEGRADES)
        },
        "remedy": probe.remedy,
        "sources": " · ".join(f"<{source}>" if "://" in source else source for source in probe.sources),
        "faults": ", ".join(f"`{fault.name}`" for fault in faults_for(probe)),
    }
    yield "\n".join(f"- {name}: {told}" for name, told in rows.items() if told)


def felt_by(probe: Probe, severity: Severity) -> list[str]:
    """The names of the clients that feel a failure as much as that."""
    return [client.name for client in CLIENTS if probe.severity[client.id] is severity]


def facts(probe: Probe) -> dict[str, Any]:
    """Everything that is said about a probe, as plain data."""
    return {
        "probe": probe.id,
        **requirement_facts(probe),
        "faults": [fault.name for fault in faults_for(probe)],
    }


def faults_for(probe: Probe) -> list[Fault]:
    """The faults that this probe must notice, those that only it notices first."""
    return sorted((f for f in faults().values() if probe.id in f.caught_by), key=lambda f: len(f.caught_by))


def faults_text() -> str:
    """One line per fault, with the probes that notice it."""
    lines = []
    for fault in faults().values():
        lines += [f"{fault.name}: {fault.summary}", f"    noticed by {', '.join(sorted(fault.caught_by))}"]
    return "\n".join(lines)


def variations_text() -> str:
    """One line per variation, with where it was seen."""
    lines = []
    for one in known_variations().values():
        lines += [f"{one.name}: {one.summary}", f"    as in {one.source}"]
    return "\n".join(lines)
