"""Judging repeated conversations: every repetition counts, and a failure says how often it was seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.exchange import Exchange, Request, Response
from conformance.judging.judge import frequency, judge, undecided
from conformance.judging.observation import Observation
from conformance.probes.catalogue import catalogue
from conformance.requirements import Outcome
from conformance.requirements.talk import Talk

SHARE = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def talk(*statuses: int, rounds: tuple[int, ...] = ()) -> Talk:
    """A conversation whose answers had these statuses."""
    asked = Request("POST", "http://h/v1/chat/completions", body=b'{"messages": [], "stream": true}')
    exchanges = [Exchange(f"stream_bare#{n}", "stream_bare", asked, Response(s)) for n, s in enumerate(statuses, 1)]
    return Talk("stream_bare", tuple(exchanges), rounds=rounds)


def outcome(*statuses: int, rounds: tuple[int, ...] = ()) -> tuple[Outcome, str]:
    observed = judge(catalogue()["stream.accepted"], "", {"stream_bare": talk(*statuses, rounds=rounds)})
    assert observed
    return observed.outcome, observed.actual


def test_a_failure_in_one_of_three_repetitions_is_reported_with_its_frequency() -> None:
    decided, actual = outcome(200, 400, 200, rounds=(1, 1, 1))
    assert decided is Outcome.FAILED
    assert "sometimes: 1 of 3" in actual


def test_what_fails_in_every_repetition_fails_always() -> None:
    assert "always: 3 of 3" in outcome(400, 400, 400, rounds=(1, 1, 1))[1]


def test_a_single_repetition_has_no_frequency() -> None:
    assert " of " not in outcome(400)[1]
    assert outcome(200, 200, 200, rounds=(1, 1, 1)) == (Outcome.PASSED, "")


def test_each_repetition_is_judged_by_itself() -> None:
    held = talk(200, 429, 200, 400, rounds=(1, 2, 1)).held
    assert [[e.status for e in one.exchanges] for one in held] == [[200], [429, 200], [400]]
    assert [[e.status for e in one.exchanges] for one in talk(200, 400).held] == [[200, 400]]


@pytest.mark.parametrize(
    ("statuses", "rounds", "times"),
    [
        ((200, 500), (2,), (1, 1)),  # the second question fails, and did so each time that it was asked
        ((200, 500, 200, 500), (2, 2), (2, 2)),
        ((200, 500, 200, 200, 200, 200), (2, 2, 2), (1, 3)),
        ((200, 200), (), (0, 1)),
    ],
)
def test_several_answers_of_one_repetition_count_once(
    statuses: tuple[int, ...], rounds: tuple[int, ...], times: tuple[int, int]
) -> None:
    probe = catalogue()["errors.no-server-error"]
    observed = judge(probe, "stream_bare", {"stream_bare": talk(*statuses, rounds=rounds)})
    assert observed
    assert observed.times == times


def test_the_failing_exchange_comes_first_and_each_comes_once() -> None:
    observed = judge(catalogue()["stream.accepted"], "", {"stream_bare": talk(200, 400, 200, rounds=(1, 1, 1))})
    assert observed
    assert observed.exchanges == ("stream_bare#2", "stream_bare#1", "stream_bare#3")


def observed_in(probe: str, *statuses: int, rounds: tuple[int, ...]) -> Observation:
    """The observation of a requirement for every answer."""
    found = judge(catalogue()[probe], "stream_bare", {"stream_bare": talk(*statuses, rounds=rounds)})
    assert found
    return found


def test_one_of_two_answers_that_always_fails_is_not_flaky() -> None:
    observed = observed_in("errors.no-server-error", *[500, 404] * 3, rounds=(2, 2, 2))
    assert observed.times == (3, 3)
    assert observed.actual.endswith("(in 1 of 2 answers) (always: 3 of 3, 44% to 100%)")
    assert not undecided(observed)


@pytest.mark.parametrize(
    ("statuses", "open_still"),
    [
        ((200, 200, 200), False),
        ((400, 400, 400), False),
        ((200, 400, 200), True),
        ((200, 400, 400), True),
        ((400, *[200] * 7), False),
        ((200, *[400] * 7), False),
    ],
)
def test_a_mixed_result_is_undecided_until_it_mostly_fails_or_passes(
    statuses: tuple[int, ...], open_still: bool
) -> None:
    held = {"stream_bare": talk(*statuses, rounds=(1,) * len(statuses))}
    observed = judge(catalogue()["stream.accepted"], "", held)
    assert observed
    assert undecided(observed) is open_still


@pytest.mark.parametrize(("k", "n", "word"), [(0, 5, "never"), (1, 5, "sometimes"), (4, 5, "mostly"), (5, 5, "always")])
def test_frequencies_have_names(k: int, n: int, word: str) -> None:
    assert frequency(k, n).startswith(f"{word}: {k} of {n}, ")


@given(SHARE)
def test_the_interval_contains_the_share_and_narrows_with_more_answers(share: tuple[int, int]) -> None:
    k, n = share

    def interval(k: int, n: int) -> tuple[int, int]:
        low, _, high = frequency(k, n).rpartition(", ")[2].replace("%", "").partition(" to ")
        return int(low), int(high)

    low, high = interval(k, n)
    wide_low, wide_high = interval(k * 4, n * 4)
    assert low - 1 <= 100 * k / n <= high + 1
    assert wide_high - wide_low <= high - low + 1
