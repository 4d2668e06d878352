"""Tests of the comparison itself: it must be silent when all is as expected, and name each thing that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.clients import CLIENTS
from tests.command import Command, report_in
from tests.peers.comparing import EXPECTED, Expected, conclusions, differences, expected_of
from tests.peers.servers import PEERS

KNOWN = Expected(
    "partial",
    "provider",
    {"roo-code": "works"},
    {"tools.none": "calls all the same"},
    {"params.stop": "never gets there"},
    {"chat.created": "moves in long streams"},
)


def observation(probe: str, outcome: str) -> dict[str, Any]:
    return {"probe": probe, "case": "", "outcome": outcome, "actual": "seen", "reason": "why", "exchanges": ["x#1"]}


def report(
    *observations: dict[str, Any], level: str = "partial", blame: str | None = "provider", **verdicts: str
) -> dict[str, Any]:
    return {
        "observations": list(observations),
        "tool_calling": {"level": level, "blame": blame},
        "clients": {id: {"verdict": verdict} for id, verdict in ({"roo-code": "works"} | verdicts).items()},
        "categories": {"unexpected-results": {"status": "ok"}},
    }


AS_EXPECTED = (observation("tools.none", "failed"), observation("params.stop", "blocked"))


def test_a_run_as_expected_differs_in_nothing() -> None:
    assert list(differences(report(*AS_EXPECTED, observation("chat.json", "passed")), KNOWN)) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (observation("chat.json", "failed"), "unexpected failure of chat.json: seen (x#1)"),
        (observation("chat.json", "blocked"), "unexpectedly blocked, chat.json: why"),
        (observation("chat.json", "error"), "error of the suite in chat.json: seen"),
        (observation("params.stop", "failed"), "unexpected failure of params.stop: seen (x#1)"),
    ],
)
def test_each_surprise_is_named(more: dict[str, Any], said: str) -> None:
    assert list(differences(report(*AS_EXPECTED, more), KNOWN)) == [said]


def test_a_known_defect_that_is_no_longer_seen_is_named() -> None:
    found = list(differences(report(observation("tools.none", "passed"), AS_EXPECTED[1]), KNOWN))
    assert found == ["tools.none is no longer failed but passed; it was expected to be, because: calls all the same"]


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_what_fails_sometimes_may_fail_or_not(outcome: str) -> None:
    assert list(differences(report(*AS_EXPECTED, observation("chat.created", outcome)), KNOWN)) == []


def test_a_requirement_that_can_be_judged_after_all_is_named() -> None:
    found = list(differences(report(AS_EXPECTED[0], observation("params.stop", "passed")), KNOWN))
    assert found == ["params.stop is no longer blocked but passed; it was expected to be, because: never gets there"]


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({"roo-code": "fails"}, "roo-code is fails; expected works"),
        ({"cline": "works"}, "cline is works; expected not judged"),
    ],
)
def test_another_verdict_is_named(verdicts: dict[str, str], said: str) -> None:
    assert list(differences(report(*AS_EXPECTED, **verdicts), KNOWN)) == [said]


def test_another_level_of_tool_calling_is_named() -> None:
    found = list(differences(report(*AS_EXPECTED, level="complete", blame=None), KNOWN))
    assert found == ["tool calling is complete, blame nobody; expected partial, blame provider"]


def test_every_peer_has_its_expectations() -> None:
    assert EXPECTED.is_file()
    for name in PEERS:
        assert expected_of(name).level in {"none", "partial", "complete", "unknown"}
        assert expected_of(name).clients.keys() == {client.id for client in CLIENTS}


def test_two_runs_agree_although_a_known_flaky_outcome_differs() -> None:
    moved = observation("chat.created", "failed"), observation("chat.created", "passed")
    one, two = (report(*AS_EXPECTED, each) for each in moved)
    assert conclusions(one) != conclusions(two)
    assert conclusions(one, ["chat.created"]) == conclusions(two, ["chat.created"])


@pytest.mark.parametrize(
    "other",
    [
        report(*AS_EXPECTED, **{"roo-code": "fails"}),
        report(*AS_EXPECTED, level="none"),
        report(observation("tools.none", "failed"), observation("params.stop", "failed")),
        report(observation("tools.none", "failed"), observation("params.stop", "passed")),
    ],
)
def test_a_different_conclusion_is_noticed(other: dict[str, Any]) -> None:
    assert conclusions(other) != conclusions(report(*AS_EXPECTED))


@pytest.mark.full
@pytest.mark.parametrize(("fault", "depth"), [("vendor-events", "quick"), ("one-at-a-time", "standard")])
def test_two_runs_against_the_reference_provider_agree(fault: str, depth: str, command: Command, here: Path) -> None:
    for folder in ("one", "two"):
        command("demo", "--output", folder, "--fault", fault, "--depth", depth)
    one, two = (report_in(here / folder) for folder in ("one", "two"))
    assert conclusions(one) == conclusions(two)
    outcomes = [[(o["probe"], o["case"], o["outcome"]) for o in made["observations"]] for made in (one, two)]
    assert outcomes[0] == outcomes[1]
