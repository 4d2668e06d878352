"""Every probe has a fault, and every fault is noticed by exactly the probes it names: over real sockets.

This is the test of the tests: a probe that cannot fail, or that fails for something else, shows here.
"""

from __future__ import annotations

from functools import cache

import pytest

from conformance.clients import CLIENTS
from conformance.explain import endpoint_of
from conformance.judge import Observation
from conformance.probe import Outcome
from conformance.probe import catalogue as probes
from conformance.reference import Provider, serve
from conformance.reference import catalogue as faults
from conformance.run import Settings, observe
from conformance.tool_calling import Level
from conformance.verdict import Verdict, conclude
from conformance.wire.limits import Limits

QUICK_LIMITS = Limits(connect=2, first_byte=1.5, silence=1.5, total=10, after_done=0.5, retry_after=1)


@cache
def observations(*names: str) -> tuple[Observation, ...]:
    """A standard run against the reference provider with these faults."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=names)
    with serve(provider) as server:
        seen, _ = observe(Settings(endpoint_of(provider, server.base_url), limits=QUICK_LIMITS))
    return tuple(seen)


def failed(seen: tuple[Observation, ...]) -> dict[str, str]:
    return {o.probe.id: f"[{o.case}] {o.actual}" for o in seen if o.outcome is Outcome.FAILED}


@pytest.mark.parametrize("name", list(faults()))
def test_a_fault_is_noticed_by_exactly_the_probes_it_names(name: str) -> None:
    seen = observations(name)
    found = failed(seen)
    missed, alarms = faults()[name].caught_by - found.keys(), found.keys() - faults()[name].caught_by
    assert not missed, f"not noticed by {sorted(missed)}; failed instead: {found}"
    assert not alarms, f"also failed: { {id: found[id] for id in sorted(alarms)} }"
    assert not errors(seen)
    for client in felt_by(found):
        assert conclude(seen, CLIENTS).clients[client].verdict is not Verdict.WORKS


def errors(seen: tuple[Observation, ...]) -> list[str]:
    """What went wrong on our side."""
    return [f"{o.probe.id}[{o.case}]: {o.reason}" for o in seen if o.outcome is Outcome.ERROR]


def felt_by(found: dict[str, str]) -> set[str]:
    """The clients that one of the failed probes says it hurts."""
    return {c for id in found for c, severity in probes()[id].severity.items() if severity != "harmless"}


def test_every_probe_has_a_fault() -> None:
    proven = {id for fault in faults().values() for id in fault.caught_by}
    assert sorted(probes().keys() - proven) == []
    assert sorted(proven - probes().keys()) == [], "faults name probes that do not exist"


def test_the_sound_provider_fails_nothing_and_blocks_nothing() -> None:
    seen = observations()
    assert {o.outcome for o in seen} == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    judgement = conclude(seen, CLIENTS)
    assert {state.verdict for state in judgement.clients.values()} == {Verdict.WORKS}
    assert judgement.tool_calling.level is Level.COMPLETE
    assert judgement.exit_code == 0
