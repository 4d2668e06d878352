"""One run: evidence, observations, conclusions, and the report made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from conformance import __version__
from conformance.clients.advice import detour
from conformance.clients.context_limit import told_limit
from conformance.endpoint.presets import documented
from conformance.endpoint.redactor import redactor_for
from conformance.judging.client_settings import ClientSettings, Found, settings_for
from conformance.judging.conclusions import Conclusions, conclude
from conformance.judging.judge import conversations_of, judge, unseen
from conformance.judging.observation import Observation
from conformance.judging.policy.gate import Gate, Policy, decide
from conformance.judging.root_causes import known_causes
from conformance.judging.timeline import turns
from conformance.judging.timings import timings
from conformance.probes.catalogue import catalogue
from conformance.report import build as report
from conformance.report.run_details import arrival_facts, cost, endpoint_facts, priced, talk_facts
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk
from conformance.runner.plan import all_cases, schedule_for
from conformance.runner.settings import Settings
from conformance.wire.schedule import Schedule

LARGE_CAP = "large_output_cap"  # the conversation that asks for as many tokens as Kilo Code without a limit


def complete(judged: Sequence[tuple[Probe, Observation | None]]) -> list[Observation]:
    """The observations, and one for every probe for which no case left anything to judge."""
    seen = [observation for _, observation in judged if observation]
    shown = {observation.requirement.id for observation in seen}
    silent = {probe.id: probe for probe, _ in judged if probe.id not in shown}
    return seen + [unseen(probe) for probe in silent.values()]


def observe(settings: Settings, probes: Sequence[Probe] | None = None) -> tuple[list[Observation], list[Talk]]:
    """Asks and judges without pytest and without files: these probes, or all."""
    wanted = {probe.id for probe in probes} if probes is not None else set(catalogue())
    cases = [(probe, case) for probe, case in all_cases(settings.depth, settings.clients) if probe.id in wanted]
    schedule = schedule_for(settings, cases)
    schedule.start()
    try:
        judged = [(p, judge(p, case, _talks(schedule, p, case), settings.profiles)) for p, case in cases]
        return complete(judged), schedule.finished()
    finally:
        schedule.stop()


def _talks(schedule: Schedule, probe: Probe, case: str) -> dict[str, Talk]:
    return {name: schedule.talk(name) for name in conversations_of(probe, case)}


def conclude_run(
    settings: Settings, started: datetime, observations: Sequence[Observation], talks: Sequence[Talk], incomplete: str
) -> dict[str, Any]:
    """The report of a run."""
    concluded = conclude(
        observations,
        settings.clients,
        exchanges=[exchange for talk in talks for exchange in talk.evidence],
        detours=detours(settings),
        incomplete=incomplete,
        causes=known_causes(),
    )
    gate = decide(
        concluded, settings.policy, model=settings.endpoint.model, today=datetime.now(UTC).date(), depth=settings.depth
    )
    return report.build(_facts(settings, started, talks, concluded, gate), concluded)


def detours(settings: Settings) -> dict[str, str]:
    """What to type instead, by the id of each client that the base URL leads to another URL than the one that was judged."""
    endpoint = settings.endpoint
    hide = redactor_for(endpoint)
    found = {
        id: detour(client, endpoint.base_url, endpoint.model, endpoint.chat_url)
        for id, client in settings.profiles.items()
    }
    return {id: hide.text(advice) for id, advice in found.items() if advice}


def client_settings(settings: Settings, concluded: Conclusions) -> dict[str, ClientSettings]:
    """What to type into every client, by its id, without secrets."""
    endpoint = settings.endpoint
    refused = (e for e in concluded.exchanges if e.conversation == LARGE_CAP and e.status in (400, 422))
    found = Found(
        outcomes={result.requirement.id: result.outcome for result in concluded.results},
        verdicts={id: client.verdict for id, client in concluded.served.items()},
        told_limit=next(filter(None, map(told_limit, concluded.exchanges)), None),
        cap_refusal=next((exchange.summary for exchange in refused), ""),
    )
    shown = replace(endpoint, base_url=redactor_for(endpoint).url(endpoint.base_url))
    return {id: settings_for(client, shown, found) for id, client in settings.profiles.items()}


def _facts(
    settings: Settings, started: datetime, talks: Sequence[Talk], concluded: Conclusions, gate: Gate
) -> report.RunFacts:
    seconds = (datetime.now(UTC) - started).total_seconds()
    if settings.recording:  # a replay reports the run that was recorded
        started, seconds = settings.recording.started, settings.recording.manifest["seconds"]
    endpoint, exchanges = settings.endpoint, concluded.exchanges
    return report.RunFacts(
        version=__version__,
        started=started.isoformat(timespec="seconds"),
        seconds=seconds,
        endpoint=endpoint_facts(endpoint),
        depth=settings.depth.name.lower(),
        exit_code=gate.code,
        profiles=settings.profiles,
        turns=tuple(priced(turns(talks, settings.profiles), endpoint, exchanges)),
        settings=client_settings(settings, concluded),
        arguments=arrival_facts(talks, concluded.observations),
        timings=asdict(timings(exchanges)),
        gate="" if settings.policy == Policy() else gate.summary,  # without a policy the verdicts say it all
        documented=documented(endpoint.provider),
        conversations=tuple(map(talk_facts, talks)),
        cost=cost(endpoint, exchanges),
    )
