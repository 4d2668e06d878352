"""What must be true of every probe, conversation and fault, so that lists, reports and costs are reliable."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from conformance.clients import AGENTS, CLIENTS
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import KINDS
from conformance.explain.explain import endpoint_of
from conformance.judging.judge import cases_of
from conformance.probes.catalogue import RENAMED, catalogue, conversations
from conformance.probes.preflight import ORDER
from conformance.reference import Fault, Provider, serve
from conformance.reference import catalogue as faults
from conformance.requirements import CATEGORIES, Blame, Severity
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import ANYTHING, Conversation, Depth, most_requests
from conformance.requirements.probe import Probe
from conformance.runner.plan import plan
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.schema import violations

PROBES = list(catalogue().values())
CONVERSATIONS = list(conversations().values())
ODD = {  # requests that break the schema on purpose, and how
    "bad_messages": "messages that are a number",
    "broken_text": "text that is not UTF-8",
    "malformed_json": "no JSON at all",
    "misplaced_schema": "a schema one level too high",
    "null_fields": "null instead of a value or an absent field; some clients send it",
    "unknown_field": "an unknown field",
}
MOST = {Depth.QUICK: 15, Depth.STANDARD: 80, Depth.THOROUGH: 300}  # requests

each_probe = pytest.mark.parametrize("probe", PROBES, ids=lambda p: p.id)
each_conversation = pytest.mark.parametrize("asked", CONVERSATIONS, ids=lambda c: c.name)
each_fault = pytest.mark.parametrize("fault", list(faults().values()), ids=lambda f: f.name)


@each_probe
def test_an_id_is_an_area_and_a_slug_and_names_the_file(probe: Probe) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", probe.id)
    assert probe.area in AREAS
    stem = Path(probe.function.__code__.co_filename).stem
    assert re.fullmatch(rf"test_{probe.area}(_[a-z]+)?", stem), f"{probe.id} is in {stem}.py"


@each_probe
def test_a_requirement_is_one_sentence_and_its_explanation_ends_with_a_full_stop(probe: Probe) -> None:
    assert re.fullmatch(r"\S.{10,160}\.", probe.text), probe.text
    assert not probe.why or probe.why.endswith("."), probe.why


@each_probe
def test_a_failure_is_one_short_sentence(probe: Probe) -> None:
    assert re.fullmatch(r"\S.{10,94}\.", probe.failure), probe.failure


@each_probe
def test_a_probe_has_a_remedy_sources_a_category_and_a_blame(probe: Probe) -> None:
    assert len(probe.remedy) > 10
    assert probe.remedy.endswith((".", "!"))
    assert probe.sources
    assert all(re.fullmatch(r"https://[\w.-]+/\S*", source) for source in probe.sources), probe.sources
    assert probe.category in CATEGORIES
    assert isinstance(probe.blame, Blame)


@each_probe
def test_a_probe_has_a_severity_for_every_client(probe: Probe) -> None:
    assert list(probe.severity) == [client.id for client in CLIENTS]
    assert all(isinstance(severity, Severity) for severity in probe.severity.values())


@each_probe
def test_the_evidence_of_a_probe_comes_from_a_known_conversation(probe: Probe) -> None:
    known = conversations().keys() | KINDS.keys()
    if probe.over:
        assert probe.evidence == ("talk",)
        assert set(probe.over) <= conversations().keys()
    else:
        assert set(probe.evidence) <= known
        assert len(probe.evidence) == 1 or not set(probe.evidence) & KINDS.keys(), "one kind, or conversations"
    assert cases_of(probe, conversations())


def test_requirements_failures_and_function_names_are_unique() -> None:
    assert len({probe.text for probe in PROBES}) == len(PROBES)
    failures = [probe.failure for probe in PROBES]
    assert len(set(failures)) == len(failures)
    assert len({probe.function.__name__ for probe in PROBES}) == len(PROBES)


def test_the_catalogue_is_in_the_order_of_the_areas() -> None:
    rows = [list(AREAS).index(probe.area) for probe in PROBES]
    assert rows == sorted(rows)


def test_old_ids_lead_to_probes_and_are_not_reused() -> None:
    assert set(RENAMED.values()) <= set(catalogue())
    assert not RENAMED.keys() & set(catalogue())


def test_the_preflight_requirements_are_probes() -> None:
    assert set(ORDER) <= set(catalogue())


@each_conversation
def test_a_conversation_declares_what_it_asks_expects_and_costs(asked: Conversation) -> None:
    assert asked.asks.endswith(".")
    assert asked.expects in {*KINDS, ANYTHING}
    assert asked.name not in KINDS
    assert asked.name != "talk"
    assert asked.requests >= 1
    assert asked.tokens >= 1


@each_conversation
def test_every_conversation_is_evidence_for_a_probe(asked: Conversation) -> None:
    assert any(asked.name in {*probe.over, *probe.evidence, *cases_of(probe, {asked.name: asked})} for probe in PROBES)


@pytest.mark.parametrize(("depth", "most"), MOST.items(), ids=lambda value: str(value))
def test_a_run_sends_no_more_requests_than_its_depth_allows(depth: Depth, most: int) -> None:
    asked = plan(depth, AGENTS).values()
    assert sum(one.requests for one in asked if not one.spare) <= most
    assert depth is Depth.QUICK or most_requests(asked) <= most


def test_client_turns_and_the_search_for_refused_parts_add_at_most_twenty_requests() -> None:
    planned = plan(Depth.STANDARD, CLIENTS).values()
    assert most_requests(asked for asked in planned if asked.client or asked.spare) <= 20


def test_a_deeper_run_includes_every_conversation_of_a_shallower_one() -> None:
    quick, standard, thorough = (set(plan(depth)) for depth in Depth)
    assert quick < standard <= thorough


@each_fault
def test_a_fault_has_a_summary_a_source_and_the_probes_that_catch_it(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name)
    assert fault.summary.endswith(".")
    assert "\n\n" not in fault.summary
    assert fault.caught_by
    assert fault.caught_by <= catalogue().keys()
    assert fault.source.startswith("https://")


@cache
def asked_for() -> tuple[dict[str, Conversation], list[Exchange]]:
    """The conversations of a thorough run against the reference provider, and its exchanges."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij")
    with serve(provider) as server:
        _, talks = observe(Settings(endpoint_of(provider, server.base_url), depth=Depth.THOROUGH))
    return plan(Depth.THOROUGH), [exchange for talk in talks for exchange in talk.exchanges]


def wrong(exchange: Exchange) -> list[str]:
    """How a request violates the schema of the specification."""
    try:
        return violations("openai/chat-completion-request", json.loads(exchange.request.body))
    except ValueError:
        return ["not JSON"]


@pytest.mark.full
def test_requests_are_valid_except_those_that_are_wrong_on_purpose() -> None:
    chats = [exchange for exchange in asked_for()[1] if exchange.request.method == "POST"]
    found = {exchange.conversation: wrong(exchange) for exchange in chats if wrong(exchange)}
    assert {name: why for name, why in found.items() if name not in ODD} == {}
    assert found.keys() == ODD.keys(), "some of these are valid"


def test_no_conversation_costs_more_than_it_declares() -> None:
    known, exchanges = asked_for()
    for name in {exchange.conversation for exchange in exchanges}:
        mine = [exchange for exchange in exchanges if exchange.conversation == name]
        assert len(mine) <= known[name].requests, name
        counted = [_usage(exchange) for exchange in mine]
        assert sum(completion for _, completion in counted) <= known[name].tokens, name


def test_a_run_sends_no_more_prompt_tokens_than_planned() -> None:
    known, exchanges = asked_for()
    sent = sum(_usage(exchange)[0] for exchange in exchanges)
    assert sent <= sum(asked.prompt_tokens for asked in known.values())


def _usage(exchange: Exchange) -> tuple[int, int]:
    """Prompt and completion tokens as the provider counted them."""
    counted = re.findall(r'"(?:prompt|completion)_tokens": ?(\d+)', exchange.text)
    return (int(counted[0]), int(counted[1])) if len(counted) >= 2 else (0, 0)
