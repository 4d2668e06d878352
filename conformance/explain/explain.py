"""Explains a probe, or what an error message or log line points to. All of it comes from the code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import Any

from conformance.clients import CURRENT
from conformance.endpoint.config import Endpoint
from conformance.errors import unknown
from conformance.evidence.markup import printed_calls
from conformance.explain.listing import affected_by, faults_for
from conformance.explain.symptoms import Match, Symptom, likely_requirements
from conformance.judging.judge import conversations_of
from conformance.judging.observation import Observation
from conformance.probes.catalogue import RENAMED, catalogue, conversations
from conformance.probes.parsers import lacking
from conformance.reference import Fault, Provider, serve
from conformance.requirements import Outcome, Severity
from conformance.requirements.areas import AREAS
from conformance.requirements.probe import Probe
from conformance.runner.plan import all_cases
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.traffic.client_reads import reads
from conformance.wire.limits import Limits


def find(id: str) -> Probe:
    """The probe with that id, which may be an older one; raises UsageError."""
    of_recorded = {probe.id: probe for probe in reads(CURRENT)}
    probe = (catalogue() | of_recorded).get(RENAMED.get(id, id))
    if probe is None:
        raise unknown("probe", id, catalogue())
    return probe


CAUSES = 5  # shown for an error text


def explained(text: str) -> str:
    """Explains the probe of that id, or what an error text points to.

    Raises UsageError for a single word that is neither the id of a probe nor a known error text.
    """
    found = likely_requirements(text)
    one_word = len(text.split()) == 1
    if one_word and (not found or text.split(".")[0] in AREAS):
        return probe_text(text)
    return symptom_text(text, found[:CAUSES])


def symptom_text(text: str, found: Sequence[Match]) -> str:
    """What an error text points to: the heading, then the likely causes, each with its remedy."""
    if not found:
        return "No known cause matches this text. Run `conformance run` to diagnose the endpoint."
    category = find(found[0].probe).category
    printed = [
        f"A tool call is printed in the form of {call.family.name}: {lacking(call.family)}."
        for call in printed_calls(text)[:1]
    ]
    ids = " or ".join(cause.probe for cause in found)
    by_symptom = groupby(enumerate(found, 1), key=lambda numbered: numbered[1].symptom)
    likely = (_likely_text(symptom, list(group)) for symptom, group in by_symptom)
    confirm = f'To find out which one applies, run: conformance run ENDPOINT -k "{ids}"'
    return "\n\n".join([f"{category.heading}\n{category.advice}", *printed, *likely, confirm])


def _likely_text(symptom: Symptom, numbered: Sequence[tuple[int, Match]]) -> str:
    lines = [f"Said by {symptom.author}: {symptom.shows}."]
    lines += [f"Known from {symptom.source}"] if symptom.source else []
    for n, cause in numbered:
        probe = find(cause.probe)
        lines += [f"  {n}. {probe.id}: {probe.text}", f"     {probe.remedy}"]
    return "\n".join(lines)


def probe_text(id: str) -> str:
    """Explains one probe, with a failing example that is made on demand."""
    probe = find(id)
    code = probe.function.__code__
    parts = [
        f"{probe.id}\n{probe.text}",
        probe.why,
        f"Category: {probe.category.heading}. Blame: {probe.blame}.",
        _severities(probe),
        f"Remedy: {probe.remedy}",
        "Sources:\n" + "\n".join(f"  {source}" for source in probe.sources),
        f"Judged from: {_evidence(probe)}",
        _example(probe),
        f"Code: {code.co_filename}:{code.co_firstlineno}",
    ]
    return "\n\n".join(part for part in parts if part)


def _severities(probe: Probe) -> str:
    affected = {severity: affected_by(probe, severity) for severity in Severity}
    lines = [f"  {how.capitalize()}: {', '.join(names)}" for how, names in affected.items() if names]
    return "When it fails:\n" + "\n".join(lines)


def _evidence(probe: Probe) -> str:
    names = dict.fromkeys(
        n for p, case in all_cases(max(_depths())) if p.id == probe.id for n in conversations_of(p, case)
    )
    if not names:
        return "recorded traffic (conformance judge)"
    if len(names) > 6:
        return f"{len(names)} conversations: every {probe.evidence[0].replace('_', ' ')} of a run"
    return "; ".join(f"{name} ({conversations()[name].asks})" for name in names)


def _depths() -> list[Any]:
    return [c.depth for c in conversations().values()]


def _example(probe: Probe) -> str:
    """What the probe sees when the reference provider has the first fault that it detects."""
    proof = faults_for(probe)
    if not proof:
        return ""
    failed = failing_example(probe, proof[0])
    said = failed.actual if failed else "(could not be made)"
    others = f" (also: {', '.join(f.name for f in proof[1:6])})" if proof[1:] else ""
    return (
        f"Example, made by `conformance serve --fault {proof[0].name}`{others}:\n  {proof[0].summary}\n  seen: {said}"
    )


def failing_example(probe: Probe, fault: Fault) -> Observation | None:
    """The probe's first failure against the reference provider with that fault."""
    provider = Provider("reference-1", "sk-explain-0123456789abcdef", faults=(fault.name,))
    with serve(provider) as server:
        alone = Settings(endpoint_of(provider, server.base_url), limits=Limits.patient_for(2.0))
        # A requirement about what follows other requests can only fail after them: then everything is asked.
        whole = replace(alone, depth=max(_depths()), repeats=1)
        seen = chain.from_iterable(observe(*how)[0] for how in ((alone, [probe]), (whole, None)))
        return next((o for o in seen if o.requirement.id == probe.id and o.outcome is Outcome.FAILED), None)


def endpoint_of(provider: Provider, base_url: str, name: str = "demo") -> Endpoint:
    """The endpoint at which a reference provider is served."""
    return Endpoint(base_url, provider.model, name=name, key=provider.api_key, context_window=provider.context_window)
