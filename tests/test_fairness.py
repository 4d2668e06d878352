"""Under every legitimate variation, and under three of them together, a whole run stays without a failure that is felt.

What no client feels may be noted: it changes no verdict.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients import CLIENTS
from conformance.explain.explain import endpoint_of
from conformance.judging.conclusions import conclude
from conformance.judging.judge import Observation
from conformance.judging.results import affects
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Verdict
from conformance.reference import Provider, known_variations
from conformance.requirements.conversation import Depth
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.limits import Limits
from tests.inprocess import InProcess

KEY = "sk-test-0123456789abcdefghij"
CONFIGURED: dict[str, dict[str, Any]] = {  # what a user who knows these limits has typed into the settings
    "images-refused": {"images": False},
    "large-cap-refused": {"max_output_tokens": 8_192},
}
MODELS_OWN = ("calls-not-chosen", "arguments-in-own-schema")  # faults of the model, where the wire is right


def judged(names: tuple[str, ...], depth: Depth, spoiled: tuple[str, ...] = ()) -> list[Observation]:
    """A run of that depth, every conversation held once, against the provider with these variations and faults."""
    provider = Provider("reference-1", KEY, faults=spoiled, variations=names)
    configured = {k: v for name in names for k, v in CONFIGURED.get(name, {}).items()}
    endpoint = endpoint_of(provider, f"http://reference.invalid{provider.base_path}")
    run = Settings(
        replace(endpoint, **{"images": True, **configured}),
        depth,
        limits=Limits.patient_for(3),
        repeats=1,
        transport=lambda *_: InProcess(provider),
    )
    return observe(run)[0]


def assert_fair(seen: list[Observation]) -> None:
    wrong = {
        f"{o.requirement.id}[{o.case}]": o.actual or o.reason
        for o in seen
        if o.outcome is Outcome.ERROR or (o.outcome is Outcome.FAILED and affects(o.requirement, CLIENTS))
    }
    assert not wrong
    judgement = conclude(seen, CLIENTS)
    assert {id: v.because for id, v in judgement.clients.items() if v.verdict is not Verdict.WORKS} == {}
    assert judgement.tool_calling.level is Level.COMPLETE


@pytest.mark.parametrize("name", list(known_variations()))
def test_a_legitimate_form_fails_nothing_that_a_client_feels(name: str) -> None:
    assert_fair(judged((name,), Depth.THOROUGH))


@pytest.mark.long
@settings(derandomize=True, deadline=None, max_examples=30, database=None)
@given(st.lists(st.sampled_from(list(known_variations())), min_size=3, max_size=3, unique=True).map(tuple))
def test_three_legitimate_forms_together_fail_nothing_either(names: tuple[str, ...]) -> None:
    assert_fair(judged(names, Depth.STANDARD))


@pytest.mark.parametrize("name", MODELS_OWN)
def test_what_a_model_falls_short_of_is_not_held_against_the_provider(name: str) -> None:
    seen = judged((), Depth.STANDARD, (name,))
    failed = [o.requirement for o in seen if o.outcome is Outcome.FAILED and o.requirement.area != "client"]
    assert {probe.blame for probe in failed} == {Blame.MODEL}
    assert conclude(seen, CLIENTS).tool_calling.blame is Blame.MODEL
