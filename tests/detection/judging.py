"""One run for every fault and every variation: which requirements fail, and what that says of the known defects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from conformance.clients import CLIENTS
from conformance.explain.explain import endpoint_of
from conformance.judging.judge import Observation
from conformance.judging.results import affects
from conformance.probes.catalogue import catalogue as probes
from conformance.reference import Provider, serve
from conformance.reference import catalogue as faults
from conformance.requirements.conversation import Depth
from conformance.requirements.outcome import Outcome
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.http import Transport
from tests.detection.records import Record
from tests.inprocess import InProcess
from tests.patience import limits_for
from tests.test_fairness import CONFIGURED

KEY = "sk-test-0123456789abcdefghij"


@dataclass(frozen=True)
class Run:
    """What one run came to: the ids of the requirements that failed, and errors of ours."""

    name: str
    failed: frozenset[str]
    errors: tuple[str, ...] = ()

    @property
    def felt(self) -> frozenset[str]:
        """Those whose failure breaks or degrades some client."""
        return frozenset(id for id in self.failed if affects(probes()[id], CLIENTS))


def run_with_fault(name: str) -> Run:
    """A thorough run against the provider spoiled by one fault, over a socket where the fault spoils the connection."""
    provider = Provider("reference-1", KEY, faults=[name])
    if faults()[name].stage != "wire":
        return _run(name, provider, "http://reference.invalid/v1", lambda *_: InProcess(provider))
    with serve(provider) as server:
        return _run(name, provider, server.base_url)


def run_with_variation(name: str) -> Run:
    """A thorough run against the provider in another legitimate form."""
    provider = Provider("reference-1", KEY, variations=[name])
    base = f"http://reference.invalid{provider.base_path}"
    return _run(name, provider, base, lambda *_: InProcess(provider), **CONFIGURED.get(name, {}))


def _run(
    name: str,
    provider: Provider,
    base_url: str,
    transport: Callable[[str, int], Transport] | None = None,
    **configured: object,
) -> Run:
    endpoint = replace(endpoint_of(provider, base_url), **{"images": True, **configured})
    settings = Settings(
        endpoint, Depth.THOROUGH, limits=limits_for(fault.name for fault in provider.faults), repeats=1
    )
    seen, _ = observe(replace(settings, transport=transport) if transport else settings)
    return Run(name, _ids(seen, Outcome.FAILED), tuple(sorted(_ids(seen, Outcome.ERROR))))


def _ids(seen: Iterable[Observation], outcome: Outcome) -> frozenset[str]:
    return frozenset(o.requirement.id for o in seen if o.outcome is outcome)


def noticed(record: Record, runs: Mapping[str, Run]) -> bool:
    """True when every fault that reproduces the defect is noticed by some requirement that is named for it."""
    return all(runs[name].failed & faults()[name].caught_by for name in record.faults)


def in_category(record: Record, runs: Mapping[str, Run]) -> bool:
    """True when every fault fails a requirement under the record's heading: for a `fail` one that a client feels."""
    return all(
        any(probes()[id].category.id == record.category for id in _counting(record, runs[name]))
        for name in record.faults
    )


def _counting(record: Record, run: Run) -> frozenset[str]:
    return run.felt if record.verdict == "fail" else run.failed
