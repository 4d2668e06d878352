"""The gate decides about a stored report as it did about the run, and with another policy as it would have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import CLINE, KILO_CODE, OPENAI_PYTHON, ROO_CODE
from conformance.endpoint.config import Endpoint
from conformance.errors import UsageError
from conformance.judging.judge import worst
from conformance.judging.observation import Observation
from conformance.judging.policy.accepted_failures import AcceptedFailure
from conformance.judging.policy.gate import Gate, Policy
from conformance.probes.catalogue import catalogue
from conformance.reference import catalogue as faults
from conformance.report.json_file import dumps
from conformance.report.stored import decide_again
from conformance.requirements import Blame, Outcome
from conformance.requirements.conversation import Depth
from conformance.runner.run import conclude_run
from conformance.runner.settings import Settings
from tests.command import Command
from tests.judging.test_verdict import all_passed_but, seen
from tests.quick import only
from tests.report.formats import examples

ENDPOINT = Endpoint("https://api.acme.example/v1", "m")
TODAY = datetime.now(UTC).date()
FAILED, BLOCKED = Outcome.FAILED, Outcome.BLOCKED


def stored(observations: Sequence[Observation], incomplete: str = "", **settings: Any) -> dict[str, Any]:
    """The report of a run that saw this, read back from its file."""
    run = Settings(**({"endpoint": ENDPOINT, "clients": (ROO_CODE, KILO_CODE)} | settings))
    made = conclude_run(run, datetime.now(UTC), observations, [], incomplete)
    return json.loads(dumps(made))  # type: ignore[no-any-return]


def policies(ids: Sequence[str]) -> list[Policy]:
    """Six policies that decide differently about these failures."""
    first = AcceptedFailure(ids[0], "r", "o", model="m")
    return [
        Policy(),
        Policy("degraded"),
        Policy("any", {"tool-calling": "complete"}),
        Policy("degraded", {"kilo-code": "works"}, (first,), 1),
        Policy("any", accepted=tuple(AcceptedFailure(id, "r", "o", until=TODAY) for id in ids)),
        Policy(accepted=(replace(first, until=date(2020, 1, 1)), AcceptedFailure("chat.shape", "r", "o"))),
    ]


def agrees(observations: Sequence[Observation], policy: Policy, **settings: Any) -> Gate:
    """The gate's decision about the stored report, which must be that of the run."""
    report = stored(observations, policy=policy, **settings)
    again = decide_again(report, policy, TODAY)
    assert again.code == report["exit_code"]
    assert report["gate"] == ("" if policy == Policy() else again.summary)
    return again


@pytest.mark.parametrize("nth", only(range(6), lambda nth: nth == 0))
def test_the_gate_decides_about_every_fault_as_the_run_did(nth: int) -> None:
    together = {frozenset(fault.caught_by): name for name, fault in faults().items() if fault.caught_by}
    for n, (caught_by, name) in enumerate(together.items()):
        ids = sorted(caught_by & catalogue().keys())
        observations = all_passed_but(*(seen(id, FAILED, "a case") for id in ids))
        if n % 6 == nth:
            gate = agrees(observations, policies(ids)[nth])
            assert gate.summary, name


CHANGES: dict[str, dict[str, Any]] = {
    "cut short": {"incomplete": "only 3 of 90 cases were selected"},
    "quick": {"depth": Depth.QUICK},
    "other clients": {"clients": (OPENAI_PYTHON, CLINE)},
    "a base URL without v1": {"endpoint": Endpoint("https://api.acme.example/", "m")},
    "a full URL with a key": {"endpoint": Endpoint("https://key@api.acme.example/v1/chat/completions", "m")},
}


@pytest.mark.parametrize("changed", only(CHANGES, {"cut short", "a full URL with a key"}.__contains__))
def test_the_gate_reads_all_it_needs_from_the_report(changed: str) -> None:
    flaky = worst([seen("usage.stream", FAILED), seen("usage.stream"), seen("usage.stream")])
    kept = [
        all_passed_but(),
        all_passed_but(seen("toolstream.index", FAILED), seen("stream.whole", BLOCKED, by=Blame.PROVIDER)),
        all_passed_but(seen("tools.auto", BLOCKED, by=Blame.MODEL), flaky),
        all_passed_but(seen("auth.key-accepted", FAILED), seen("stream.whole", BLOCKED, by=Blame.SETTINGS)),
        all_passed_but(seen("chat.shape", Outcome.ERROR)),
    ]
    for observations in kept:
        for policy in policies(["toolstream.index", "usage.stream"]):
            agrees(observations, policy, **CHANGES[changed])


def test_a_client_with_another_chat_url_still_fails() -> None:
    report = stored(all_passed_but(), endpoint=Endpoint("https://api.acme.example/v1/chat/completions", "m"))
    assert decide_again(report, Policy(), TODAY) == Gate(1, "The gate fails: roo-code fails; kilo-code fails.")


def test_severities_are_those_of_the_report() -> None:
    report = stored(all_passed_but(seen("toolstream.index", FAILED)))
    for observation in report["observations"]:
        observation["severity"] = dict.fromkeys(observation["severity"], "harmless")
    assert decide_again(report, Policy(), TODAY).code == 0


def test_a_requirement_that_the_report_does_not_describe_is_a_usage_error() -> None:
    report = stored(all_passed_but())
    report["probes"].pop("chat.shape")
    with pytest.raises(UsageError, match=r"'chat\.shape' is missing"):
        decide_again(report, Policy(), TODAY)


def test_an_unknown_client_is_a_usage_error() -> None:
    report = stored(all_passed_but())
    report["clients"]["another"] = report["clients"].pop("roo-code")
    with pytest.raises(UsageError, match="unknown client 'another'"):
        decide_again(report, Policy(), TODAY)


@pytest.mark.parametrize("example", examples.every_example())
def test_the_gate_decides_about_every_report_of_a_run(example: str) -> None:
    gate = decide_again(examples.every_example()[example], Policy("any"), TODAY)
    assert gate.summary.startswith("The gate ")
    assert gate.code in (0, 1, 3, 6)


@pytest.mark.full
def test_the_command_has_the_exit_code_and_the_line_of_the_run(command: Command) -> None:
    demo = ("demo", "--depth", "quick", "--output", "out", "--fault", "delta-without-index")
    assert command(*demo).code == 1
    assert command("gate", "out/report.json").code == 1
    add = ("known", "add", "out/report.json", "--reason", "r", "--owner", "o")
    assert command(*add).code == 0
    for policy in (
        ("--known", "known.toml"),
        ("--fail-on", "any", "--require", "tool-calling=complete"),
        ("--strict", "--known", "known.toml", "--require", "cline=works", "--allow-flaky", "1"),
    ):
        ran = command(*demo, *policy)
        again = command("gate", "out/report.json", *policy)
        assert again.code == ran.code
        assert again.out.strip() in ran.out.splitlines(), policy


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("nowhere.json",), "nowhere.json: "),
        (("out.json", "--known", "nowhere.toml"), "nowhere.toml: "),
        (("out.json", "--require", "x=y"), "--require x=y: unknown name"),
        (("out.json", "--fail-on", "never"), "--fail-on"),
        (("recorded.json",), "recorded.json: a report of recorded traffic"),
        (("later.json",), "later.json: written in the format 'conformance/report/2'"),
        ((".",), "report.json: No such file or directory"),
    ],
)
def test_an_unusable_report_is_one_line(command: Command, here: Path, wrong: tuple[str, ...], message: str) -> None:
    report = examples.working()
    files = {
        "out": report,
        "recorded": {**report, "depth": "recorded"},
        "later": {**report, "schema": "conformance/report/2"},
    }
    for name, made in files.items():
        (here / f"{name}.json").write_text(dumps(made), encoding="utf-8")
    ran = command("gate", *wrong)
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert message in ran.err
