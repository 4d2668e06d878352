"""The example report that the documents link to: a run against the reference provider with a known defect.

    python -m tests.example_report     runs it anew, with the requests and words of today, and without a socket

The stored report is compressed, which keeps the folder small; what people open is rendered from it.
"""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from conformance.clients.named import clients_named
from conformance.endpoint.config import Endpoint
from conformance.reference import Provider
from conformance.report.formats import render
from conformance.report.json_file import dumps
from conformance.report.output import RENDERED
from conformance.runner.run import conclude_run, observe
from conformance.runner.settings import Settings
from tests.command import KEY, ROOT
from tests.inprocess import InProcess, SkippingLoop

FOLDER = ROOT / "reports" / "example"
STORED = FOLDER / "report.json.gz"
MOST = 1_000_000  # bytes of the whole folder
STARTED = datetime(2026, 11, 25, 13, 11, 16, tzinfo=UTC)


def run() -> dict[str, Any]:
    """The report of a run by two clients, against a provider that takes its time."""
    provider = Provider(
        "reference-1", KEY, faults=["delta-without-index"], latency=0.2, token_gap=0.002, clock=STARTED.timestamp
    )
    settings = Settings(
        Endpoint("http://127.0.0.1:8080/v1", "reference-1", key=KEY),
        clients=clients_named(["roo-code", "kilo-code"]),
        transport=lambda *_: InProcess(provider),
    )
    with mock.patch("asyncio.new_event_loop", SkippingLoop):
        observations, talks = observe(settings)
    seconds = max(talk.started + talk.seconds for talk in talks)
    return {**conclude_run(settings, STARTED, observations, talks, ""), "seconds": round(seconds, 6)}


def rendered() -> dict[str, str]:
    """The files that people open, by name, as the stored report looks in them today."""
    report = json.loads(gzip.decompress(STORED.read_bytes()))
    return {name: render(form, report) for name, form in RENDERED.items() if name != "junit.xml"}


def main() -> None:
    """Writes the whole folder."""
    STORED.write_bytes(gzip.compress(dumps(run()).encode(), mtime=0))
    for name, text in rendered().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
