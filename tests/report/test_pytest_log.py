"""The log that pytest-html writes of a run says what the report says, and each leads to the other."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest

from conformance.report.pytest_log import log_summary
from conformance.report.text import tally
from tests.command import Command, report_in
from tests.report.formats import examples


@pytest.mark.parametrize("faults", [[], ["--fault", "delta-without-index", "--fault", "error-in-stream"]])
def test_log_and_report_agree_and_lead_to_each_other(command: Command, here: Path, faults: list[str]) -> None:
    command("demo", *faults, "--depth", "quick", "--output", "out")
    report = report_in(here / "out")
    page, log = ((here / "out" / name).read_text("utf-8") for name in ("report.html", "pytest.html"))
    assert 'href="pytest.html"' in page
    assert 'href="report.html"' in log
    assert all(piece in log for piece in log_summary(report))
    assert f"<p>{tally(report)}. " in log
    assert tally(report) in page
    blob = re.search(r'data-jsonblob="([^"]*)"', log)
    assert blob
    told = Counter(
        case["result"] for cases in json.loads(unescape(blob[1]))["tests"].values() for case in cases
    )
    judged = Counter(seen["outcome"] for seen in report["observations"])
    assert told["Failed"] == judged["failed"] + judged["error"]
    assert told["Passed"] == judged["passed"]
    assert told["Skipped"] >= judged["blocked"] + judged["not-applicable"]
    assert told.keys() <= {"Failed", "Passed", "Skipped"}


def test_what_a_provider_said_is_no_markup_in_the_log() -> None:
    told = "".join(log_summary(examples.hostile()))
    assert set(re.findall(r"<(/?\w+)", told)) <= {"p", "/p", "a", "/a", "ul", "/ul", "li", "/li"}
    assert "does not work with: Roo Code, Kilo Code, OpenAI Python SDK" in told
