"""What `conformance judge` shows: the files, then each finding with what was seen, then what it means to each client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from conformance.report.text import chosen, documented, line, reason

MOST_FILES = 40  # more would not be looked at: then only those are listed that something is to be said of
MOST_PLACES = 3
_NAME, _LONGEST = 52, 300


def render(report: Mapping[str, Any]) -> str:
    """The files of recorded traffic and what was found in them, as plain text."""
    parts = [_files(report), _findings(report), _clients(report)]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _files(report: Mapping[str, Any]) -> Iterator[str]:
    """The table: file, exchanges that were judged, failures that a client feels; what was passed over below each."""
    files: Sequence[Mapping[str, Any]] = report["conversations"]
    felt = Counter(o["case"] for o in _felt(report))
    listed = [f for f in files if len(files) <= MOST_FILES or felt[f["name"]] or not f["requests"]]
    yield f"{'file':<{_NAME}} {'exchanges':>10} {'failures':>9}"
    for file in listed[: MOST_FILES * 5]:
        yield f"{_short(file['name']):<{_NAME}} {file['requests']:>10} {felt[file['name']]:>9}"
        if file["blocked"]:
            yield f"    {line(file['blocked'])}"
    if rest := len(files) - len(listed[: MOST_FILES * 5]):
        yield f"{f'{rest} more':<{_NAME}} {'':>10} {'':>9}".rstrip()
    yield f"{'all':<{_NAME}} {sum(f['requests'] for f in files):>10} {felt.total():>9}"


def _short(name: str) -> str:
    """The name within its column; of a long one the end, which tells most."""
    shown = line(name, 1_000)
    return shown if len(shown) <= _NAME else f"…{shown[1 - _NAME :]}"


def _felt(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The failures that break or degrade a client, chosen or not."""
    failed = [o for o in report["observations"] if o["outcome"] in ("failed", "error")]
    return [o for o in failed if set(o["severity"].values()) - {"harmless"} or o["outcome"] == "error"]


def _findings(report: Mapping[str, Any]) -> Iterator[str]:
    for id, group in groupby(_felt(report), key=lambda o: o["probe"]):
        yield from _finding(id, list(group), report)
    quiet = {o["probe"] for o in report["observations"] if o["outcome"] == "failed"} - {
        o["probe"] for o in _felt(report)
    }
    if quiet:
        yield f"No client feels: {', '.join(sorted(quiet))}"


def _finding(id: str, cases: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> Iterator[str]:
    first = cases[0]
    yield f"{id}: {line(first['requirement'])}"
    yield f"    {_who(first['severity'], report) or 'an error of ours'}"
    for case in cases[:MOST_PLACES]:
        where = case["exchanges"][0] if case["exchanges"] else case["case"]
        yield f"    {line(where)}: {line(case['actual'] or case['reason'], _LONGEST)}"
    if len(cases) > MOST_PLACES:
        yield f"    and in {len(cases) - MOST_PLACES} more files"
    if note := documented({"probe": id}, report):
        yield f"    documented by the provider: {line(note['what'])} {note['source']}"


def _who(severity: Mapping[str, str], report: Mapping[str, Any]) -> str:
    def names(how: str) -> str:
        return ", ".join(c["name"] for id, c in report["clients"].items() if severity.get(id) == how)

    return "; ".join(f"{how} {names(how)}" for how in ("breaks", "degrades") if names(how))


def _clients(report: Mapping[str, Any]) -> Iterator[str]:
    for client in chosen(report).values():
        yield f"{client['name']:<20} {client['verdict']:<9} {line(reason(client), _LONGEST)}"
