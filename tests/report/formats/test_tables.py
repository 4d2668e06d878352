"""The formats for other programs: JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json

from conformance.report.formats import render
from tests.report.formats import examples


def test_json_is_the_report_itself() -> None:
    report = examples.failing()
    assert json.loads(render("json", report)) == report


def test_json_has_a_line_for_each_observation() -> None:
    lines = render("json", examples.failing()).splitlines()
    assert sum(line.startswith('{"probe": "toolstream.delta-index", "case"') for line in lines) == 2


def test_each_line_of_jsonl_is_complete() -> None:
    rows = [json.loads(line) for line in render("jsonl", examples.failing()).splitlines()]
    assert len(rows) == 7
    assert rows[0]["model"] == "acme-large"
    assert {row["outcome"] for row in rows} == {"passed", "failed", "blocked", "not-applicable"}


def test_csv_has_a_column_for_each_client() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv", examples.failing()))))
    assert [row["probe"] for row in rows].count("toolstream.delta-index") == 2
    assert rows[2]["roo-code"] == "breaks"
    assert rows[2]["exchanges"] == "tool_stream#1 tool_stream#2"


def test_no_cell_is_a_formula() -> None:
    for start in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1"):
        for row in csv.reader(io.StringIO(render("csv", examples.hostile(start)))):
            assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
