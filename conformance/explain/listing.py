"""Lists of the requirements (as text, JSON and Markdown), the faults and the variations."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from conformance.clients import CLIENTS
from conformance.probes.catalogue import catalogue
from conformance.probes.untestable import UNTESTABLE
from conformance.reference import Fault, known_variations
from conformance.reference import catalogue as faults
from conformance.report.build import requirement_facts
from conformance.requirements import HARMLESS, Severity
from conformance.requirements.probe import Probe


def chosen(areas: Collection[str] = (), clients: Collection[str] = (), categories: Collection[str] = ()) -> list[Probe]:
    """The probes of these areas and categories that affect one of these clients; without any, all probes."""
    return [
        probe
        for probe in catalogue().values()
        if (not areas or probe.area in areas)
        and (not categories or probe.category.id in categories)
        and (not clients or any(probe.severity[id] is not HARMLESS for id in clients))
    ]


def probes_text(probes: Sequence[Probe]) -> str:
    """One line for each probe, by area; after a complete list, what cannot be tested and why."""
    width = max((len(probe.id) for probe in probes), default=0)
    lines = [f"{probe.id:<{width}}  {probe.text}" for probe in probes]
    beyond = [f"  {one.requirement}\n    {one.reason}" for one in UNTESTABLE]
    rest = ["", "not testable from outside:", *beyond] if len(probes) == len(catalogue()) else []
    return "\n".join([*lines, *rest, "", f"{len(lines)} requirements; `conformance explain PROBE` explains one"])


def probes_json(probes: Sequence[Probe]) -> str:
    """The probes as JSON."""
    return json.dumps([facts(probe) for probe in probes], indent=1, ensure_ascii=False)


def probes_markdown(probes: Sequence[Probe]) -> str:
    """The probes as a document: each requirement with its reason, clients, remedy, sources and faults."""
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
        **{severity: ", ".join(affected_by(probe, severity)) for severity in (Severity.BREAKS, Severity.DEGRADES)},
        "remedy": probe.remedy,
        "sources": " · ".join(f"<{source}>" if "://" in source else source for source in probe.sources),
        "faults": ", ".join(f"`{fault.name}`" for fault in faults_for(probe)),
    }
    yield "\n".join(f"- {name}: {value}" for name, value in rows.items() if value)


def affected_by(probe: Probe, severity: Severity) -> list[str]:
    """The names of the clients that a failure affects with that severity."""
    return [client.name for client in CLIENTS if probe.severity[client.id] is severity]


def facts(probe: Probe) -> dict[str, Any]:
    """A probe as plain data."""
    return {"probe": probe.id, **requirement_facts(probe), "faults": [fault.name for fault in faults_for(probe)]}


def faults_for(probe: Probe) -> list[Fault]:
    """The faults that this probe must detect, those with the fewest other detectors first."""
    return sorted((f for f in faults().values() if probe.id in f.caught_by), key=lambda f: len(f.caught_by))


def faults_text() -> str:
    """Each fault, with the probes that detect it."""
    lines = []
    for fault in faults().values():
        lines += [f"{fault.name}: {fault.summary}", f"    detected by {', '.join(sorted(fault.caught_by))}"]
    return "\n".join(lines)


def variations_text() -> str:
    """Each variation, with where it was seen."""
    lines = []
    for one in known_variations().values():
        lines += [f"{one.name}: {one.summary}", f"    as in {one.source}"]
    return "\n".join(lines)


FORMATS: Mapping[str, Callable[[Sequence[Probe]], str]] = {
    "text": probes_text,
    "json": probes_json,
    "markdown": probes_markdown,
}
