"""Failures with one cause become one step."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from conformance.judging.observation import Observation
from conformance.judging.root_causes import grouped, known_causes, steps
from conformance.probes.catalogue import catalogue
from conformance.reference import catalogue as faults
from conformance.requirements import Blame, Outcome

KNOWN = [frozenset({"a.one", "b.two"}), frozenset({"a.one", "b.two", "c.three"}), frozenset({"d.four", "client.turn"})]
CHOSEN = ("roo-code", "kilo-code")


def failed(*ids: str) -> list[Observation]:
    return [Observation(catalogue()[id], "", Outcome.FAILED, "seen") for id in ids]


def test_requirements_that_a_known_defect_breaks_are_one_group() -> None:
    assert grouped(["a.one", "x.other", "b.two"], KNOWN) == [("a.one", "b.two"), ("x.other",)]


def test_the_largest_matching_cause_wins() -> None:
    assert grouped(["c.three", "b.two", "a.one"], KNOWN) == [("c.three", "b.two", "a.one")]


def test_a_cause_needs_all_its_requirements_to_fail() -> None:
    assert grouped(["a.one", "c.three"], KNOWN) == [("a.one",), ("c.three",)]


def test_whole_turns_do_not_count_in_a_cause() -> None:
    assert grouped(["d.four"], KNOWN) == [("d.four",)]


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.lists(st.frozensets(st.sampled_from("abcdefgh"))))
def test_every_failure_is_in_exactly_one_group(ids: list[str], known: list[frozenset[str]]) -> None:
    assert sorted(itertools.chain(*grouped(ids, known))) == sorted(ids)


def test_every_fault_leads_to_one_step() -> None:
    for fault in faults().values():
        found = steps(CHOSEN, failed(*sorted(fault.caught_by)), known_causes())
        causes = [step.requirement.id for step in found if not step.of_turn]
        assert len(causes) <= 1, f"{fault.name}: add a table to root_causes.toml for {causes}"


def test_every_known_cause_names_requirements_that_exist() -> None:
    assert {id for ids in known_causes() for id in ids} <= catalogue().keys()


def test_a_step_names_what_else_fails_and_every_affected_client() -> None:
    ids = ("toolstream.native", "toolstream.same-as-completion", "toolstream.parallel-both-modes", "tools.auto")
    (step,) = steps(CHOSEN, failed(*ids), [frozenset(ids)])
    assert {step.requirement.id, *step.others} == set(ids)
    assert step.clients == dict.fromkeys(CHOSEN, "breaks")


def test_a_turn_is_a_step_only_when_nothing_else_explains_it() -> None:
    both = failed("stream.error-key", "client.kilo-code-turn")
    assert [step.requirement.id for step in steps(CHOSEN, both)] == ["stream.error-key"]
    assert [step.requirement.id for step in steps(CHOSEN, both[1:])] == ["client.kilo-code-turn"]


def test_what_the_run_knows_about_the_blame_wins() -> None:
    known_better = {"tools.auto": Blame.PROVIDER}
    assert [step.blame for step in steps(CHOSEN, failed("tools.auto"))] == [Blame.MODEL]
    assert [s.blame for s in steps(CHOSEN, failed("tools.auto"), (), known_better)] == [Blame.PROVIDER]
