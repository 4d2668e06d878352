"""The conclusions of a stored report without its evidence: what a comparison of a hundred of them needs, read quickly.

Most of a report is evidence, which stands at its end, and most of the rest are observations, which take long to read and to check.
Of these only the few are looked at that show a feature.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.evidence.truncate import shorten
from conformance.report.json_file import parsed, read
from conformance.schema import violations

# no text in JSON has a line break in it, so these are keys and ends where `dumps` puts them
_EVIDENCE, _OBSERVATIONS, _END = b'\n"exchanges": [', b'\n"observations": [\n', b"\n],\n"
FEATURES = {  # each by the requirement that shows it, of which there are a few observations only
    "text as it is written": "stream.incremental",
    "streamed calls": "toolstream.native",
    "calls as they are written": "toolstream.incremental",
    "forced calls": "tools.required",
    "parallel calls": "tools.parallel",
    "images": "images.seen",
    "developer role": "params.developer-read",
    "requests side by side": "load.side-by-side",
}
_SHOWING = tuple(f'{{"probe": "{probe}",'.encode() for probe in FEATURES.values())
_LEFT_OUT: dict[str, Any] = {
    **{name: [] for name in ("conversations", "first", "exchanges")},
    "probes": {},
    "arguments": None,
}


def conclusions(path: Path) -> dict[str, Any]:
    """The report in a file without most of its lists; raises UsageError when the file does not hold one.

    Of the observations those are left that show one of `FEATURES`, of the turns those with a price.
    """
    text = read(path)
    head, found, _ = text.partition(_EVIDENCE)
    try:
        report = parsed(_with_few_observations(head) + _EVIDENCE + b"]}" if found else text, path)
    except UsageError:
        report = parsed(text, path)  # written by another program, in another order
    missing = [name for name in (*_LEFT_OUT, "observations", "turns") if name not in report]
    if missing:
        raise UsageError(f"{path}: not a valid report: {missing[0]}: is missing")
    showing = _only(report["observations"], lambda o: o.get("probe") in FEATURES.values())
    paid = _only(report["turns"], lambda turn: turn.get("price") is not None)
    report |= {**_LEFT_OUT, "observations": showing, "turns": paid}
    if wrong := violations("conformance/report", report):
        raise UsageError(f"{path}: not a valid report: {shorten(str(wrong[0]), 300)}")
    return report


def _with_few_observations(head: bytes) -> bytes:
    before, found, rest = head.partition(_OBSERVATIONS)
    all_of_them, _, after = rest.partition(_END)
    few = b",\n".join(line.rstrip(b",") for line in all_of_them.split(b"\n") if line.startswith(_SHOWING))
    return before + _OBSERVATIONS + few + _END + after if found else head


def _only(values: Any, wanted: Callable[[dict[str, Any]], bool]) -> Any:
    """Those that are wanted; what is of another shape stays, to be complained of."""
    if not isinstance(values, list):
        return values
    return [value for value in values if not isinstance(value, dict) or wanted(value)]
