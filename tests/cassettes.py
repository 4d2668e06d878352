"""Makes the recordings that come with the suite anew, at depth quick: the reference provider, sound and spoiled.

    python -m tests.cassettes [NAME ...]
    python -m tests.peers.run --record cassettes    those of real servers, which it installs and starts

What a conversation asks is compared with what its cassette holds, so a change of a quick conversation wants this.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.clients import CLIENTS
from conformance.explain import explain
from conformance.reference import Provider
from conformance.requirements.conversation import Depth
from conformance.runner import isolation
from conformance.runner.plan import recorder_for
from conformance.runner.settings import Settings
from tests.command import KEY, ROOT
from tests.inprocess import InProcess

FOLDER = ROOT / "cassettes"
BASE_URL = "http://127.0.0.1:8080/v1"  # of `conformance serve`; nothing is opened there


@dataclass(frozen=True)
class Shown:
    """What a recording shows: a fault, the level of tool calling, the headings with a problem, the exit code."""

    faults: tuple[str, ...]
    level: str
    problems: frozenset[str]
    code: int


OF_REFERENCE = {
    "reference": Shown((), "complete", frozenset(), 0),
    "reference-delta-without-index": Shown(("delta-without-index",), "partial", frozenset({"tool-calling-errors"}), 1),
    "reference-calls-as-text": Shown(
        ("calls-as-text", "streamed-calls-as-xml"), "none", frozenset({"tool-calling-errors"}), 1
    ),
    "reference-stream-reset": Shown(("stream-reset",), "unknown", frozenset({"connection-errors"}), 1),
    "reference-key-always-refused": Shown(("key-always-refused",), "unknown", frozenset({"invalid-api-key"}), 6),
    "reference-model-unknown": Shown(("model-unknown",), "unknown", frozenset({"model-not-found"}), 6),
}
OF_PEERS = {
    "aimock": Shown((), "complete", frozenset({"unexpected-results"}), 0),
    "litellm": Shown((), "complete", frozenset({"invalid-api-key"}), 0),
    "llama.cpp": Shown((), "complete", frozenset({"model-not-found"}), 0),
}
RECORDED = {**OF_REFERENCE, **OF_PEERS}


def record(name: str, folder: Path) -> None:
    """Records the provider of that name into a folder that holds nothing else afterwards."""
    provider = Provider("reference-1", KEY, faults=OF_REFERENCE[name].faults)
    with tempfile.TemporaryDirectory() as output:
        settings = Settings(
            explain.endpoint_of(provider, BASE_URL, name),
            Depth.QUICK,
            CLIENTS,
            output=Path(output),
            transport=lambda *_: InProcess(provider),
        )
        shutil.rmtree(folder, ignore_errors=True)
        with recorder_for(folder, settings, "") as recorder:
            _, made, _ = isolation.main(replace(settings, recorder=recorder))
            assert made is not None
            recorder.finish(made["started"], made["seconds"])
        print(recorder.summary, made["exit_code"], made["tool_calling"]["level"])


def main(names: Sequence[str]) -> None:
    """Records these, or all."""
    for name in names or OF_REFERENCE:
        record(name, FOLDER / name)


if __name__ == "__main__":
    main(sys.argv[1:])
