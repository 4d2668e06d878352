"""Every probe has a fault, and every fault fails exactly the probes it names.

This is the test of the tests: it shows a probe that cannot fail, and one that fails for another reason.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from conformance.clients import CLIENTS
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Verdict
from conformance.probes.catalogue import catalogue as probes
from conformance.reference import catalogue as faults
from conformance.requirements import Outcome
from conformance.requirements.conversation import Depth
from tests.sweep import Sweep, concluded, held, provider


def one_for_each_probe() -> list[str]:
    """Few faults that together fail every probe."""
    chosen, left = [], set(probes())
    while any(left & fault.caught_by for fault in faults().values()):
        best = max(faults().values(), key=lambda fault: len(fault.caught_by & left))
        chosen.append(best.name)
        left -= best.caught_by
    return chosen


MOST_PROBES = one_for_each_probe()[:40]  # enough for the quick set; the full set has every fault

HURT = (Verdict.FAILS, Verdict.DEGRADED)


@pytest.mark.parametrize("name", MOST_PROBES)
def test_a_fault_fails_the_probes_it_names_when_they_are_judged_alone(name: str) -> None:
    caught_by = faults()[name].caught_by
    seen, talks = held(provider(faults=[name]), Depth.THOROUGH, caught_by)
    assert concluded(seen, talks).failed.keys() == caught_by


@pytest.mark.full
@pytest.mark.parametrize("name", list(faults()))
def test_a_fault_fails_exactly_the_probes_it_names(sweep: Sweep, name: str) -> None:
    run = sweep.fault(name)
    found = run.failed
    missed, alarms = faults()[name].caught_by - found.keys(), found.keys() - faults()[name].caught_by
    assert not missed, f"not noticed by {sorted(missed)}; failed instead: {found}"
    assert not alarms, f"also failed: { {id: found[id] for id in sorted(alarms)} }"
    assert not run.errors
    assert {client for client, verdict in run.verdicts.items() if verdict in HURT} <= affected_by(found)
    assert not {client for client in broken_turns(found) if run.verdicts[client] == Verdict.WORKS}
    assert not unexplained(found), "a client's turn fails, and no failed requirement is said to break that client"


def broken_turns(found: Iterable[str]) -> set[str]:
    """The clients whose own turns fail so that it breaks them."""
    own = [probes()[id].severity for id in found if id.startswith("client.")]
    return {client for severity in own for client, how in severity.items() if how == "breaks"}


def affected_by(found: Iterable[str]) -> set[str]:
    """The clients that a failed probe breaks or degrades."""
    return {c for id in found for c, severity in probes()[id].severity.items() if severity != "harmless"}


def unexplained(found: Iterable[str]) -> set[str]:
    """The failed turns of clients that no other failed requirement is said to break: what is declared, held by readers."""
    others = [probes()[id].severity for id in found if not id.startswith("client.")]
    broken = {client for severity in others for client, how in severity.items() if how == "breaks"}
    turns = {f"client.{c.id}-{what}" for c in CLIENTS if c.id not in broken for what in ("turn", "request")}
    return turns & set(found)


def test_one_chunk_breaks_some_clients_and_not_others(sweep: Sweep) -> None:
    assert sweep.fault("error-null").verdicts == {
        "kilo-code": Verdict.FAILS,
        "ai-sdk": Verdict.FAILS,
        "roo-code": Verdict.WORKS,
        "kilo-code-legacy": Verdict.WORKS,
        "cline": Verdict.WORKS,
        "openai-python": Verdict.WORKS,
    }


def test_every_probe_has_a_fault() -> None:
    proven = {id for fault in faults().values() for id in fault.caught_by}
    assert sorted(probes().keys() - proven) == []
    assert sorted(proven - probes().keys()) == [], "faults name probes that do not exist"


def test_the_sound_provider_fails_nothing_and_blocks_nothing(sweep: Sweep) -> None:
    run = sweep.sound()
    assert set(run.outcomes) == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert set(run.verdicts.values()) == {Verdict.WORKS}
    assert (run.tool_calling, run.exit_code) == (Level.COMPLETE, 0)
