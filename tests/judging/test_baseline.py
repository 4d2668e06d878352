"""With a baseline, a newer suite fails no build for what did not count before; and an older profile judges as it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import AI_SDK, AI_SDK_2, CLIENTS, CLINE, CURRENT, ROO_CODE
from conformance.errors import UsageError
from conformance.judging.conclusions import conclude
from conformance.judging.policy.accepted_failures import AcceptedFailure
from conformance.judging.policy.baseline import Baseline, baseline_of
from conformance.judging.policy.gate import Gate, Policy, decide
from conformance.probes.catalogue import catalogue
from conformance.report.json_file import dumps
from conformance.requirements import Blame, Outcome, Severity
from conformance.requirements.conversation import Depth
from tests.command import Command, report_in
from tests.judging.test_gate import TODAY
from tests.judging.test_verdict import all_passed_but, seen
from tests.report.formats import examples

NEW, OLD = "toolstream.index", "stream.whole"
FAILED, BLOCKED = Outcome.FAILED, Outcome.BLOCKED


def then(**changed: dict[str, Severity] | None) -> Baseline:
    """A baseline of today's requirements, with other severities for those given, or None to leave one out."""
    found: dict[str, Any] = {id: probe.severity for id, probe in catalogue().items()}
    found |= {id.replace("_", "."): severity for id, severity in changed.items()}
    return Baseline(Depth.STANDARD, frozenset(CURRENT), {id: s for id, s in found.items() if s is not None})


def gate(baseline: Baseline, *others: Any, clients: Any = CLIENTS, **policy: Any) -> Gate:
    asked = Policy(**policy, baseline=baseline)
    return decide(conclude(all_passed_but(*others), clients), asked, model="m", today=TODAY)


def test_a_newer_requirement_does_not_count_and_is_named() -> None:
    expected = f"The gate passes. Ignored, not in the baseline: {NEW}."
    assert gate(then(toolstream_index=None), seen(NEW, FAILED)) == Gate(0, expected)
    assert gate(then(), seen(NEW, FAILED)).code == 1


@pytest.mark.parametrize(
    "policy",
    [{"fail_on": "any"}, {"require": {"tool-calling": "complete"}}, {"accepted": (AcceptedFailure(NEW, "r", "o"),)}],
    ids=("any failure", "what is required", "an accepted failure"),
)
def test_a_newer_requirement_counts_under_no_policy(policy: dict[str, Any]) -> None:
    for outcome in (FAILED, BLOCKED, Outcome.PASSED):
        now = seen(NEW, outcome, by=Blame.PROVIDER if outcome is BLOCKED else None)
        assert gate(then(toolstream_index=None), now, **policy).code == 0


def test_what_the_baseline_counted_still_counts() -> None:
    decided = gate(then(toolstream_index=None), seen(NEW, FAILED), seen(OLD, FAILED), clients=[ROO_CODE])
    assert decided.code == 1
    assert decided.summary.startswith("The gate fails: roo-code fails.")


def test_severities_are_those_of_the_baseline() -> None:
    mild = dict.fromkeys(CURRENT, Severity.DEGRADES)
    assert gate(then(toolstream_index=mild), seen(NEW, FAILED)).code == 0
    assert gate(then(toolstream_index=mild), seen(NEW, FAILED), fail_on="degraded").code == 1


def test_an_internal_error_stays_one() -> None:
    assert gate(then(toolstream_index=None), seen(NEW, Outcome.ERROR)).code == 3


def test_a_run_that_judges_more_than_the_baseline_is_refused() -> None:
    narrow = replace(then(), clients=frozenset({"roo-code"}))
    narrow.check(Depth.QUICK, [ROO_CODE])
    with pytest.raises(UsageError, match="of depth standard"):
        narrow.check(Depth.THOROUGH, [ROO_CODE])
    with pytest.raises(UsageError, match="did not judge client cline"):
        narrow.check(Depth.STANDARD, [ROO_CODE, CLINE])


@pytest.mark.parametrize("changed", [{"depth": "recorded"}, {"complete": False}])
def test_a_report_that_is_not_of_a_whole_run_is_no_baseline(changed: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="complete run"):
        baseline_of({**examples.working(), **changed})


def test_a_renamed_requirement_is_found_in_an_older_baseline() -> None:
    report = examples.working()
    (facts, *_) = report["probes"].values()
    assert set(baseline_of({**report, "probes": {"toolstream.first-delta": facts}}).severities) == {
        "toolstream.first-id"
    }


@pytest.fixture
def yesterday(command: Command, here: Path) -> Callable[..., str]:
    """Makes a baseline of a sound run without these requirements."""
    assert command("demo", "--depth", "quick", "--output", "then").code == 0
    report = report_in(here / "then")

    def make(*unknown: str) -> str:
        kept = {id: facts for id, facts in report["probes"].items() if id not in unknown}
        (here / "then.json").write_text(dumps({**report, "probes": kept}), encoding="utf-8")
        return "then.json"

    return make


@pytest.mark.full
def test_the_run_and_the_gate_use_the_baseline_alike(command: Command, yesterday: Callable[..., str]) -> None:
    demo = ("demo", "--depth", "quick", "--output", "now", "--fault", "delta-without-index")
    for unknown, code in (((), 1), ((NEW,), 0)):
        policy = ("--baseline", yesterday(*unknown))
        ran = command(*demo, *policy)
        again = command("gate", "now/report.json", *policy)
        assert (ran.code, again.code) == (code, code)
        assert again.out.strip() in ran.out.splitlines()


def test_an_unusable_baseline_sends_nothing(command: Command, yesterday: Callable[..., str]) -> None:
    file = yesterday()
    for wrong in (("--depth", "standard", "--baseline", file), ("--baseline", "nowhere.json")):
        ran = command("demo", *wrong, "--output", "now")
        assert (ran.code, ran.out, ran.err.count("\n"), Path("now").exists()) == (4, "", 1, False)


@pytest.mark.full
def test_an_older_profile_judges_the_same_bytes_as_before(command: Command, here: Path) -> None:
    demo = ("demo", "--fault", "delta-without-index", "--record", "tape", "--output", "then")
    assert command(*demo, "--client", AI_SDK_2.profile).code == 1
    assert command("replay", "tape", "--output", "pinned").code == 1
    assert command("replay", "tape", "--output", "current", "--client", "ai-sdk").code == 0
    expected = {name: report_in(here / name)["clients"]["ai-sdk"] for name in ("then", "pinned", "current")}
    assert {name: (c["version"], c["verdict"]) for name, c in expected.items()} == {
        "then": (AI_SDK_2.version, "fails"),
        "pinned": (AI_SDK_2.version, "fails"),
        "current": (AI_SDK.version, "works"),
    }
    assert expected["pinned"] == expected["then"]
    assert json.loads((here / "tape" / "recording.json").read_text())["profiles"] == [AI_SDK_2.profile]
