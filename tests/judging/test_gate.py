"""The gate: an accepted failure hides no other, stale ones are reported, and verdicts stay as they are."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.clients import AGENTS, CLIENTS, KILO_CODE, ROO_CODE
from conformance.endpoint.config import Endpoint
from conformance.errors import UsageError
from conformance.judging.conclusions import conclude
from conformance.judging.judge import worst
from conformance.judging.observation import Observation
from conformance.judging.policy.accepted_failures import AcceptedFailure
from conformance.judging.policy.gate import Gate, Policy, decide, requirement
from conformance.probes.catalogue import catalogue, conversations
from conformance.reference import Provider
from conformance.requirements import Blame, Outcome
from conformance.requirements.conversation import Depth
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.command import Command, report_in
from tests.inprocess import InProcess
from tests.judging.test_verdict import all_passed_but, seen
from tests.quick import only

FAILED, BLOCKED, ERROR = Outcome.FAILED, Outcome.BLOCKED, Outcome.ERROR
BREAKING, DEGRADING = "toolstream.index", "usage.stream"
FAULT = "delta-without-index"  # breaks it
TODAY = date(2026, 11, 25)


def code(observations: list[Observation], clients: Any = CLIENTS, incomplete: str = "", **policy: Any) -> int:
    return decided(observations, clients, incomplete, **policy).code


def decided(
    observations: list[Observation],
    clients: Any = CLIENTS,
    incomplete: str = "",
    depth: Depth = Depth.THOROUGH,
    **policy: Any,
) -> Gate:
    concluded = conclude(observations, clients, incomplete=incomplete)
    return decide(concluded, Policy(**policy), model="m", today=TODAY, depth=depth)


def accepted(probe: str = BREAKING, **fields: Any) -> AcceptedFailure:
    return AcceptedFailure(probe, "the vendor knows", "me", **fields)


def test_without_a_policy_only_what_fails_a_client_counts() -> None:
    assert code(all_passed_but()) == 0
    assert code(all_passed_but(seen(BREAKING, FAILED))) == 1
    assert code(all_passed_but(seen(DEGRADING, FAILED))) == 0


def test_the_thresholds() -> None:
    degraded = all_passed_but(seen(DEGRADING, FAILED))
    assert code(degraded, fail_on="degraded") == 1
    assert code(degraded, fail_on="any") == 1
    unfelt = all_passed_but(seen("stream.error-key", FAILED))
    assert code(unfelt, [ROO_CODE], fail_on="degraded") == 0
    assert code(unfelt, [ROO_CODE], fail_on="any") == 1


def test_an_accepted_failure_passes_and_is_named() -> None:
    observations = all_passed_but(seen(BREAKING, FAILED))
    gate = decided(observations, accepted=(accepted(),))
    assert (gate.code, gate.summary) == (0, f"The gate passes. Accepted failures: {BREAKING}.")


def test_an_accepted_failure_hides_no_other() -> None:
    two = all_passed_but(seen(BREAKING, FAILED), seen("stream.whole", FAILED))
    assert code(two, accepted=(accepted(),)) == 1
    unjudged = all_passed_but(seen(BREAKING, FAILED), seen("stream.whole", BLOCKED, by=Blame.PROVIDER))
    assert code(unjudged) == 1
    assert code(unjudged, accepted=(accepted(),)) == 6
    assert code(all_passed_but(seen(BREAKING, FAILED)), accepted=(accepted(),), incomplete="stopped") == 6


def test_an_acceptance_may_be_for_one_case_or_model() -> None:
    cases = all_passed_but(seen(BREAKING, FAILED, "a"), seen(BREAKING, FAILED, "b"))
    assert code(cases, accepted=(accepted(case="a"),)) == 1
    assert code(cases, accepted=(accepted(case="a"), accepted(case="b"))) == 0
    assert code(cases, accepted=(accepted(model="m"),)) == 0
    assert code(cases, accepted=(accepted(model="another"),)) == 1


def test_an_accepted_failure_that_passes_now_fails_the_gate() -> None:
    gate = decided(all_passed_but(), accepted=(accepted(),))
    assert gate.code == 1
    assert f"{BREAKING} is accepted, but passes now: remove it" in gate.summary
    assert code(all_passed_but(), accepted=(accepted(model="another"),)) == 0
    unjudged = all_passed_but(seen(BREAKING, BLOCKED, by=Blame.MODEL))
    assert code(unjudged, accepted=(accepted(),)) == 0


ONCE = worst([seen(BREAKING, FAILED), seen(BREAKING), seen(BREAKING)])
BY_MODEL = seen(BREAKING, BLOCKED, "b", by=Blame.MODEL)


@pytest.mark.parametrize(
    ("now", "entry", "run"),
    [
        ((ONCE,), {}, {}),  # it failed, though not each time
        ((seen(BREAKING, case="a"), seen(BREAKING, FAILED, "b")), {}, {}),
        ((seen(BREAKING),), {"flaky": True}, {}),
        ((seen(BREAKING, BLOCKED, by=Blame.PROVIDER),), {}, {}),
        ((seen(BREAKING, Outcome.NOT_APPLICABLE),), {}, {}),
        ((seen(BREAKING, case="a"), BY_MODEL), {}, {}),  # perhaps there
        ((seen(BREAKING, case="a"), BY_MODEL), {"case": "b"}, {}),
        ((seen(BREAKING, case="a"),), {"case": "b"}, {}),  # not selected
        ((seen(BREAKING, case="a"),), {}, {"incomplete": "only 1 of 9 cases were selected"}),
        ((seen(BREAKING),), {"depth": Depth.THOROUGH}, {"depth": Depth.STANDARD}),
        ((seen(BREAKING),), {"clients": frozenset({"cline"})}, {"clients": [ROO_CODE, KILO_CODE]}),
        ((seen(BREAKING),), {}, {"clients": [ROO_CODE]}),  # by default it was seen with Kilo Code asked, too
        ((seen(BREAKING),), {}, {"depth": Depth.QUICK}),  # by default a standard run sees it
    ],
)
def test_an_accepted_failure_that_may_still_occur_is_not_stale(
    now: tuple[Observation, ...], entry: dict[str, Any], run: dict[str, Any]
) -> None:
    gate = decided(all_passed_but(*now), accepted=(accepted(**entry),), **run)
    assert "remove it" not in gate.summary
    assert gate.code in (0, 6)


@pytest.mark.parametrize(
    ("now", "entry", "run"),
    [
        ((seen(BREAKING, case="a"), seen(BREAKING, Outcome.NOT_APPLICABLE, "b")), {}, {}),
        ((seen(BREAKING, case="a"),), {"case": "a"}, {"incomplete": "only 1 of 9 cases were selected"}),
        ((seen(BREAKING, case="a"), seen(BREAKING, FAILED, "b")), {"case": "a"}, {}),
        ((seen(BREAKING),), {"depth": Depth.QUICK}, {"depth": Depth.QUICK}),
        ((seen(BREAKING),), {}, {"depth": Depth.THOROUGH}),
        ((seen(BREAKING),), {"clients": frozenset({"roo-code"})}, {"clients": [ROO_CODE]}),
        ((seen(BREAKING, case="a"),), {"case": "a"}, {"clients": [ROO_CODE]}),
    ],
)
def test_an_accepted_failure_that_is_gone_is_stale(
    now: tuple[Observation, ...], entry: dict[str, Any], run: dict[str, Any]
) -> None:
    gate = decided(all_passed_but(*now), accepted=(accepted(**entry),), **run)
    assert "remove it" in gate.summary
    assert gate.code == 1


def test_an_expired_acceptance_fails_the_gate() -> None:
    observations = all_passed_but(seen(BREAKING, FAILED))
    assert code(observations, accepted=(accepted(until=TODAY),)) == 0
    assert code(observations, accepted=(accepted(until=date(2026, 11, 24)),)) == 1
    assert code(all_passed_but(), accepted=(accepted(until=date(2026, 11, 24), model="another"),)) == 0


def test_required_levels() -> None:
    partial = all_passed_but(seen(BREAKING, FAILED))
    tools = {"tool-calling": "complete"}
    assert code(partial, [ROO_CODE], require=tools, accepted=(accepted(),)) == 0
    assert code(all_passed_but(), require=tools) == 0
    unfelt = all_passed_but(seen("stream.error-key", FAILED))
    assert code(unfelt, [ROO_CODE], require={"kilo-code": "works"}) == 1
    assert code(unfelt, [ROO_CODE], require={"roo-code": "works"}) == 0


def test_a_required_level_that_cannot_be_judged_is_not_green() -> None:
    by_model = [
        seen(id, BLOCKED, by=Blame.MODEL) for id in ("tools.required", "tools.named", "tools.auto", "toolstream.native")
    ]
    assert code(all_passed_but(*by_model), require={"tool-calling": "partial"}) == 6


def test_an_internal_error_stays_one() -> None:
    assert code(all_passed_but(seen("chat.shape", ERROR)), accepted=(accepted(),)) == 3


def test_flaky_answers_are_tolerated_up_to_the_allowed_number() -> None:
    once = worst([seen(BREAKING, FAILED), seen(BREAKING), seen(BREAKING)])
    assert once.times == (1, 3)
    assert [code(all_passed_but(once), allow_flaky=k) for k in (0, 1, 2)] == [1, 0, 0]
    always = worst([seen(BREAKING, FAILED)] * 2)
    assert code(all_passed_but(always), allow_flaky=5) == 1


class NowAndThen(InProcess):
    """Spoils some of every three answers to the same question, counted from 1."""

    def __init__(self, *times: int) -> None:
        sound, spoiled = (Provider("reference-1", None, faults=faults) for faults in ((), (FAULT,)))
        super().__init__(sound)
        self.spoiled, self.times = InProcess(spoiled), times
        self.asked: Counter[bytes] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked[body := await request.aread()] += 1
        if (self.asked[body] - 1) % 3 + 1 in self.times:
            return await self.spoiled.handle_async_request(request)
        return await super().handle_async_request(request)


@pytest.mark.full
@pytest.mark.parametrize(
    ("times", "codes"),
    only([((2,), [1, 0, 0]), ((1, 2), [1, 1, 0]), ((1, 2, 3), [1, 1, 1])], lambda case: case[0] == (2,)),
)
def test_a_flaky_endpoint_passes_when_enough_failures_are_allowed(times: tuple[int, ...], codes: list[int]) -> None:
    endpoint = Endpoint("http://reference.invalid/v1", "reference-1")
    settings = Settings(endpoint, Depth.THOROUGH, AGENTS, transport=lambda *_: NowAndThen(*times))
    found, _ = observe(settings, [catalogue()[BREAKING]])
    observations = [o for o in found if not conversations()[o.case].once]  # what is asked three times
    assert {o.times[0] / o.times[1] for o in observations if o.outcome is FAILED} == {len(times) / 3}
    assert [code(observations, AGENTS, allow_flaky=k) for k in (0, 1, 2)] == codes


@pytest.mark.parametrize("text", ["", "tool-calling", "tool-calling=none", "roo-cod=works", "roo-code=fails", "x=y"])
def test_an_unusable_requirement_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--require"):
        requirement(text)


def test_accepted_failures_change_the_exit_code_and_no_verdict(command: Command) -> None:
    fault = ("demo", "--depth", "quick", "--fault", "delta-without-index", "--output", "out")
    assert command(*fault).code == 1
    assert command("known", "add", "out/report.json", "--reason", "r", "--owner", "o").code == 0
    ran = command(*fault, "--known", "known.toml")
    assert ran.code == 0
    assert f"The gate passes. Accepted failures: {BREAKING}." in ran.out.splitlines()
    report = report_in(Path("out"))
    assert (report["exit_code"], report["clients"]["roo-code"]["verdict"]) == (0, "fails")
    assert report["gate"].startswith("The gate passes.")
    stale = command("demo", "--depth", "quick", "--output", "out", "--known", "known.toml")
    assert (stale.code, "passes now: remove it" in stale.out) == (1, True)


@pytest.mark.parametrize(
    "wrong", [("--known", "nowhere.toml"), ("--require", "x=y"), ("--fail-on", "never"), ("--allow-flaky", "-1")]
)
def test_a_policy_that_cannot_be_used_sends_nothing(command: Command, wrong: tuple[str, str]) -> None:
    ran = command("demo", *wrong)
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
