"""The recordings that come with the suite: each shows what it is there for, without a port, and holds no key."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.evidence.redaction import leaks
from conformance.wire.replay import recording_in, shipped
from tests.cassettes import FOLDER, RECORDED
from tests.command import KEY, Command, report_in
from tests.quick import only

MOST = 1_000_000  # bytes of all together: every installation carries them


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", only(RECORDED, "reference-delta-without-index".__eq__))
def test_a_recording_is_judged_as_it_was_without_a_port(command: Command, here: Path, name: str) -> None:
    ran = command("demo", "--replay", name, "--output", "out")
    report, shown = report_in(here / "out"), RECORDED[name]
    problems = frozenset(id for id, heading in report["categories"].items() if heading["status"] == "problem")
    assert (ran.code, report["tool_calling"]["level"], problems) == (shown.code, shown.level, shown.problems)
    assert not [talk for talk in report["conversations"] if "not in the cassette" in talk["blocked"]]
    assert "not complete" not in ran.out and "not used here" not in ran.out


@pytest.mark.full
@pytest.mark.usefixtures("offline")
def test_the_demo_replays_the_sound_provider_when_nothing_is_named(command: Command) -> None:
    assert "All 6 clients       works" in command("demo", "--replay").out


def test_there_is_a_recording_for_every_entry_and_no_other() -> None:
    assert sorted(shipped()) == sorted(RECORDED) == sorted(folder.name for folder in FOLDER.iterdir())


def test_they_are_small_and_hold_no_key() -> None:
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < MOST
    assert [file.name for file in files if leaks([KEY], file.read_bytes())] == []


def test_every_file_can_be_used() -> None:
    unusable = {name: dict(recording_in(folder).unusable) for name, folder in shipped().items()}
    assert not any(unusable.values()), unusable


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replay", "referense"], "unknown recording 'referense'; did you mean reference?"),
        (["--replay", "--fault", "stream-cut"], "leave out --fault"),
        (["--replay", "--record", "rec"], "leave out --fault"),
    ],
)
def test_what_a_replay_cannot_do_is_refused(command: Command, arguments: list[str], words: str) -> None:
    ran = command("demo", *arguments)
    assert (ran.code, ran.out) == (4, "") and words in ran.err
