"""There is one way to judge: a run inside pytest and a plain one conclude the same, case by case."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import isolation
from conformance.explain import endpoint_of
from conformance.reference import Provider, serve
from conformance.run import Settings, observe
from conformance.wire.limits import Limits


@pytest.mark.parametrize(
    "faults", [(), ("delta-without-index",), ("calls-as-text",), ("key-always-refused",)]
)
def test_pytest_and_a_plain_run_conclude_the_same(faults: tuple[str, ...], tmp_path: Path) -> None:
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=faults)
    with serve(provider) as server:
        settings = Settings(
            endpoint_of(provider, server.base_url), limits=Limits.patient_for(5), output=tmp_path
        )
        plain, _ = observe(settings)
        _, report, _ = isolation.main(settings)
    assert report is not None
    inside = {(o["probe"], o["case"], o["outcome"]) for o in report["observations"]}
    assert inside == {(o.probe.id, o.case, str(o.outcome)) for o in plain}
