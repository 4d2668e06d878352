"""Traffic in a file, read and judged, for the tests of recorded traffic."""

from __future__ import annotations

from pathlib import Path

from conformance.clients import CURRENT
from conformance.evidence.exchange import Exchange
from conformance.requirements import Outcome
from conformance.traffic.evidence import evidence
from conformance.traffic.files import read
from conformance.traffic.judge import FileResult, judge_file, probes_for
from tests.traffic.recordings import traffic

SOUND = traffic()


def written(folder: Path, data: bytes) -> Path:
    file = folder / "recorded"
    file.write_bytes(data)
    return file


def exchanges(file: Path) -> list[Exchange]:
    return [evidence(one, f"{file}#{n}", "c") for n, one in enumerate(read(file)[1], 1)]


def judged(folder: Path, data: bytes) -> FileResult:
    result = judge_file(written(folder, data), probes_for(CURRENT))
    assert not result.trouble
    return result


def failures(result: FileResult) -> dict[str, str]:
    """The failed requirements that affect a client, with what was seen."""
    return {
        o.requirement.id: o.actual or o.reason
        for o in result.wrong
        if o.outcome is Outcome.ERROR or set(o.requirement.severity.values()) - {"harmless"}
    }
