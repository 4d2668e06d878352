"""The log that pytest-html writes of a run agrees with the report, and each links to the other."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest

from conformance.report.pytest_log import log_summary
from conformance.report.text import totals
from tests.command import Command, report_in
from tests.report.formats import examples


@pytest.mark.parametrize("faults", [[], ["--fault", "delta-without-index", "--fault", "error-in-stream"]])
def test_log_and_report_agree_and_link_to_each_other(command: Command, here: Path, faults: list[str]) -> None:
    command("demo", *faults, "--depth", "quick", "--output", "out")
    report = report_in(here / "out")
    page, log = ((here / "out" / name).read_text("utf-8") for name in ("report.html", "pytest.html"))
    assert 'href="pytest.html"' in page
    assert 'href="report.html"' in log
    assert all(piece in log for piece in log_summary(report))
    assert f"<p>{totals(report)}. " in log
    assert totals(report) in page
    blob = re.search(r'data-jsonblob="([^"]*)"', log)
    assert blob
    logged = Counter(case["result"] for cases in json.loads(unescape(blob[1]))["tests"].values() for case in cases)
    judged = Counter(seen["outcome"] for seen in report["observations"])
    assert logged["Failed"] == judged["failed"] + judged["error"]
    assert logged["Passed"] == judged["passed"]
    assert logged["Skipped"] >= judged["blocked"] + judged["not-applicable"]
    assert logged.keys() <= {"Failed", "Passed", "Skipped"}


def test_a_providers_text_is_no_markup_in_the_log() -> None:
    summary = "".join(log_summary(examples.hostile()))
    assert set(re.findall(r"<(/?\w+)", summary)) <= {"p", "/p", "a", "/a", "ul", "/ul", "li", "/li"}
    assert "does not work with: Roo Code, Kilo Code, OpenAI Python SDK" in summary
