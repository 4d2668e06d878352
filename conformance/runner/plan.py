"""What a run asks and judges: its conversations, their schedule, and its cases."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.clients import CLIENTS, Client
from conformance.judging.judge import cases_of, conversations_of, judge, undecided
from conformance.judging.results import affects
from conformance.probes.catalogue import catalogue, conversations
from conformance.probes.preflight import called_off
from conformance.requirements.conversation import PREFLIGHT, REPEATS, Conversation, Depth
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk
from conformance.runner.settings import Settings
from conformance.wire.asking import Answers, Network
from conformance.wire.recording import Recorder, manifest_of
from conformance.wire.replay import Player
from conformance.wire.schedule import Schedule, Undecided

MOST_REPEATS = 12  # of a conversation whose answers do not agree
MOST_REQUESTS = 300  # of a run that repeats


def plan(depth: Depth, clients: Sequence[Client] = CLIENTS, repeats: int = REPEATS) -> dict[str, Conversation]:
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


def planned(settings: Settings, cases: Iterable[tuple[Probe, str]]) -> list[Conversation]:
    """The conversations that these cases need; the preflight is always among them."""
    needed = {PREFLIGHT, *(name for probe, case in cases for name in conversations_of(probe, case))}
    whole = plan(settings.depth, settings.clients, settings.repeats)
    return [conversation for name, conversation in whole.items() if name in needed]


def schedule_for(settings: Settings, cases: Iterable[tuple[Probe, str]]) -> Schedule:
    """The conversations that these cases need, ready to start."""
    cases = list(cases)
    selected = {name for probe, case in cases for name in conversations_of(probe, case)}
    asked = planned(settings, cases)
    if settings.recorder:
        settings.recorder.expect(c.name for c in asked)

    def settled(talk: Talk) -> None:
        if settings.recorder:
            settings.recorder.keep(talk, talk.conversation in selected)
        settings.progress(talk)

    most = sys.maxsize if settings.recording else MOST_REQUESTS
    return Schedule(asked, lambda: open_wire(settings), called_off, settled, repeating(settings, cases), most)


def repeating(settings: Settings, cases: Iterable[tuple[Probe, str]]) -> Undecided:
    """Whether a repeated conversation is held once more.

    It is while a requirement that affects a chosen client passed in some repetitions and failed in others, too few to say
    how often. A replay repeats as often as the recorded run did.
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
    """What answers the conversations: the recording if there is one, without any network; else the endpoint."""
    if settings.recording:
        return Player(settings.recording, settings.profiles)
    transport = settings.transport(settings.endpoint.chat_url, settings.concurrency)
    return Network(settings.endpoint, transport, settings.limits, settings.concurrency, settings.profiles)


def recorder_for(folder: Path, settings: Settings, keyword: str) -> Recorder:
    """The recorder that keeps the conversations of this run in a folder; `keyword` is the run's -k."""
    depth = settings.depth.name.lower()
    manifest = manifest_of(settings.endpoint, depth, settings.repeats, settings.clients, keyword)
    return Recorder(folder, manifest, bool(settings.pytest_args))
