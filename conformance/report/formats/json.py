"""The report itself, one observation and one exchange per line; `report.json` of every run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.report.json_file import dumps


def render(report: Mapping[str, Any]) -> str:
    """The report as JSON."""
    return dumps(report)
