"""What `conformance judge` shows: the files, each failure with its evidence, and the verdict for each client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from conformance.report.text import affected, chosen, documented, headline, line, sentence

MOST_FILES = 40  # of more files, only those with a failure or without an exchange are listed
MOST_PLACES = 3  # places shown of one failure
_NAME, _LONGEST = 52, 300


def render(report: Mapping[str, Any]) -> str:
    """The files of recorded traffic and the failures in them, as plain text."""
    parts = [_files(report), _failures(report), _clients(report)]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _files(report: Mapping[str, Any]) -> Iterator[str]:
    """The table: file, exchanges judged, failures that affect a client; below each file why parts of it were skipped."""
    files: Sequence[Mapping[str, Any]] = report["conversations"]
    failures = Counter(o["case"] for o in _affecting(report))
    listed = [f for f in files if len(files) <= MOST_FILES or failures[f["name"]] or not f["requests"]]
    yield f"{'file':<{_NAME}} {'exchanges':>10} {'failures':>9}"
    for file in listed[: MOST_FILES * 5]:
        yield f"{_short(file['name']):<{_NAME}} {file['requests']:>10} {failures[file['name']]:>9}"
        if file["blocked"]:
            yield f"    {line(file['blocked'])}"
    if rest := len(files) - len(listed[: MOST_FILES * 5]):
        yield f"{f'{rest} more':<{_NAME}} {'':>10} {'':>9}".rstrip()
    yield f"{'all':<{_NAME}} {sum(f['requests'] for f in files):>10} {failures.total():>9}"


def _short(name: str) -> str:
    """The name cut to its column; of a long one the end, which says most."""
    shown = line(name, 1_000)
    return shown if len(shown) <= _NAME else f"…{shown[1 - _NAME :]}"


def _affecting(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Internal errors, and the failures that break or degrade a client, chosen or not."""
    failed = [o for o in report["observations"] if o["outcome"] in ("failed", "error")]
    return [o for o in failed if set(o["severity"].values()) - {"harmless"} or o["outcome"] == "error"]


def _failures(report: Mapping[str, Any]) -> Iterator[str]:
    affecting = _affecting(report)
    for id, group in groupby(affecting, key=lambda o: o["probe"]):
        yield from _failure(id, list(group), report)
    failed = {o["probe"] for o in report["observations"] if o["outcome"] == "failed"}
    if harmless := failed - {o["probe"] for o in affecting}:
        yield f"Failed, but affects no client: {', '.join(sorted(harmless))}"


def _failure(id: str, cases: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> Iterator[str]:
    first = cases[0]
    yield f"{id}: {line(headline(report, id))}"
    if first["outcome"] == "error":
        yield "    internal error of this suite, please report it"
    else:
        yield f"    {affected(first['severity'], report)}"
    for case in cases[:MOST_PLACES]:
        where = case["exchanges"][0] if case["exchanges"] else case["case"]
        yield f"    {line(where)}: {line(case['actual'] or case['reason'], _LONGEST)}"
    if len(cases) > MOST_PLACES:
        yield f"    and in {len(cases) - MOST_PLACES} more files"
    if note := documented(report, id):
        yield f"    documented by the provider: {line(note['what'])} {note['source']}"


def _clients(report: Mapping[str, Any]) -> Iterator[str]:
    for client in chosen(report).values():
        yield f"{client['name']:<20} {client['verdict']:<9} {line(sentence(client['summary']), _LONGEST)}"
