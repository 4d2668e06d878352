"""The conclusions of a stored report without its evidence: what a comparison of a hundred of them needs, read quickly.

Most of a report is evidence, which stands at its end, and most of the rest are observations, which take long to read and to check.
Neither is looked at here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.config import UsageError
from conformance.excerpt import shorten
from conformance.report import parsed, read
from conformance.schema import violations

_EVIDENCE = (
    '\n"exchanges": ['  # no text in JSON has a line break in it, so this is a key where `dumps` puts it
)
_OBSERVATIONS, _END = '\n"observations": [\n', "\n],\n"
_LEFT_OUT: dict[str, Any] = {
    **{name: [] for name in ("observations", "turns", "conversations", "first", "exchanges")},
    "probes": {},
    "arguments": None,
}


def conclusions(path: Path) -> dict[str, Any]:
    """The report in a file with its lists emptied; raises UsageError when the file does not hold one."""
    text = read(path)
    head, found, _ = text.partition(_EVIDENCE)
    try:
        report = parsed(f"{_without_observations(head)}{_EVIDENCE}]}}" if found else text, path)
    except UsageError:
        report = parsed(text, path)  # written by another program, in another order
    missing = [name for name in _LEFT_OUT if name not in report]
    if missing:
        raise UsageError(f"{path}: not a valid report: {missing[0]}: is missing")
    report |= _LEFT_OUT
    if wrong := violations("conformance/report", report):
        raise UsageError(f"{path}: not a valid report: {shorten(str(wrong[0]), 300)}")
    return report


def _without_observations(head: str) -> str:
    before, found, rest = head.partition(_OBSERVATIONS)
    return f"{before}{_OBSERVATIONS}],\n{rest.partition(_END)[2]}" if found else head
