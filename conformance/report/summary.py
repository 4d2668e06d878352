"""The conclusions of a stored report without its evidence, which is all that a comparison of a hundred reports needs.

Only what is kept is checked against the schema: checking all of a report takes a second.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.evidence.exchange import shorten
from conformance.report.json_file import parsed, read
from conformance.schema import violations

FEATURES = {  # the requirement that shows each
    "text as it is written": "stream.incremental",
    "streamed calls": "toolstream.native",
    "calls as they are written": "toolstream.incremental",
    "forced calls": "tools.required",
    "parallel calls": "tools.parallel",
    "images": "images.seen",
    "developer role": "params.developer-read",
    "requests side by side": "load.side-by-side",
}
_SHOWN_BY = tuple(FEATURES.values())
_LEFT_OUT: dict[str, Any] = {
    **{name: [] for name in ("conversations", "first", "exchanges")},
    "probes": {},
    "arguments": None,
}


def conclusions(path: Path) -> dict[str, Any]:
    """The report in a file with most of its lists emptied; raises UsageError when the file holds no report.

    It keeps the observations that show one of `FEATURES`, and the turns that have a price.
    """
    gc.disable()  # a collection would visit each of the many new objects, none of which is in a cycle
    try:
        report = _kept(parsed(read(path), path))
    finally:
        gc.enable()
    if wrong := violations("conformance/report", report):
        raise UsageError(f"{path}: not a valid report: {shorten(str(wrong[0]), 300)}")
    return report


def _kept(report: dict[str, Any]) -> dict[str, Any]:
    """The report without its evidence; what has another shape stays for the schema to refuse."""
    report |= {name: empty for name, empty in _LEFT_OUT.items() if name in report}
    _keep(report, "observations", lambda o: o.get("probe") in _SHOWN_BY)
    _keep(report, "turns", lambda turn: turn.get("price") is not None)
    return report


def _keep(report: dict[str, Any], name: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
    if isinstance(report.get(name), list):
        report[name] = [entry for entry in report[name] if not isinstance(entry, dict) or wanted(entry)]
