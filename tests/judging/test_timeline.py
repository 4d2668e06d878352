"""Timelines of whole turns: what the user sees when, and what the user reads when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from conformance.clients import CLIENTS, CURRENT, KILO_CODE, ROO_CODE
from conformance.evidence.kinds import as_reply
from conformance.explain.explain import endpoint_of
from conformance.judging.timeline import MOMENTS, Turn, seen_by, turns
from conformance.probes.catalogue import catalogue
from conformance.reference import Provider
from conformance.report.run_details import priced
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.inprocess import InProcess


@cache
def lived(*faults: str) -> dict[str, list[Turn]]:
    """The turns of every client, by conversation."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=faults)
    settings = Settings(
        endpoint_of(provider, "http://reference.invalid/v1"), clients=CLIENTS, transport=lambda *_: InProcess(provider)
    )
    _, talks = observe(settings, [p for p in catalogue().values() if p.area == "client"])
    found: dict[str, list[Turn]] = {}
    for turn in turns(talks, CURRENT):
        found.setdefault(turn.conversation, []).append(turn)
    return found


def test_a_tool_appears_then_its_path_is_complete_then_it_runs() -> None:
    first = lived()["roo_code_work"][0]
    assert [m.what for m in first.moments] == ["read_file appears", "its path is complete", "read_file runs"]
    assert [m.at for m in first.moments] == sorted(m.at for m in first.moments)
    assert first.complaint == ""


def test_roo_code_reads_in_three_calls_and_completes_its_task() -> None:
    assert [turn.moments[-1].what for turn in lived()["roo_code_work"]] == [
        "read_file runs",
        "read_file runs",
        "read_file runs",
        "attempt_completion runs",
    ]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_every_client_takes_a_turn_of_its_own(client: object) -> None:
    mine = [turn for of in lived().values() for turn in of if turn.client == client.id]  # type: ignore[attr-defined]
    assert mine
    assert {turn.ending for turn in mine} <= {"calls", "answer"}
    assert {turn.profile for turn in mine} == {client.profile}  # type: ignore[attr-defined]


def test_the_turn_that_breaks_ends_in_what_the_user_reads() -> None:
    broken = lived("error-null")["kilo_code_work"][0]
    assert broken.ending == "failed"
    assert broken.complaint == "Cannot read properties of null (reading 'message')"
    assert broken.moments[-1].what == broken.complaint
    assert all(turn.ending == "calls" for turn in lived("error-null")["roo_code_work"])


def test_a_refused_turn_is_refused_in_the_timeline() -> None:
    assert lived("max-tokens-32000-refused")["kilo_code_work"][0].ending == "refused"


def test_a_timeline_is_cut() -> None:
    assert all(len(turn.moments) <= MOMENTS for of in lived().values() for turn in of)


def test_an_answer_that_the_suite_capped_shows_the_user_nothing() -> None:
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij")
    settings = Settings(endpoint_of(provider, "http://reference.invalid/v1"), transport=lambda *_: InProcess(provider))
    _, talks = observe(settings, [catalogue()["params.max-completion-tokens"]])
    (exchange,) = next(talk.exchanges for talk in talks if talk.conversation == "max_completion_tokens")
    assert KILO_CODE.read(exchange).complaint.startswith("The model hit its output limit")
    assert seen_by(KILO_CODE, exchange) == ""


def test_the_price_of_a_turn_is_that_of_its_tokens() -> None:
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij")
    endpoint = replace(endpoint_of(provider, "http://r.invalid/v1"), input_price=2.0, output_price=4.0)
    settings = Settings(endpoint, transport=lambda *_: InProcess(provider))
    _, talks = observe(settings, [catalogue()["client.roo-code-turn"]])
    exchanges = [exchange for talk in talks for exchange in talk.exchanges]
    first = priced(turns(talks, CURRENT), endpoint, exchanges)[0]
    reply = as_reply(next(e for e in exchanges if e.id == first.exchange))
    assert reply and reply.usage
    assert first.price == (reply.usage["prompt_tokens"] * 2 + reply.usage["completion_tokens"] * 4) / 1_000_000
    assert priced([first], replace(endpoint, input_price=None), exchanges)[0].price is None


def test_users_of_different_clients_read_different_things() -> None:
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=("vendor-events",))
    settings = Settings(endpoint_of(provider, "http://reference.invalid/v1"), transport=lambda *_: InProcess(provider))
    _, talks = observe(settings, [catalogue()["tools.accepted"]])
    (exchange,) = next(talk.exchanges for talk in talks if talk.conversation == "agent_turn")
    assert seen_by(ROO_CODE, exchange) == ""
    assert seen_by(KILO_CODE, exchange).startswith("Type validation failed")
