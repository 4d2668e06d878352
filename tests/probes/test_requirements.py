"""Every need of the clients has a probe or is listed as not testable, and every listed probe exists."""

from __future__ import annotations

import tomllib
from collections import Counter

from conformance.explain.listing import probes_text
from conformance.probes.catalogue import catalogue
from conformance.probes.untestable import UNTESTABLE
from tests.command import ROOT

NEEDS: dict[str, dict[str, list[str]]] = tomllib.loads((ROOT / "tests/requirements.toml").read_text("utf-8"))
OF_THE_CLIENTS = {  # number of needs found by reading and measuring the clients, by topic
    "transport": 13,
    "requests": 29,
    "framing": 9,
    "chunks": 12,
    "calls": 18,
    "plain": 4,
    "errors": 7,
    "counting": 4,
    "listing": 3,
}


def test_no_need_of_the_clients_is_missing() -> None:
    assert {about: len(NEEDS[about]) for about in OF_THE_CLIENTS} == OF_THE_CLIENTS
    assert sum(OF_THE_CLIENTS.values()) == 99
    assert NEEDS.keys() - OF_THE_CLIENTS == {"specification"}


def test_every_need_has_a_probe_or_a_reason_for_having_none() -> None:
    reasons = {one.requirement for one in UNTESTABLE}
    needs = {words: probes for about in NEEDS.values() for words, probes in about.items()}
    assert [words for words, probes in needs.items() if not probes and words not in reasons] == []


def test_every_listed_probe_exists() -> None:
    named = {id for about in NEEDS.values() for probes in about.values() for id in probes}
    assert sorted(named - catalogue().keys()) == []


def test_no_two_needs_have_the_same_words() -> None:
    words = Counter(words for about in NEEDS.values() for words in about)
    assert [one for one, times in words.items() if times > 1] == []


def test_needs_that_are_not_testable_are_at_the_end_of_the_catalogue() -> None:
    text = probes_text(list(catalogue().values()))
    for one in UNTESTABLE:
        assert one.requirement in text
        assert one.reason in text
        assert text.index(one.requirement) > text.index(list(catalogue())[-1])
