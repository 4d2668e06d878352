"""From observations to verdicts: which client fails or is degraded, what is unknown, and who can fix it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.clients import CLIENTS, KILO_CODE, ROO_CODE
from conformance.judging.conclusions import conclude
from conformance.judging.observation import Observation
from conformance.judging.policy.gate import exit_code
from conformance.judging.tool_calling import Level
from conformance.judging.verdict import Status, Verdict
from conformance.probes.catalogue import catalogue
from conformance.requirements import Blame, Outcome


def seen(id: str, outcome: Outcome = Outcome.PASSED, case: str = "", by: Blame | None = None) -> Observation:
    words = {"actual": f"{id} is wrong"} if outcome is Outcome.FAILED else {"reason": f"{id} could not be"}
    return Observation(catalogue()[id], case, outcome, blocked_by=by, **words)


def all_passed_but(*others: Observation) -> list[Observation]:
    changed = {o.requirement.id for o in others}
    return [seen(id) for id in catalogue() if id not in changed] + list(others)


FAILED, BLOCKED = Outcome.FAILED, Outcome.BLOCKED


def test_all_passed_is_green() -> None:
    judgement = conclude(all_passed_but(), CLIENTS)
    assert exit_code(judgement) == 0
    assert {c.verdict for c in judgement.clients.values()} == {Verdict.WORKS}
    assert {c.status for c in judgement.categories.values()} == {Status.OK}
    assert judgement.tool_calling.level is Level.COMPLETE


def test_the_same_failure_breaks_one_client_and_not_another() -> None:
    judgement = conclude(all_passed_but(seen("stream.error-key", FAILED)), CLIENTS)
    assert judgement.clients["kilo-code"].verdict is Verdict.FAILS
    assert judgement.clients["kilo-code"].because == ("stream.error-key",)
    assert judgement.clients["roo-code"].verdict is Verdict.WORKS
    assert exit_code(judgement) == 1
    assert exit_code(conclude(all_passed_but(seen("stream.error-key", FAILED)), [ROO_CODE])) == 0


def test_degraded_passes_the_gate_unless_strict() -> None:
    observations = all_passed_but(seen("usage.stream", FAILED))
    assert conclude(observations, CLIENTS).clients["roo-code"].verdict is Verdict.DEGRADED
    assert exit_code(conclude(observations, CLIENTS)) == 0
    assert exit_code(conclude(observations, CLIENTS), strict=True) == 1


def test_wrong_settings_mean_unknown_and_never_a_failing_provider() -> None:
    judgement = conclude(
        [seen("auth.key-accepted", FAILED), seen("stream.accepted", BLOCKED, by=Blame.SETTINGS)], CLIENTS
    )
    assert {c.verdict for c in judgement.clients.values()} == {Verdict.UNKNOWN}
    assert exit_code(judgement) == 6
    assert judgement.categories["invalid-api-key"].status is Status.PROBLEM
    assert judgement.categories["connection-errors"].status is Status.UNKNOWN
    assert judgement.tool_calling.level is Level.UNKNOWN
    assert judgement.tool_calling.blame is Blame.SETTINGS


def test_what_was_not_judged_is_never_green() -> None:
    judgement = conclude(all_passed_but(seen("stream.whole", BLOCKED, by=Blame.PROVIDER)), CLIENTS)
    assert exit_code(judgement) == 6
    assert judgement.clients["roo-code"].because == ("stream.whole",)


def test_what_the_model_did_not_do_changes_no_verdict() -> None:
    judgement = conclude(all_passed_but(seen("tools.parallel", BLOCKED, by=Blame.MODEL)), CLIENTS)
    assert exit_code(judgement) == 0
    assert judgement.tool_calling.level is Level.COMPLETE
    assert "1 could not be judged because the model" in judgement.tool_calling.summary


def test_one_judged_case_is_enough_when_another_was_blocked() -> None:
    observations = all_passed_but(
        seen("stream.whole", Outcome.PASSED, "a"), seen("stream.whole", BLOCKED, "b", Blame.PROVIDER)
    )
    assert exit_code(conclude(observations, CLIENTS)) == 0


@pytest.mark.parametrize("why", ["interrupted after 3 of 900 cases", "only 4 of 900 cases were selected"])
def test_an_incomplete_run_is_never_green(why: str) -> None:
    judgement = conclude(all_passed_but(), CLIENTS, incomplete=why)
    assert exit_code(judgement) == 6
    assert why in judgement.clients["roo-code"].summary


def test_a_failure_counts_in_an_incomplete_run_too() -> None:
    observations = [seen("toolstream.index", FAILED)]
    assert exit_code(conclude(observations, CLIENTS, incomplete="stopped")) == 1


def test_an_internal_error_is_exit_code_3() -> None:
    assert exit_code(conclude(all_passed_but(seen("chat.shape", Outcome.ERROR)), CLIENTS)) == 3


def test_no_calls_even_when_forced_is_the_providers_fault() -> None:
    never = [seen(id, FAILED) for id in ("toolstream.native", "tools.required", "tools.named", "tools.auto")]
    level = conclude(all_passed_but(*never), CLIENTS).tool_calling
    assert (level.level, level.blame) == (Level.NONE, Blame.PROVIDER)


def test_calls_only_when_forced_is_the_models_fault() -> None:
    level = conclude(all_passed_but(seen("tools.auto", FAILED)), CLIENTS).tool_calling
    assert (level.level, level.blame, level.because) == (Level.PARTIAL, Blame.MODEL, ("tools.auto",))


def test_a_model_that_never_calls_by_itself_is_to_blame_whatever_else_fails() -> None:
    others = (seen("toolstream.index", FAILED), seen("tools.auto", FAILED))
    level = conclude(all_passed_but(*others), CLIENTS).tool_calling
    assert (level.level, level.blame, level.because[0]) == (Level.PARTIAL, Blame.MODEL, "tools.auto")


def test_calls_that_are_printed_as_text_are_the_providers_fault() -> None:
    others = (seen("chat.no-markup", FAILED), seen("tools.auto", FAILED))
    assert conclude(all_passed_but(*others), CLIENTS).tool_calling.blame is Blame.PROVIDER


def test_malformed_calls_are_partial_and_the_providers_fault() -> None:
    level = conclude(all_passed_but(seen("toolstream.index", FAILED)), CLIENTS).tool_calling
    assert (level.level, level.blame) == (Level.PARTIAL, Blame.PROVIDER)


def test_a_harmless_failure_is_no_problem() -> None:
    judgement = conclude(all_passed_but(seen("auth.key-not-echoed", FAILED)), [KILO_CODE])
    assert judgement.categories["invalid-api-key"].status is Status.OK
    assert judgement.clients["kilo-code"].verdict is Verdict.WORKS


def test_advice_begins_with_that_of_the_page_and_ends_with_the_remedy() -> None:
    advice = conclude(all_passed_but(seen("models.known", FAILED)), CLIENTS).categories["model-not-found"].advice
    assert advice.startswith("Check that the provider offers this model id.")
    assert advice.endswith(catalogue()["models.known"].remedy)


def test_a_refusal_behind_wrong_settings_blames_nobody_else() -> None:
    """Requests that are refused because of the settings show nothing about tool calling or other headings."""
    refused = replace(seen("tools.accepted", FAILED), refusal="HTTP #: header missing")
    judgement = conclude([seen("url.accepts-requests", FAILED), refused, seen("toolstream.native", BLOCKED)], CLIENTS)
    assert judgement.tool_calling.level is Level.UNKNOWN
    assert judgement.tool_calling.blame is Blame.SETTINGS
    assert judgement.categories["connection-errors"].status is Status.PROBLEM
    assert judgement.categories["tool-calling-errors"].status is Status.UNKNOWN
    assert [step.requirement.id for step in judgement.advice] == ["url.accepts-requests"]
    assert exit_code(judgement) == 6
