"""The history file: every run is kept, no other file is changed, and a run that changed something is named."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.history import chart, trend
from conformance.history import database as history
from conformance.report.tables import as_html, as_terminal
from conformance.schema import violations
from tests.command import Command
from tests.report.formats import examples


def kept(tmp_path: Path, *reports: dict[str, Any]) -> list[history.Run]:
    """The runs of a new history with these reports, each a minute after the one before."""
    file = tmp_path / "runs.db"
    for n, report in enumerate(reports):
        history.append(file, {**report, "started": f"2026-11-25T10:{n:02}:00Z"})
    return history.runs(file)


def complete(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "complete": True}


def test_a_run_is_kept_with_what_it_found(tmp_path: Path) -> None:
    (run,) = kept(tmp_path, examples.failing())
    assert (run.endpoint, run.model, run.tool_calling, run.exit_code) == ("acme", "acme-large", "partial", 1)
    assert run.verdicts == {"Roo Code": "fails", "Kilo Code": "fails", "OpenAI Python SDK": "fails"}
    assert run.failures == {"toolstream.delta-index": 2, "usage.stream-totals": 1}
    assert run.first_token is None


def test_the_run_that_changed_something_is_named(tmp_path: Path) -> None:
    good, bad = examples.working(), examples.failing()
    changed = trend.changes(kept(tmp_path, good, good, bad, good))
    assert [bool(text) for text in changed] == [False, False, True, True]
    assert "Roo Code works → fails" in changed[2] and "tool calling complete → partial" in changed[2]
    assert "newly failing: toolstream.delta-index, usage.stream-totals" in changed[2]
    assert "fixed: toolstream.delta-index, usage.stream-totals" in changed[3]


def test_a_newer_suite_is_named_as_a_possible_reason(tmp_path: Path) -> None:
    newer = {**examples.failing(), "tool": {"version": "9.0.0"}}
    changed = trend.changes(kept(tmp_path, examples.working(), newer, newer))
    assert changed[1].startswith("version of this suite 1.0.0 → 9.0.0; Roo Code works → fails")
    assert changed[2] == ""


def test_runs_of_another_depth_and_incomplete_runs_change_nothing(tmp_path: Path) -> None:
    good, bad = examples.working(), examples.failing()
    runs = kept(tmp_path, good, {**bad, "complete": False}, {**bad, "depth": "quick"}, good)
    assert trend.changes(runs) == ["", "", "", ""]


def test_endpoints_and_models_are_separate(tmp_path: Path) -> None:
    other = {**examples.failing(), "endpoint": {**examples.failing()["endpoint"], "model": "acme-small"}}
    runs = kept(tmp_path, examples.working(), other, examples.working())
    assert [(endpoint, len(group)) for endpoint, group in trend.by_endpoint(runs)] == [
        (("acme", "acme-large"), 2),
        (("acme", "acme-small"), 1),
    ]
    assert [run["changed"] for run in trend.as_data(runs)["runs"]] == ["", "", ""]
    assert violations("conformance/history", trend.as_data(runs)) == []


def timed(*first_token: float | None) -> list[dict[str, Any]]:
    """Reports whose answers began after these seconds."""
    spreads = [{"median": s, "low": s, "high": s, "count": 3} if s is not None else None for s in first_token]
    return [{**examples.working(), "timings": {"first_token": t, "tokens_per_second": None}} for t in spreads]


def test_the_run_in_which_a_timing_changed_is_named_once(tmp_path: Path) -> None:
    runs = kept(tmp_path, *timed(0.21, 0.2, 0.25, 0.9, 0.91, None, 0.95, 0.2))
    changed = trend.changes(runs)
    assert changed[3] == "first token 0.21 → 0.9, worse than in the 3 runs before"
    assert [n for n, text in enumerate(changed) if text] == [3]  # back where it has been before is not new


def test_a_timing_is_compared_with_at_least_three_runs(tmp_path: Path) -> None:
    assert trend.changes(kept(tmp_path, *timed(0.2, 0.2, 0.9))) == ["", "", ""]


def rows_of(runs: list[history.Run], last: int = 9) -> dict[str, tuple[str, ...]]:
    """The rows of the chart and of the failed requirements, by their first cell."""
    tables = trend.page(runs, last).tables
    return {row[0]: row[1:] for table in (tables[0], tables[2]) for row in table.rows}


def test_the_chart_has_a_column_for_each_run(tmp_path: Path) -> None:
    good, bad = examples.working(), examples.failing()
    rows = rows_of(kept(tmp_path, good, {**good, "complete": False}, bad, {**good, "depth": "quick"}))
    assert {what: str(cells) for what, (cells, *_) in rows.items() if what != "OpenAI Python SDK"} == {
        "run": "1234",
        "changed": "··!·",
        "depth": "S·SQ",
        "Roo Code": "WWFW",
        "Kilo Code": "WWFW",
        "tool calling": "CCPC",
        "failed requirements": "▁▁█▁",
        "first token (s)": "····",
        "tokens per second": "····",
        "toolstream.delta-index": "··F·",
        "usage.stream-totals": "··F·",
    }
    assert rows["Roo Code"][1:3] == ("works", "works")
    assert rows["failed requirements"][1:] == ("0", "0", "0", "2")


def test_a_failed_requirement_has_its_first_and_last_run_even_if_not_shown(tmp_path: Path) -> None:
    good, bad = examples.working(), examples.failing()
    cells, often, first, last = rows_of(kept(tmp_path, good, bad, good, bad, good), 3)["usage.stream-totals"]
    assert (str(cells), often) == ("·F·", "2 of 5")
    assert (first, last) == ("2, 2026-11-25 10:01:00", "4, 2026-11-25 10:03:00")


class Page(HTMLParser):
    """The tags of a page with their attributes, and the texts within each kind of tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1][0] if self.tags else "", []).append(data)


def test_the_page_draws_each_run_with_a_letter_and_a_title_and_no_style_or_script(tmp_path: Path) -> None:
    runs = kept(tmp_path, *timed(0.2, None, 0.4), examples.failing(), complete(examples.hostile()))
    page = Page(as_html(trend.page(runs, 9)))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "a", "link"}
    assert not [
        name for _, attributes in page.tags for name in attributes if name in ("style", "href") or name[:2] == "on"
    ]
    assert len(page.texts["text"]) == [tag for tag, _ in page.tags].count("rect") + len(runs)
    assert "run 4, 2026-11-25 10:03:00: fails" in page.texts["title"]
    assert "run 3, 2026-11-25 10:02:00: 0.4" in page.texts["title"]
    strokes = [a["d"] for tag, a in page.tags if tag == "path" and "class" not in a]
    assert "M11 30.0M55 5.0" in strokes  # interrupted at the run without a value


def test_bars_reach_from_zero_to_the_largest_value() -> None:
    assert chart.bars([0, 1, 2, 4, None]) == "▁▃▅█·"
    assert chart.bars([0, 0]) == "▁▁"
    assert chart.bars([]) == ""


def test_only_the_last_runs_are_shown(tmp_path: Path) -> None:
    (run,) = kept(tmp_path, examples.working())
    many = [replace(run, started=f"run-{n:03}") for n in range(50)]
    text = as_terminal(trend.page(many, 5))
    assert "run-045" in text and "run-044" not in text and "last 5 of 50 runs" in text


def _append_many(file: Path) -> None:
    for _ in range(20):
        history.append(file, examples.failing())


@pytest.mark.full
def test_two_runs_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_append_many, args=(file,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    runs = history.runs(file)
    assert len(runs) == 40 and {len(run.failures) for run in runs} == {2}


def test_it_can_be_read_while_another_run_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "WAIT", 0.0)
    kept(tmp_path, examples.working())
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM run")
        assert len(history.runs(tmp_path / "runs.db")) == 1
        with pytest.raises(UsageError, match="locked"):
            history.append(tmp_path / "runs.db", examples.working())


def test_a_file_name_may_hold_the_characters_of_a_url(tmp_path: Path) -> None:
    file = tmp_path / "a?mode=memory#1 %41.db"
    history.append(file, examples.working())
    assert len(history.runs(file)) == 1
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


def _foreign(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()


def _later(file: Path) -> None:
    history.check(file)
    with sqlite3.connect(file) as database:
        database.execute(f"PRAGMA user_version = {history.VERSION + 1}")
    database.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda file: file.write_text("a text, and not a short one" * 50), "not usable as a history"),
        (lambda file: file.mkdir(), "not usable as a history"),
        (_foreign, "this database belongs to another program"),
        (_later, "written by a later version"),
    ],
)
def test_a_file_that_is_no_history_is_not_changed(tmp_path: Path, make: Any, message: str) -> None:
    file = tmp_path / "runs.db"
    make(file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(UsageError, match=message) as wrong:
        history.append(file, examples.working())
    assert "\n" not in str(wrong.value)
    assert (file.read_bytes() if file.is_file() else None) == before


def test_hostile_names_are_stored_as_values_and_escaped(tmp_path: Path) -> None:
    runs = kept(tmp_path, complete(examples.hostile()), complete(examples.hostile("'); DROP TABLE run; --")))
    text = as_terminal(trend.page(runs, 9))
    assert len(runs) == 2
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_the_command_appends_and_shows(command: Command) -> None:
    run = ("demo", "--depth", "quick", "--output", "out", "--history", "runs.db")
    assert command(*run).code == 0
    assert command(*run, "--fault", "delta-without-index").code == 1
    shown = json.loads(command("history", "runs.db", "--endpoint", "demo", "--format", "json").out)
    assert "newly failing: toolstream.index" in shown["runs"][1]["changed"]
    unknown = command("history", "runs.db", "--endpoint", "dem")
    assert (unknown.code, unknown.err) == (4, "conformance: unknown endpoint 'dem'; did you mean demo? (known: demo)\n")


def test_a_history_that_cannot_be_written_changes_no_verdict(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise UsageError("runs.db: not usable as a history: database or disk is full")

    monkeypatch.setattr(history, "append", full)
    ran = command("demo", "--depth", "quick", "--output", "out", "--history", "runs.db")
    assert (ran.code, "report: out/report.html" in ran.out) == (0, True)
    assert "conformance: runs.db: not usable as a history: database or disk is full" in ran.err.splitlines()


def test_a_history_that_cannot_be_used_sends_nothing(command: Command, here: Path) -> None:
    (here / "text").write_text("not a database at all, but a text of some length " * 20)
    for file in ("text", "nowhere/runs.db"):
        ran = command("demo", "--history", file)
        assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    (here / "empty.db").touch()
    for file in ("nowhere.db", "empty.db", "."):
        ran = command("history", file)
        assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
        assert "no such history" in ran.err
    assert not (here / "nowhere.db").exists()
