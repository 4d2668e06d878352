"""One row per observation, for spreadsheets; a cell that begins like a formula is quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.text import visible

_FORMULA = ("=", "+", "-", "@")
_COLUMNS = ["probe", "case", "area", "category", "outcome", "blame", "requirement", "actual", "reason", "remedy"]


def render(report: Mapping[str, Any]) -> str:
    """The observations as a table with a heading."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    clients = list(report["clients"])
    table.writerow(["endpoint", "model", "started", *_COLUMNS, *clients, "exchanges"])
    for observation in report["observations"]:
        table.writerow(_cell(value) for value in _row(report, observation, clients))
    return out.getvalue()


def _row(report: Mapping[str, Any], observation: Mapping[str, Any], clients: Sequence[str]) -> list[str]:
    about = [report["endpoint"]["name"], report["endpoint"]["model"], report["started"]]
    cells = [observation[column] or "" for column in _COLUMNS]
    severities = [observation["severity"].get(client, "") for client in clients]
    return [*about, *cells, *severities, " ".join(observation["exchanges"])]


def _cell(value: str) -> str:
    """The text on one line, with an apostrophe where a spreadsheet would calculate it."""
    text = visible(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
