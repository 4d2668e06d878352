"""Under each legitimate variation a whole run stays without a failure that anybody feels."""

from __future__ import annotations

import pytest

from conformance.clients import CLIENTS
from conformance.explain import endpoint_of
from conformance.probe import Outcome
from conformance.run import Settings, observe
from conformance.tally import hurts
from conformance.wire.limits import Limits
from tests.inprocess import InProcess
from tests.variations import VARIATIONS, Varied, answers, framing

assert answers and framing  # importing them registers their variations


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_legitimate_form_fails_nothing_that_a_client_feels(name: str) -> None:
    provider = Varied(name)
    settings = Settings(
        endpoint_of(provider, "http://reference.invalid/v1"),
        limits=Limits.patient_for(3),
        transport=lambda *_: InProcess(provider),
    )
    seen, _ = observe(settings)
    felt = {
        o.probe.id: f"[{o.case}] {o.actual}"
        for o in seen
        if o.outcome is Outcome.FAILED and hurts(o.probe, CLIENTS)
    }
    assert not felt
    assert not [o for o in seen if o.outcome is Outcome.ERROR]
