"""Every probe has a fault, and every fault is noticed by exactly the probes it names: over real sockets.

This is the test of the tests: a probe that cannot fail, or that fails for something else, shows here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from conformance.clients import CLIENTS, Client
from conformance.explain.explain import endpoint_of
from conformance.judging.conclusions import conclude
from conformance.judging.judge import Observation
from conformance.judging.policy.gate import exit_code
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Verdict
from conformance.probes.catalogue import catalogue as probes
from conformance.reference import Provider, serve
from conformance.reference import catalogue as faults
from conformance.requirements.conversation import Depth
from conformance.requirements.outcome import Outcome
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.patience import limits_for


@cache
def observations(*names: str) -> tuple[Observation, ...]:
    """A thorough run, held once, against the reference provider with these faults."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=names)
    with serve(provider) as server:
        endpoint = replace(endpoint_of(provider, server.base_url), images=True)
        settings = Settings(endpoint, Depth.THOROUGH, CLIENTS, limits=limits_for(names), repeats=1)
        seen, _ = observe(settings)
    return tuple(seen)


def failed(seen: tuple[Observation, ...]) -> dict[str, str]:
    return {o.requirement.id: f"[{o.case}] {o.actual}" for o in seen if o.outcome is Outcome.FAILED}


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
    assert not unexplained(found), "a client's turn fails for something that no requirement says breaks it"


def unexplained(found: dict[str, str]) -> dict[str, str]:
    """The failed turns of clients that no other failed requirement is said to break: what is declared, held by readers."""
    broken = {
        c
        for id in found
        for c, s in probes()[id].severity.items()
        if s == "breaks" and not id.startswith("client.")
    }
    return {
        id: found[id]
        for id in found
        for client in CLIENTS
        if id in own_turns(client) and client.id not in broken
    }


def own_turns(client: Client) -> tuple[str, str]:
    return f"client.{client.id}-turn", f"client.{client.id}-request"


def test_one_chunk_breaks_some_clients_and_not_others() -> None:
    verdicts = {id: v.verdict for id, v in conclude(observations("error-null"), CLIENTS).clients.items()}
    assert {id for id, verdict in verdicts.items() if verdict is Verdict.FAILS} == {"kilo-code", "ai-sdk"}
    assert {id for id, verdict in verdicts.items() if verdict is Verdict.WORKS} == {
        "roo-code",
        "kilo-code-legacy",
        "cline",
        "openai-python",
    }


def errors(seen: tuple[Observation, ...]) -> list[str]:
    """What went wrong on our side."""
    return [f"{o.requirement.id}[{o.case}]: {o.reason}" for o in seen if o.outcome is Outcome.ERROR]


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
    assert exit_code(judgement) == 0
