"""One thorough run for each fault, each variation and the sound provider, held once in a session of tests.

The tests of faults, of variations, of detection and of error texts all read what such a run concluded. Whichever asks
first holds the run; the others, in other processes too, read its file.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

from conformance.clients import CLIENTS
from conformance.clients.client import Client
from conformance.evidence.exchange import Chunk, Exchange
from conformance.evidence.redaction import Redactor
from conformance.explain.explain import endpoint_of
from conformance.judging.conclusions import conclude
from conformance.judging.judge import judge
from conformance.judging.observation import Observation
from conformance.judging.policy.gate import exit_code
from conformance.judging.results import affects
from conformance.probes.catalogue import catalogue as probes
from conformance.reference import Provider, known_variations
from conformance.requirements import Outcome
from conformance.requirements.conversation import Depth
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk
from conformance.runner import run
from conformance.runner.plan import all_cases
from conformance.runner.settings import Settings
from tests.inprocess import InProcess, SkippingLoop

KEY = "sk-test-0123456789abcdefghij"
NOW = time.time()
CONFIGURED: Mapping[str, Mapping[str, Any]] = {  # what a user who knows these limits types into the settings
    "images-refused": {"images": False},
    "large-cap-refused": {"max_output_tokens": 8_192},
}

FORMS = list(known_variations())
GROUPS = [  # every form twice, each time beside five others: a group that fails nothing stands for six runs
    tuple(order[start::12]) for order in (FORMS, [n for k in range(13) for n in FORMS[k::13]]) for start in range(12)
]


@dataclass(frozen=True)
class Concluded:
    """What one run concluded.

    `failed` has what was seen, by requirement; `errors` the reason of each internal error, by case. `verdicts` and `sees`
    (what a client's user reads, "" for nothing) go by client. `usual` is True when a standard run judges a case that failed.
    """

    failed: Mapping[str, str]
    errors: Mapping[str, str]
    outcomes: Sequence[str]
    verdicts: Mapping[str, str]
    sees: Mapping[str, str]
    tool_calling: str
    exit_code: int
    usual: bool = False

    @property
    def felt(self) -> frozenset[str]:
        """The failed requirements that break or degrade some client."""
        return frozenset(id for id in self.failed if affects(probes()[id], CLIENTS))


class Sweep:
    """The runs of one session, kept as files in a folder that its processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def sound(self) -> Concluded:
        """The run against the provider as it is."""
        return self._once("sound", provider())

    def fault(self, name: str) -> Concluded:
        """The run against the provider with one fault."""
        return self._once(f"fault-{name}", provider(faults=[name]))

    def variations(self, *names: str) -> Concluded:
        """The run against the provider in other legitimate forms, all at once."""
        return self._once(f"variations-{'+'.join(names)}", provider(variations=names))

    def variation(self, name: str) -> Concluded:
        """A run in this form: beside others where they fail nothing together, else alone."""
        together = [self.variations(*group) for group in GROUPS if name in group]
        return next((run for run in together if not run.felt and not run.errors), None) or self.variations(name)

    def _once(self, name: str, provider: Provider) -> Concluded:
        file = self.folder / f"{name}.json"
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_text(json.dumps(asdict(concluded(*held(provider, Depth.THOROUGH)))), "utf-8")
        return Concluded(**json.loads(file.read_text("utf-8")))


def provider(**how: Any) -> Provider:
    """A provider whose clock stands still, so that what a fault leaves alone is the same bytes in every run."""
    return Provider("reference-1", KEY, clock=lambda: NOW, **how)


def rounded(talk: Talk) -> Talk:
    """The same talk without the small differences in its times, which come from what was asked before it."""
    return replace(talk, started=0.0, seconds=0.0, exchanges=tuple(map(_rounded, talk.exchanges)))


def _rounded(one: Exchange) -> Exchange:
    chunks = tuple(Chunk(round(chunk.at, 5), chunk.data) for chunk in one.chunks)
    response = one.response and replace(one.response, at=round(one.response.at, 5))
    return replace(one, started=round(one.started, 1), response=response, chunks=chunks)


class Remembered:
    """Judges as `judge` does, which is pure: what is the same as with the sound provider is judged once in a process."""

    def __init__(self) -> None:
        self.sound: dict[Talk, Talk] = {}
        self.kept: set[int] = set()
        self.judged: dict[tuple[Any, ...], Observation | None] = {}

    def keep(self, talks: Iterable[Talk]) -> None:
        """Takes these as what the sound provider makes."""
        self.sound = {one: one for one in map(rounded, talks)}
        self.kept = set(map(id, self.sound))

    def run(self, known: dict[int, Talk]) -> Callable[..., Observation | None]:
        """What stands in for `judge` in one run, and fills `known`: what was judged, by the identity of what was held."""

        def judge_once(probe: Probe, case: str, talks: Mapping[str, Talk], profiles: Mapping[str, Client]) -> Any:
            for talk in talks.values():
                if id(talk) not in known:
                    one = rounded(talk)
                    known[id(talk)] = self.sound.get(one, one)
            seen = {name: known[id(talk)] for name, talk in talks.items()}
            if not self.kept.issuperset(map(id, seen.values())):
                return judge(probe, case, seen, profiles)
            key = (probe.id, case, *map(id, seen.values()), *map(id, profiles.values()))
            if key not in self.judged:
                self.judged[key] = judge(probe, case, seen, profiles)
            return self.judged[key]

        return judge_once


REMEMBERED = Remembered()
mask = Redactor.body


@lru_cache(maxsize=300)
def mask_once(hide: Redactor, chunks: tuple[bytes, ...]) -> list[bytes]:
    """Masks as `Redactor.body` does, which is pure, too: the same requests are sent in every run."""
    return mask(hide, chunks)


def masked_body(hide: Redactor, chunks: Sequence[bytes]) -> list[bytes]:
    """What stands in for `Redactor.body`."""
    return mask_once(hide, tuple(chunks))


def held(asked: Provider, depth: Depth, ids: Iterable[str] | None = None) -> tuple[list[Observation], list[Talk]]:
    """A run of that depth about every client, each conversation held once, with no socket and no waiting.

    It judges these requirements, or all of them, and asks no more than that takes.
    """
    if not REMEMBERED.sound:
        REMEMBERED.keep(_held(provider(), Depth.THOROUGH, None)[1])
    return _held(asked, depth, ids)


def _held(asked: Provider, depth: Depth, ids: Iterable[str] | None) -> tuple[list[Observation], list[Talk]]:
    configured = {k: v for one in asked.variations for k, v in CONFIGURED.get(one.name, {}).items()}
    endpoint = endpoint_of(asked, f"http://reference.invalid{asked.base_path}")
    settings = Settings(
        replace(endpoint, **{"images": True, **configured}),
        depth,
        CLIENTS,
        repeats=1,
        transport=lambda *_: InProcess(asked),
    )
    known: dict[int, Talk] = {}
    skipping = mock.patch("asyncio.new_event_loop", SkippingLoop)
    once = mock.patch.object(Redactor, "body", masked_body), mock.patch.object(run, "judge", REMEMBERED.run(known))
    with skipping, once[0], once[1]:
        seen, talks = run.observe(settings, None if ids is None else [probes()[id] for id in ids])
    return seen, [known.get(id(talk), talk) for talk in talks]


@cache
def usual_cases() -> frozenset[tuple[str, str]]:
    """The requirements and cases that a standard run judges."""
    return frozenset((probe.id, case) for probe, case in all_cases(Depth.STANDARD))


def concluded(observations: Sequence[Observation], talks: Sequence[Talk]) -> Concluded:
    """What follows from a run, as far as tests ask for it."""
    exchanges = [exchange for talk in talks for exchange in talk.evidence]
    judged = conclude(observations, CLIENTS, exchanges=exchanges)
    of = {outcome: [o for o in observations if o.outcome is outcome] for outcome in Outcome}
    return Concluded(
        failed={o.requirement.id: f"[{o.case}] {o.actual}" for o in of[Outcome.FAILED]},
        errors={f"{o.requirement.id}[{o.case}]": o.reason for o in of[Outcome.ERROR]},
        outcomes=[str(outcome) for outcome, found in of.items() if found],
        verdicts={id: str(client.verdict) for id, client in judged.clients.items()},
        sees={id: client.sees for id, client in judged.clients.items()},
        tool_calling=str(judged.tool_calling.level),
        exit_code=exit_code(judged),
        usual=any((o.requirement.id, o.case) in usual_cases() for o in of[Outcome.FAILED]),
    )
