"""There is one way to judge: inside pytest or plainly, over sockets or in process, the conclusions are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.explain.explain import endpoint_of
from conformance.judging.observation import Observation
from conformance.reference import Provider, serve
from conformance.reference import catalogue as faults
from conformance.requirements.conversation import Depth
from conformance.runner import isolation
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.limits import Limits
from tests.quick import only
from tests.sweep import KEY, concluded, held

LIMITS = Limits(first_byte=8, silence=8)  # some faults never answer; a busy machine answers sooner than that
QUICK = ("stream-reset",)
CONNECTION = [name for name, fault in faults().items() if fault.stage == "wire"]


def provider_with(*names: str) -> Provider:
    return Provider("reference-1", KEY, faults=names)


def outcomes(seen: list[Observation]) -> set[tuple[str, str, str]]:
    return {(o.requirement.id, o.case, str(o.outcome)) for o in seen}


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("", Depth.QUICK),
        ("delta-without-index", Depth.STANDARD),
        ("calls-as-text", Depth.QUICK),
        ("key-always-refused", Depth.QUICK),
    ],
)
def test_pytest_and_a_plain_run_conclude_the_same(name: str, depth: Depth, tmp_path: Path) -> None:
    provider = provider_with(*filter(None, [name]))
    with serve(provider) as server:
        settings = Settings(endpoint_of(provider, server.base_url), depth, limits=LIMITS, output=tmp_path)
        plain, _ = observe(settings)
        _, report, _ = isolation.main(settings)
    assert report is not None
    assert {(o["probe"], o["case"], o["outcome"]) for o in report["observations"]} == outcomes(plain)


@pytest.mark.parametrize("name", only(["", "delta-without-index", "single-newlines"], "delta-without-index".__eq__))
def test_sockets_and_the_provider_in_process_conclude_the_same(name: str) -> None:
    provider = provider_with(*filter(None, [name]))
    with serve(provider) as server:
        endpoint = replace(endpoint_of(provider, server.base_url), images=True)
        over_sockets, _ = observe(Settings(endpoint, limits=LIMITS))
    in_process, talks = held(provider, Depth.STANDARD)
    assert outcomes(in_process) == outcomes(over_sockets)
    assert any(len(exchange.chunks) > 5 for talk in talks for exchange in talk.exchanges)


@pytest.mark.parametrize("name", only(CONNECTION, QUICK.__contains__))
def test_a_fault_of_the_connection_fails_the_same_probes_over_sockets(name: str) -> None:
    provider = provider_with(name)
    with serve(provider) as server:
        endpoint = replace(endpoint_of(provider, server.base_url), images=True)
        seen, talks = observe(Settings(endpoint, Depth.THOROUGH, limits=LIMITS, repeats=1))
    assert concluded(seen, talks).failed.keys() == faults()[name].caught_by
