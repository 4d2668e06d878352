"""One probe or an error text explained, presets, URLs and a plan, in words. All of it comes from the code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from conformance.clients import CURRENT, Client
from conformance.clients.advice import advice
from conformance.clients.url import Built, host_of
from conformance.endpoint.config import Endpoint, preset_of
from conformance.endpoint.presets import Preset, presets
from conformance.errors import UsageError, unknown
from conformance.evidence.markup import printed_calls
from conformance.explain.listing import faults_for, felt_by
from conformance.explain.symptoms import Match, Symptom, likely_requirements
from conformance.judging.judge import Observation, conversations_of
from conformance.probes.catalogue import RENAMED, catalogue, conversations
from conformance.probes.parsers import lacking
from conformance.reference import Fault, Provider, serve
from conformance.report.text import line
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import Conversation, unmet
from conformance.requirements.outcome import Outcome
from conformance.requirements.probe import Probe
from conformance.requirements.requirement import Severity
from conformance.runner.plan import MOST_REQUESTS, all_cases, plan
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.traffic.client_reads import reads
from conformance.wire.limits import Limits


def find(id: str) -> Probe:
    """The probe with that id, also under an older id; raises UsageError."""
    of_recorded = {probe.id: probe for probe in reads(CURRENT)}
    probe = (catalogue() | of_recorded).get(RENAMED.get(id, id))
    if probe is None:
        raise unknown("probe", id, catalogue())
    return probe


CAUSES = 5  # shown of what an error text points to


def explained(text: str) -> str:
    """The probe of that id; for anything else that is known as an error text, or has a blank, what it points to.

    Raises UsageError for a single word that is neither.
    """
    found = likely_requirements(text)
    one_word = len(text.split()) == 1
    if one_word and (not found or text.split(".")[0] in AREAS):
        return probe_text(text)
    return symptom_text(text, found[:CAUSES])


def symptom_text(text: str, found: Sequence[Match]) -> str:
    """What a text that a user has read points to: the heading, then the likely causes with what to do about each."""
    if not found:
        return "Nothing is known of this text. `conformance run` finds out what the endpoint does otherwise."
    category = find(found[0].probe).category
    printed = [
        f"A call is printed in the form of {call.family.name}: {lacking(call.family)}."
        for call in printed_calls(text)[:1]
    ]
    ids = " or ".join(cause.probe for cause in found)
    by_symptom = groupby(enumerate(found, 1), key=lambda numbered: numbered[1].symptom)
    likely = (_likely_text(symptom, list(group)) for symptom, group in by_symptom)
    confirm = f'Which of them it is, a run tells: conformance run ENDPOINT -k "{ids}"'
    return "\n\n".join([f"{category.heading}\n{category.advice}", *printed, *likely, confirm])


def _likely_text(symptom: Symptom, numbered: Sequence[tuple[int, Match]]) -> str:
    lines = [f"Said by {symptom.whose}: {symptom.shows}."]
    lines += [f"Known from {symptom.source}"] if symptom.source else []
    for n, cause in numbered:
        probe = find(cause.probe)
        lines += [f"  {n}. {probe.id}: {probe.text}", f"     {probe.remedy}"]
    return "\n".join(lines)


def probe_text(id: str) -> str:
    """One probe explained, with a failing example made on demand."""
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
    felt = {severity: felt_by(probe, severity) for severity in Severity}
    lines = [f"  {severity.capitalize()}: {', '.join(names)}" for severity, names in felt.items() if names]
    return "When it fails:\n" + "\n".join(lines)


def _evidence(probe: Probe) -> str:
    names = dict.fromkeys(
        n for p, case in all_cases(max(_depths())) if p.id == probe.id for n in conversations_of(p, case)
    )
    if not names:
        return "answers that somebody else recorded (conformance judge)"
    if len(names) > 6:
        return f"{len(names)} conversations: every {probe.evidence[0].replace('_', ' ')} of a run"
    return "; ".join(f"{name} ({conversations()[name].asks})" for name in names)


def _depths() -> list[Any]:
    return [c.depth for c in conversations().values()]


def _example(probe: Probe) -> str:
    """What the probe says about the reference provider when the first fault for it is switched on."""
    proof = faults_for(probe)
    if not proof:
        return ""
    failed = failing_example(probe, proof[0])
    said = failed.actual if failed else "(could not be made)"
    others = f" (also: {', '.join(f.name for f in proof[1:6])})" if proof[1:] else ""
    return f"Example, made by `conformance serve --fault {proof[0].name}`{others}:\n  {proof[0].summary}\n  seen: {said}"


def failing_example(probe: Probe, fault: Fault) -> Observation | None:
    """The probe's first failure against the reference provider with that fault."""
    provider = Provider("reference-1", "sk-explain-0123456789abcdef", faults=(fault.name,))
    with serve(provider) as server:
        endpoint = endpoint_of(provider, server.base_url)
        seen, _ = observe(Settings(endpoint, limits=Limits.patient_for(2.0)), [probe])
    return next((o for o in seen if o.outcome is Outcome.FAILED), None)


def endpoint_of(provider: Provider, base_url: str, name: str = "demo") -> Endpoint:
    """The endpoint that a served reference provider is."""
    return Endpoint(
        base_url, provider.model, name=name, key=provider.api_key, context_window=provider.context_window
    )


def providers_text() -> str:
    """One line per provider with a preset: where it is, whose key it takes, how much it documents to do otherwise."""
    head = ("provider", "base URL", "key variable", "deviations", "as of")
    rows = [head, *(_provider_row(preset) for preset in presets().values())]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", f"{len(presets())} providers; `conformance providers NAME` tells more"])


def _provider_row(preset: Preset) -> tuple[str, ...]:
    where = preset.base_url or "(give --base-url)"
    return preset.id, where, preset.api_key_env or "-", str(len(preset.deviations)), str(preset.as_of)


def provider_text(id: str) -> str:
    """One preset: what it stands in for, and what the provider documents to do otherwise."""
    preset = preset_of(id)
    lines = [
        f"{preset.id}: {preset.name}, as of {preset.as_of}",
        f"Base URL: {preset.base_url or f'none, {preset.instead}'}",
        f"Key variable: {preset.api_key_env or 'none'}",
        f"Documentation: {preset.documentation}",
    ]
    for told in preset.deviations:
        lines += ["", f"{', '.join(told.probes)}\n  {told.what}\n  {told.source} (as of {told.as_of})"]
    return "\n".join(lines)


def url_text(base: str, model: str, clients: Sequence[Client]) -> str:
    """The URLs that clients make of what the user typed, and what to type instead; nothing is sent.

    Raises UsageError when none of them can call anything.
    """
    found = advice(base, model)
    if not host_of(base) or not any(client.chat(base, model).url for client in clients):
        raise UsageError(f"no client can call {base!r}: {_why_not(base, found)}")
    width = max(len(client.name) for client in clients)
    lines = []
    for client in clients:
        lines.append(f"{client.name:<{width}}  chat    {_told(client.chat(base, model))}")
        listed = client.models(base, model) if client.models else None
        lines.append(f"{'':<{width}}  models  {_told(listed) if listed else '(never listed)'}")
    return "\n".join([*lines, "", *(found or ["Nothing about it looks wrong."])])


def _why_not(base: str, found: Sequence[str]) -> str:
    """The first sentence of advice where the scheme is missing; otherwise there is no host."""
    if not base.strip():
        return "it is empty."
    return "it names no host." if base.strip().startswith(("http:", "https:")) else found[0]


def _told(built: Built) -> str:
    return built.url or f"none: {built.error}"


def plan_text(settings: Settings) -> str:
    """What a run would ask and what it costs at most; nothing is sent for it."""
    endpoint = settings.endpoint
    asked = [c for c in plan(settings.depth, settings.clients).values() if not unmet(c, endpoint)]
    width = max(len(c.name) for c in asked)
    lines = [
        f"{c.name:<{width}}  {c.requests:>3} {c.prompt_tokens_for(endpoint):>7,} {c.tokens:>6,}  {c.asks}"
        for c in asked
    ]
    head = f"{'conversation':<{width}}  req.  prompt answer  asks"
    return "\n".join([head, *lines, "", _totals(asked, endpoint)])


def recording_text(settings: Settings) -> str:
    """What is replayed: how old it is, by which clients it was recorded, and what of it cannot be used."""
    recording = settings.recording
    assert recording is not None
    then = recording.manifest
    days = (datetime.now(UTC) - recording.started).days
    age = "today" if days < 1 else "a day ago" if days == 1 else f"{days} days ago"
    known = plan(settings.depth, settings.clients, settings.repeats)
    unused = sorted(recording.talks.keys() - known.keys())
    lines = [
        f"Replay of {recording.folder}, nothing is sent.",
        f"Recorded {recording.started:%Y-%m-%d %H:%M} UTC ({age}) by version {then['tool']}, for the clients",
        f"{', '.join(then['profiles'])}.",
    ]
    if not then["complete"]:
        lines.append(f"{recording.folder}: not complete, the recorded run was cut short")
    lines += [f"{recording.folder / name}: {problem}" for name, problem in recording.unusable.items()]
    lines += [f"{recording.folder}: not used here: {', '.join(unused)}"] if unused else []
    return "\n".join([*map(line, lines), ""])  # files from elsewhere may say anything


def _totals(asked: Sequence[Conversation], endpoint: Endpoint) -> str:
    requests = sum(c.requests for c in asked)
    prompt, answer = sum(c.prompt_tokens_for(endpoint) for c in asked), sum(c.tokens for c in asked)
    price = ""
    if endpoint.input_price is not None and endpoint.output_price is not None:
        price = f", {(prompt * endpoint.input_price + answer * endpoint.output_price) / 1e6:.4f} USD"
    again = f" ({MOST_REQUESTS} where answers do not agree)" if any(c.repeats > 1 for c in asked) else ""
    return (
        f"{len(asked)} conversations, at most {requests} requests{again}, about {prompt:,} prompt tokens and "
        f"{answer:,} answer tokens{price}; nothing was sent"
    )
