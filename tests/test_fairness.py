"""Under legitimate variations, six of them together, a whole run has no failure that affects a client.

A failure that affects no client may be noted: it changes no verdict.
"""

from __future__ import annotations

import pytest

from conformance.clients import CLIENTS
from conformance.judging.conclusions import conclude
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Verdict
from conformance.requirements import Blame, Outcome
from conformance.requirements.conversation import Depth
from tests.quick import only
from tests.sweep import GROUPS, Sweep, held, provider

MODELS_OWN = ("calls-not-chosen", "arguments-in-own-schema")  # faults of the model, where the wire is right


@pytest.mark.parametrize("nth", only(range(len(GROUPS)), lambda nth: nth % 8 == 0))
def test_legitimate_forms_fail_nothing_that_affects_a_client(sweep: Sweep, nth: int) -> None:
    run = sweep.variations(*GROUPS[nth])
    assert not {id: run.failed[id] for id in run.felt}, GROUPS[nth]
    assert not run.errors
    assert set(run.verdicts.values()) == {Verdict.WORKS}
    assert run.tool_calling == Level.COMPLETE


@pytest.mark.parametrize("name", MODELS_OWN)
def test_a_fault_of_the_model_is_not_blamed_on_the_provider(name: str) -> None:
    seen, _ = held(provider(faults=[name]), Depth.STANDARD)
    failed = [o.requirement for o in seen if o.outcome is Outcome.FAILED and o.requirement.area != "client"]
    assert {probe.blame for probe in failed} == {Blame.MODEL}
    assert conclude(seen, CLIENTS).tool_calling.blame is Blame.MODEL
