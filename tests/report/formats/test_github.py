"""Workflow commands: a provider's text can neither end one nor begin another."""

from __future__ import annotations

import re

from conformance.judging.observation import Observation
from conformance.report.formats import render
from conformance.report.formats.github import command
from conformance.requirements import Outcome, Severity
from tests.report.formats import examples

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::(.*)")


def test_what_breaks_is_an_error_and_what_degrades_a_warning() -> None:
    found = [COMMAND.fullmatch(row) for row in render("github", examples.failing()).splitlines()]
    titles = [(row[1], row[2].split("%3A")[0]) for row in found if row]
    assert len(titles) == len(found)
    assert ("error", "Roo Code") in titles
    assert ("error", "toolstream.delta-index") in titles
    assert ("warning", "usage.stream-totals") in titles
    assert titles[-1] == ("notice", "Native tool calling")
    assert "Streamed tool-call deltas have no `index`." in render("github", examples.failing())


def test_the_decision_of_the_gate_comes_first() -> None:
    passing = {**examples.failing(), "gate": "The gate passes.", "exit_code": 0}
    assert "::notice title=Gate::The gate passes.\n::notice" in render("github", passing)
    failing = {**passing, "gate": "The gate fails: a, b.", "exit_code": 1}
    assert render("github", failing).startswith("::error title=Gate::The gate fails: a, b.\n")


def test_hostile_text_stays_inside_its_command() -> None:
    rows = render("github", examples.hostile()).splitlines()
    assert rows
    assert all(COMMAND.fullmatch(row) for row in rows)


def test_the_special_characters_of_commands_are_encoded() -> None:
    assert command("error", "50%, a:b", "100%25 ::warning::x") == "::error title=50%25%2C a%3Ab::100%2525 ::warning::x"


def test_it_writes_no_more_annotations_than_github_shows() -> None:
    severity = {"roo-code": Severity.BREAKS}
    probes = [examples.probe(f"chat.p{n}", "It holds.", severity=severity) for n in range(30)]
    seen = [Observation(p, "", Outcome.FAILED, "no") for p in probes]
    rows = render("github", examples.report(examples.run(), examples.judgement(), seen, [])).splitlines()
    assert sum(row.startswith("::error") for row in rows) == 10
