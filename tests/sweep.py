"""One thorough run for each fault, each variation and the sound provider, held once in a session of tests.

The tests of faults, of variations, of detection and of error texts all read what such a run concluded. Whichever asks
first holds the run; the others, in other processes too, read its file.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from conformance.clients import CLIENTS
from conformance.explain.explain import endpoint_of
from conformance.judging.conclusions import conclude
from conformance.judging.judge import Observation
from conformance.judging.policy.gate import exit_code
from conformance.judging.results import affects
from conformance.probes.catalogue import catalogue as probes
from conformance.reference import Provider
from conformance.requirements import Outcome
from conformance.requirements.conversation import Depth
from conformance.requirements.talk import Talk
from conformance.runner.plan import all_cases
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.inprocess import InProcess, SkippingLoop

KEY = "sk-test-0123456789abcdefghij"
CONFIGURED: Mapping[str, Mapping[str, Any]] = {  # what a user who knows these limits types into the settings
    "images-refused": {"images": False},
    "large-cap-refused": {"max_output_tokens": 8_192},
}


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
        return self._once("sound", Provider("reference-1", KEY))

    def fault(self, name: str) -> Concluded:
        """The run against the provider with one fault."""
        return self._once(f"fault-{name}", Provider("reference-1", KEY, faults=[name]))

    def variation(self, name: str) -> Concluded:
        """The run against the provider in another legitimate form."""
        return self._once(f"variation-{name}", Provider("reference-1", KEY, variations=[name]))

    def _once(self, name: str, provider: Provider) -> Concluded:
        file = self.folder / f"{name}.json"
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_text(json.dumps(asdict(concluded(*held(provider, Depth.THOROUGH)))), "utf-8")
        return Concluded(**json.loads(file.read_text("utf-8")))


def held(provider: Provider, depth: Depth, ids: Iterable[str] | None = None) -> tuple[list[Observation], list[Talk]]:
    """A run of that depth about every client, each conversation held once, with no socket and no waiting.

    It judges these requirements, or all of them, and asks no more than that takes.
    """
    configured = {k: v for one in provider.variations for k, v in CONFIGURED.get(one.name, {}).items()}
    endpoint = endpoint_of(provider, f"http://reference.invalid{provider.base_path}")
    settings = Settings(
        replace(endpoint, **{"images": True, **configured}),
        depth,
        CLIENTS,
        repeats=1,
        transport=lambda *_: InProcess(provider),
    )
    with mock.patch("asyncio.new_event_loop", SkippingLoop):
        return observe(settings, None if ids is None else [probes()[id] for id in ids])


def concluded(observations: Sequence[Observation], talks: Sequence[Talk]) -> Concluded:
    """What follows from a run, as far as tests ask for it."""
    exchanges = [exchange for talk in talks for exchange in talk.exchanges]
    judged = conclude(observations, CLIENTS, exchanges=exchanges)
    standard = {(probe.id, case) for probe, case in all_cases(Depth.STANDARD)}
    of = {outcome: [o for o in observations if o.outcome is outcome] for outcome in Outcome}
    return Concluded(
        failed={o.requirement.id: f"[{o.case}] {o.actual}" for o in of[Outcome.FAILED]},
        errors={f"{o.requirement.id}[{o.case}]": o.reason for o in of[Outcome.ERROR]},
        outcomes=[str(outcome) for outcome, found in of.items() if found],
        verdicts={id: str(client.verdict) for id, client in judged.clients.items()},
        sees={id: client.sees for id, client in judged.clients.items()},
        tool_calling=str(judged.tool_calling.level),
        exit_code=exit_code(judged),
        usual=any((o.requirement.id, o.case) in standard for o in of[Outcome.FAILED]),
    )
