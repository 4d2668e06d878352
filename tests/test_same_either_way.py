"""There is one way to judge: inside pytest or plainly, over sockets or in process, the conclusions are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.explain.explain import endpoint_of
from conformance.judging.judge import Observation
from conformance.reference import Provider, serve
from conformance.runner import isolation
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.limits import Limits
from tests.inprocess import InProcess

LIMITS = Limits.patient_for(5)


def provider_with(*faults: str) -> Provider:
    return Provider("reference-1", "sk-test-0123456789abcdefghij", faults=faults)


def outcomes(seen: list[Observation]) -> set[tuple[str, str, str]]:
    return {(o.requirement.id, o.case, str(o.outcome)) for o in seen}


@pytest.mark.parametrize(
    "faults", [(), ("delta-without-index",), ("calls-as-text",), ("key-always-refused",)], ids="-".join
)
def test_pytest_and_a_plain_run_conclude_the_same(faults: tuple[str, ...], tmp_path: Path) -> None:
    provider = provider_with(*faults)
    with serve(provider) as server:
        settings = Settings(endpoint_of(provider, server.base_url), limits=LIMITS, output=tmp_path)
        plain, _ = observe(settings)
        _, report, _ = isolation.main(settings)
    assert report is not None
    assert {(o["probe"], o["case"], o["outcome"]) for o in report["observations"]} == outcomes(plain)


@pytest.mark.parametrize(
    "faults",
    [(), ("delta-without-index",), ("single-newlines",), ("stream-reset",), ("bad-chunk-size",)],
    ids="-".join,
)
def test_sockets_and_the_provider_in_process_conclude_the_same(faults: tuple[str, ...]) -> None:
    provider = provider_with(*faults)
    with serve(provider) as server:
        over_sockets, _ = observe(Settings(endpoint_of(provider, server.base_url), limits=LIMITS))
    inside = endpoint_of(provider, "http://reference.invalid/v1")
    in_process, talks = observe(Settings(inside, limits=LIMITS, transport=lambda *_: InProcess(provider)))
    assert outcomes(in_process) == outcomes(over_sockets)
    assert any(len(exchange.chunks) > 5 for talk in talks for exchange in talk.exchanges)
