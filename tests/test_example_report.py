"""The example report is small, valid, and rendered by the reporters of today."""

from __future__ import annotations

import gzip
import json

import pytest

from conformance.schema import violations
from tests.example_report import FOLDER, MOST, STORED, rendered


def test_the_example_report_is_at_most_a_megabyte_in_all() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST


def test_the_stored_report_is_valid_and_of_a_whole_run_with_a_failure() -> None:
    report = json.loads(gzip.decompress(STORED.read_bytes()))
    assert violations("conformance/report", report) == []
    assert report["complete"] and report["exit_code"] == 1


@pytest.mark.parametrize("name", ["report.html", "summary.md"])
def test_its_files_are_as_the_reporters_make_them_today(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == rendered()[name], "run `nox -s documents`"
