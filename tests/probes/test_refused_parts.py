"""The refused part of a request is found within a few requests, on real answers."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from conformance.clients import CLIENTS
from conformance.explain.explain import endpoint_of
from conformance.judging.observation import Observation
from conformance.probes.catalogue import catalogue
from conformance.reference import Provider
from conformance.requirements.conversation import MOST_SPARE
from conformance.requirements.talk import Talk
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.inprocess import InProcess

REFUSING = (
    "max-tokens-32000-refused",
    "schema-any-of-refused",
    "schema-format-refused",
    "history-reasoning-refused",
    "history-then-user-refused",
    "long-names-refused",
    "many-tools-refused",
    "tools-refused",
)
TURNS = [probe for probe in catalogue().values() if probe.area == "client"]


@cache
def run(*faults: str) -> tuple[dict[str, Observation], dict[str, Talk]]:
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=faults)
    settings = Settings(
        endpoint_of(provider, "http://reference.invalid/v1"), clients=CLIENTS, transport=lambda *_: InProcess(provider)
    )
    seen, talks = observe(settings, TURNS)
    return {o.requirement.id: o for o in seen}, {talk.conversation: talk for talk in talks}


def test_no_request_is_sent_when_nothing_is_refused() -> None:
    assert run()[1]["refused_parts"].exchanges == ()


@pytest.mark.full
@pytest.mark.parametrize("faults", list(itertools.pairwise([*REFUSING, REFUSING[0]])), ids="+".join)
def test_the_search_stays_within_its_planned_requests(faults: tuple[str, str]) -> None:
    assert 1 <= len(run(*faults)[1]["refused_parts"].exchanges) <= MOST_SPARE


@pytest.mark.parametrize(
    ("fault", "probe", "named"),
    [
        ("max-tokens-32000-refused", "client.kilo-code-request", "`max_tokens` is refused"),
        ("many-tools-refused", "client.roo-code-request", "a list of more than 8 tools is refused"),
        ("history-reasoning-refused", "client.ai-sdk-turn", "`reasoning_content` is refused"),
        ("tools-refused", "client.roo-code-request", "`tool_choice` is refused"),
        ("parallel-tool-calls-refused", "client.cline-turn", "`parallel_tool_calls` is refused"),
    ],
)
def test_the_refused_part_is_named_with_the_error(fault: str, probe: str, named: str) -> None:
    actual = run(fault)[0][probe].actual
    assert actual.startswith(named)
    assert "HTTP 400" in actual
    assert "without it the turn is accepted" in actual
    assert "always sends it" in actual


def test_two_refused_parts_are_both_named() -> None:
    actual = run("max-tokens-32000-refused", "schema-format-refused")[0]["client.kilo-code-request"].actual
    assert "`max_tokens` and `format` in schemas" in actual


def test_the_rest_of_the_turn_is_judged_without_the_refused_part() -> None:
    seen, talks = run("max-tokens-32000-refused")
    assert seen["client.kilo-code-request"].outcome == "failed"
    assert seen["client.kilo-code-turn"].outcome == "passed"
    assert "max_tokens" not in talks["refused_parts"].last.request.json


def test_the_part_found_for_one_client_is_tried_first_for_the_next() -> None:
    trials = run("schema-format-refused")[1]["refused_parts"].exchanges
    agents = [dict(t.request.headers).get("User-Agent", "").split("/")[0] for t in trials]
    assert {agents.count(name) for name in ("Kilo-Code", "Cline")} <= {1, 2}


def test_a_refusal_without_a_refused_part_is_reported_unchanged() -> None:
    seen, _ = run("own-ids-refused")
    assert seen["client.roo-code-request"].actual.startswith("Roo Code's request is refused: HTTP 400")
    assert seen["client.roo-code-turn"].outcome == "blocked"
