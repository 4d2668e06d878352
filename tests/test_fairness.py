"""Under every legitimate variation, and under three of them together, a whole run has no failure that affects a client.

A failure that affects no client may be noted: it changes no verdict.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients import CLIENTS
from conformance.judging.conclusions import conclude
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Verdict
from conformance.reference import known_variations
from conformance.requirements import Blame, Outcome
from conformance.requirements.conversation import Depth
from tests.quick import only
from tests.sweep import Concluded, Sweep, concluded, held, provider

MODELS_OWN = ("calls-not-chosen", "arguments-in-own-schema")  # faults of the model, where the wire is right


def assert_fair(run: Concluded) -> None:
    assert not {id: run.failed[id] for id in run.felt}
    assert not run.errors
    assert set(run.verdicts.values()) == {Verdict.WORKS}
    assert run.tool_calling == Level.COMPLETE


@pytest.mark.full
@pytest.mark.parametrize("name", list(known_variations()))
def test_a_legitimate_form_fails_nothing_that_affects_a_client(sweep: Sweep, name: str) -> None:
    assert_fair(sweep.variation(name))


@pytest.mark.parametrize("nth", only(range(24), lambda nth: nth % 8 == 0))
def test_a_few_legitimate_forms_together_fail_nothing_either(nth: int) -> None:
    few = list(known_variations())[nth::24]  # three, of different areas
    assert_fair(concluded(*held(provider(variations=few), Depth.STANDARD)))


@pytest.mark.full
@pytest.mark.long
@settings(derandomize=True, deadline=None, max_examples=30, database=None)
@given(st.lists(st.sampled_from(list(known_variations())), min_size=3, max_size=3, unique=True).map(tuple))
def test_any_three_legitimate_forms_together_fail_nothing_either(names: tuple[str, ...]) -> None:
    assert_fair(concluded(*held(provider(variations=names), Depth.STANDARD)))


@pytest.mark.parametrize("name", MODELS_OWN)
def test_a_fault_of_the_model_is_not_blamed_on_the_provider(name: str) -> None:
    seen, _ = held(provider(faults=[name]), Depth.STANDARD)
    failed = [o.requirement for o in seen if o.outcome is Outcome.FAILED and o.requirement.area != "client"]
    assert {probe.blame for probe in failed} == {Blame.MODEL}
    assert conclude(seen, CLIENTS).tool_calling.blame is Blame.MODEL
