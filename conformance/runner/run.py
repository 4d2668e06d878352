"""What a run is: its settings, its plan, what it concludes, and the files it leaves.

The pytest plugin, `explain` and the tests of the faults all go through the same few functions here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.clients import CLIENTS, CURRENT, Client
from conformance.clients.advice import detour
from conformance.clients.context_limit import told_limit
from conformance.endpoint.config import Endpoint
from conformance.endpoint.presets import documented
from conformance.endpoint.redactor import redactor_for
from conformance.history import database as history
from conformance.judging.client_settings import ClientSettings, Found, settings_for
from conformance.judging.conclusions import Conclusions, conclude
from conformance.judging.judge import Observation, cases_of, conversations_of, judge, undecided, unseen
from conformance.judging.policy.gate import Gate, Policy, decide
from conformance.judging.results import affects
from conformance.judging.root_causes import known_causes
from conformance.judging.timeline import turns
from conformance.judging.timings import timings
from conformance.probes.catalogue import catalogue, conversations
from conformance.probes.preflight import called_off
from conformance.report import build as report
from conformance.report.output import new_output, prepare
from conformance.report.run_details import arrival_facts, cost, endpoint_facts, priced, talk_facts
from conformance.requirements.conversation import REPEATS, Conversation, Depth
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk
from conformance.wire.asking import Answers, Network
from conformance.wire.http import Transport, open_transport
from conformance.wire.limits import Limits
from conformance.wire.recording import Recorder, manifest_of
from conformance.wire.replay import Player, Recording
from conformance.wire.schedule import PREFLIGHT, Schedule, Undecided

LARGE_CAP = "large_output_cap"  # the one that asks for as many tokens as Kilo Code does without a limit
MOST_REPEATS = 12  # of one whose answers do not agree; beyond that a share near one half stays open
MOST_REQUESTS = 300  # of a run that repeats


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run.

    `output` is where its files go, None for a new folder under `reports/`; `history` is a file that it is appended to.
    A thorough run holds every conversation `repeats` times. `transport` opens the way to a URL for so many connections; a network by default.
    `recorder` keeps what is asked; `recording` answers in place of the endpoint.
    """

    endpoint: Endpoint
    depth: Depth = Depth.STANDARD
    clients: tuple[Client, ...] = CLIENTS
    limits: Limits = Limits()
    concurrency: int = 8
    policy: Policy = Policy()
    output: Path | None = None
    history: Path | None = None
    pytest_args: tuple[str, ...] = ()
    repeats: int = REPEATS
    transport: Callable[[str, int], Transport] = open_transport
    progress: Callable[[Talk], None] = field(default=lambda talk: None)
    recorder: Recorder | None = None
    recording: Recording | None = None

    @property
    def profiles(self) -> Mapping[str, Client]:
        """The profile by which each client is judged: the chosen one, else the current one."""
        return CURRENT | {client.id: client for client in self.clients}


def plan(
    depth: Depth, clients: Sequence[Client] = CLIENTS, repeats: int = REPEATS
) -> dict[str, Conversation]:
    """The conversations of a run of that depth about these clients, by name, the preflight first."""
    asking = {"", *(client.id for client in clients)}
    chosen = {name: c for name, c in conversations().items() if c.depth <= depth and c.client in asking}
    first = {PREFLIGHT: chosen.pop(PREFLIGHT)}
    times = repeats if depth is Depth.THOROUGH else 1
    return first | {name: c if c.after else c.repeated(times) for name, c in chosen.items()}


def all_cases(depth: Depth, clients: Sequence[Client] = CLIENTS) -> list[tuple[Probe, str]]:
    """Every case that a run of that depth about these clients judges."""
    asked = plan(depth, clients)
    return [(probe, case) for probe in catalogue().values() for case in cases_of(probe, asked)]


def schedule_for(settings: Settings, cases: Iterable[tuple[Probe, str]]) -> Schedule:
    """The conversations that these cases need, ready to start; the preflight is always among them."""
    cases = list(cases)
    selected = {name for probe, case in cases for name in conversations_of(probe, case)}
    planned = plan(settings.depth, settings.clients, settings.repeats)
    asked = [c for c in planned.values() if c.name in selected | {PREFLIGHT}]
    if settings.recorder:
        settings.recorder.expect(c.name for c in asked)

    def settled(talk: Talk) -> None:
        if settings.recorder:
            settings.recorder.keep(talk, talk.conversation in selected)
        settings.progress(talk)

    most = sys.maxsize if settings.recording else MOST_REQUESTS
    return Schedule(asked, lambda: open_wire(settings), called_off, settled, repeating(settings, cases), most)


def repeating(settings: Settings, cases: Iterable[tuple[Probe, str]]) -> Undecided:
    """Whether what was held several times is to be held once more.

    It is while a requirement that a chosen client feels was met some times and others not, and nobody can say which is
    the rule. A replay does as the run did.
    """
    if settings.recording:
        then = settings.recording.talks
        return lambda talk: len(talk.rounds) < len(then[talk.conversation].rounds)
    of: dict[tuple[str, ...], list[tuple[Probe, str]]] = {}
    for probe, case in cases:
        if affects(probe, settings.clients):
            of.setdefault(conversations_of(probe, case), []).append((probe, case))

    def wanted(talk: Talk) -> bool:
        asked = of.get((talk.conversation,), ())
        judged = (judge(p, case, {talk.conversation: talk}, settings.profiles) for p, case in asked)
        return len(talk.rounds) < MOST_REPEATS and any(undecided(one) for one in judged if one)

    return wanted


def open_wire(settings: Settings) -> Answers:
    """What answers the conversations: the recording if there is one, and then no network at all; else the endpoint."""
    if settings.recording:
        return Player(settings.recording, settings.profiles)
    transport = settings.transport(settings.endpoint.chat_url, settings.concurrency)
    return Network(settings.endpoint, transport, settings.limits, settings.concurrency, settings.profiles)


def recorder_for(folder: Path, settings: Settings, keyword: str) -> Recorder:
    """What keeps the conversations of this run, which `keyword` narrows, in a folder."""
    depth = settings.depth.name.lower()
    manifest = manifest_of(settings.endpoint, depth, settings.repeats, settings.clients, keyword)
    return Recorder(folder, manifest, bool(settings.pytest_args))


def complete(judged: Sequence[tuple[Probe, Observation | None]]) -> list[Observation]:
    """The observations, with one in place of every probe none of whose cases left anything to judge."""
    seen = [observation for _, observation in judged if observation]
    shown = {observation.requirement.id for observation in seen}
    silent = {probe.id: probe for probe, _ in judged if probe.id not in shown}
    return seen + [unseen(probe) for probe in silent.values()]


def observe(
    settings: Settings, probes: Sequence[Probe] | None = None
) -> tuple[list[Observation], list[Talk]]:
    """Asks and judges without pytest and without files, for one probe or all of them."""
    wanted = {probe.id for probe in probes} if probes is not None else set(catalogue())
    cases = [
        (probe, case) for probe, case in all_cases(settings.depth, settings.clients) if probe.id in wanted
    ]
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
    settings: Settings,
    started: datetime,
    observations: Sequence[Observation],
    talks: Sequence[Talk],
    incomplete: str,
) -> dict[str, Any]:
    """The report of a run."""
    concluded = conclude(
        observations,
        settings.clients,
        exchanges=[exchange for talk in talks for exchange in talk.exchanges],
        detours=detours(settings),
        incomplete=incomplete,
        causes=known_causes(),
    )
    gate = decide(
        concluded,
        settings.policy,
        model=settings.endpoint.model,
        today=datetime.now(UTC).date(),
        depth=settings.depth,
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
        verdicts={id: client.verdict for id, client in concluded.clients.items()},
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


def with_output(settings: Settings, started: datetime) -> Settings:
    """The settings with a folder that exists, once all that the end of the run needs is there; raises UsageError before that."""
    if settings.policy.baseline:
        settings.policy.baseline.check(settings.depth, settings.clients)
    if settings.history:
        history.check(settings.history)
    return replace(settings, output=prepare(settings.output or new_output(settings.endpoint, started)))
