"""The catalogue of the reports."""

from __future__ import annotations

from tests.detection.changes import Changes

REPORTS = Changes("report", "tests.detection.reports")
shown = REPORTS.shown
