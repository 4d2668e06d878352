"""A diff lists what changed, its exit code depends on it, and noise is no change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.history import diff
from conformance.report.json_file import dumps
from conformance.schema import violations
from tests.command import Command
from tests.report.formats import examples


def with_outcome(report: dict[str, Any], probe: str, outcome: str) -> dict[str, Any]:
    """The same report with every case of a probe at that outcome."""
    seen = [{**o, "outcome": outcome} if o["probe"] == probe else o for o in report["observations"]]
    return {**report, "observations": seen}


def without(report: dict[str, Any], probe: str) -> dict[str, Any]:
    return {**report, "observations": [o for o in report["observations"] if o["probe"] != probe]}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p["probe"], p["change"]) for p in diff.difference(old, new)["probes"]]


ROLE = "stream.role-first"


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("passed", "failed", "worse"),
        ("failed", "passed", "better"),
        ("passed", "blocked", "worse"),
        ("failed", "blocked", "unjudged"),
        ("blocked", "failed", "worse"),
        ("blocked", "passed", "better"),
        ("passed", "not-applicable", None),
        ("passed", "passed", None),
    ],
)
def test_a_failure_that_is_not_judged_any_more_is_no_improvement(old: str, new: str, change: str | None) -> None:
    base = examples.failing()
    found = changes(with_outcome(base, ROLE, old), with_outcome(base, ROLE, new))
    assert found == ([(ROLE, change)] if change else [])


def test_new_and_gone_requirements_are_listed_and_do_not_fail() -> None:
    base = examples.failing()
    assert changes(without(base, ROLE), base) == [(ROLE, "new")]
    assert changes(base, without(base, ROLE)) == [(ROLE, "gone")]
    assert not diff.difference(without(base, ROLE), base)["worse"]


def test_a_failed_case_in_only_one_report_is_listed() -> None:
    base, index = examples.failing(), "toolstream.delta-index"
    fewer = {**base, "observations": [o for o in base["observations"] if o["case"] != "parallel_tools"]}
    (entry,) = diff.difference(fewer, base)["probes"]
    assert (entry["probe"], entry["change"], entry["cases"]) == (index, "new", ["parallel_tools"])
    assert changes(base, fewer) == [(index, "gone")]
    passed = with_outcome(base, index, "passed")
    assert (
        changes(
            {**passed, "observations": [o for o in passed["observations"] if o["case"] != "parallel_tools"]}, passed
        )
        == []
    )


@pytest.mark.parametrize("old", examples.every_example())
@pytest.mark.parametrize("new", examples.every_example())
def test_every_diff_is_valid_against_its_schema(old: str, new: str) -> None:
    reports = examples.every_example()
    assert violations("conformance/diff", diff.difference(reports[old], reports[new])) == []


def test_a_failure_is_described_by_what_happens() -> None:
    found = diff.difference(with_outcome(examples.failing(), "toolstream.delta-index", "passed"), examples.failing())
    (entry,) = found["probes"]
    assert entry["seen"].startswith("Streamed tool-call deltas have no `index` (delta 0 has no")


def test_reports_of_another_depth_or_model_say_so() -> None:
    base = examples.working()
    roo = {**base["clients"]["roo-code"], "version": "9.0.0"}
    other = {
        **base,
        "depth": "quick",
        "endpoint": {**base["endpoint"], "model": "acme-small"},
        "tool": {"version": "9.0.0"},
        "clients": {**base["clients"], "roo-code": roo},
    }
    assert diff.page(diff.difference(base, other)).notes[2:] == [
        "The model differs.",
        "The depth differs.",
        "The version of this suite differs.",
        "The version of a client differs.",
        "Nothing changed.",
    ]
    assert diff.page(diff.difference(base, base)).notes[2:] == ["Nothing changed."]


def test_verdicts_and_tool_calling_count() -> None:
    found = diff.difference(examples.working(), examples.failing())
    assert found["worse"]
    assert {(c["old"], c["new"], c["change"]) for c in found["clients"]} == {("works", "fails", "worse")}
    assert found["tool_calling"] == {"old": "complete", "new": "partial", "change": "worse"}
    assert not diff.difference(examples.failing(), examples.working())["worse"]


def timed(median: float, low: float, high: float, name: str = "first_token") -> dict[str, Any]:
    other = {"first_token": None, "tokens_per_second": None}
    return {**examples.working(), "timings": other | {name: {"median": median, "low": low, "high": high, "count": 9}}}


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ((0.2, 0.1, 0.3), (0.9, 0.8, 1.0), ["worse"]),
        ((0.9, 0.8, 1.0), (0.2, 0.1, 0.3), ["better"]),
        ((0.2, 0.1, 0.3), (0.9, 0.25, 1.0), []),  # the middle halves overlap
        ((0.010, 0.009, 0.011), (0.030, 0.029, 0.031), []),  # 20 ms
        ((1.0, 0.99, 1.01), (1.2, 1.19, 1.21), []),  # a fifth
    ],
)
def test_timings_change_only_beyond_noise(old: Any, new: Any, change: list[str]) -> None:
    found = diff.difference(timed(*old), timed(*new))
    assert [t["change"] for t in found["timings"]] == change
    assert violations("conformance/diff", found) == []
    assert not found["worse"]


def test_more_tokens_per_second_are_better() -> None:
    fast, slow = (timed(*t, "tokens_per_second") for t in ((90.0, 80.0, 99.0), (30.0, 20.0, 40.0)))
    assert [t["change"] for t in diff.difference(slow, fast)["timings"]] == ["better"]


@pytest.fixture
def saved(here: Path) -> Callable[..., str]:
    """Writes a report and returns its name."""

    def save(name: str, report: dict[str, Any]) -> str:
        (here / name).write_text(dumps(report), encoding="utf-8")
        return name

    return save


def test_the_exit_code_says_whether_anything_got_worse(command: Command, saved: Callable[..., str]) -> None:
    good, bad = saved("good.json", examples.working()), saved("bad.json", examples.failing())
    assert command("diff", good, bad).code == 1
    assert command("diff", bad, good).code == 0
    itself = command("diff", bad, bad)
    assert (itself.code, itself.out.splitlines()[-1]) == (0, "Nothing changed.")
    changed = json.loads(command("diff", good, bad, "--format", "json").out)
    assert (changed["schema"], changed["worse"]) == ("conformance/diff/1", True)
    assert "| worse | Roo Code | works | fails |" in command("diff", good, bad, "--format", "markdown").out
    assert '<td class="worse">worse</td><td>Roo Code</td>' in command("diff", good, bad, "--format", "html").out


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": "conformance/report/1"}', None])
def test_a_file_without_a_report_gives_one_line_and_overwrites_nothing(
    command: Command, saved: Callable[..., str], here: Path, content: str | None
) -> None:
    good = saved("good.json", examples.working())
    (here / "out.md").write_text("kept")
    if content is not None:
        (here / "bad.json").write_text(content)
    ran = command("diff", good, "bad.json", "--output", "out.md", "--format", "markdown")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert ran.err.startswith("conformance: bad.json: ")
    assert (here / "out.md").read_text() == "kept"


def test_a_run_and_recorded_traffic_are_not_compared(command: Command, saved: Callable[..., str]) -> None:
    run = saved("run.json", examples.working())
    recorded = saved("recorded.json", {**examples.working(), "depth": "recorded"})
    for two in ((run, recorded), (recorded, run)):
        ran = command("diff", *two)
        assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
        assert "the other of recorded traffic" in ran.err
    assert command("diff", recorded, recorded).code == 0
