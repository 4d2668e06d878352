"""What a run leaves in the folder of --record: a file for each of its conversations, whatever goes wrong, and no others."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
import yaml

from conformance.clients import AGENTS
from conformance.endpoint.config import Endpoint
from conformance.errors import UsageError
from conformance.requirements.talk import Talk
from conformance.wire.recording import MANIFEST, Recorder, manifest_of
from tests.command import Command, report_in


@pytest.mark.full
def test_recording_one_conversation_again_changes_only_its_file(command: Command, here: Path, sound: list[str]) -> None:
    command(*sound, "--depth", "quick", "--record", "rec")
    before = {file.name: file.stat().st_ino for file in (here / "rec").iterdir()}
    manifest = (here / "rec" / MANIFEST).read_text()
    command(*sound, "--depth", "quick", "--record", "rec", "-k", "tool_loop", "--client", "cline")
    after = {file.name: file.stat().st_ino for file in (here / "rec").iterdir()}
    assert {name for name in before if before[name] != after[name]} - {MANIFEST} == {"tool_loop.yaml"}
    assert before.keys() == after.keys()
    assert (here / "rec" / MANIFEST).read_text() == manifest
    (profile,) = yaml.safe_load((here / "rec" / "tool_loop.yaml").read_text())["metadata"]["profiles"]
    assert profile.startswith("cline@")


def test_a_folder_of_another_endpoint_is_refused(command: Command, rec: Path, sound: list[str]) -> None:
    before = {file.name: file.read_bytes() for file in rec.iterdir()}
    ran = command(*sound, "--record", "rec")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert "--record rec: has a recording of reference-1 at http://127.0.0.1:" in ran.err
    assert {file.name: file.read_bytes() for file in rec.iterdir()} == before


def test_a_folder_of_other_cassettes_is_refused(command: Command, here: Path, sound: list[str]) -> None:
    (here / "rec").mkdir()
    (here / "rec" / "theirs.yaml").write_text("interactions: []\n")
    ran = command(*sound, "--record", "rec")
    assert (ran.code, ran.out) == (4, "")
    assert "--record rec: theirs.yaml is not part of a recording" in ran.err


def test_a_file_in_place_of_the_folder_is_reported(command: Command, here: Path, sound: list[str]) -> None:
    (here / "rec").touch()
    ran = command(*sound, "--record", "rec")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)


def recorder(folder: Path) -> Recorder:
    """A recorder as a run has it."""
    return Recorder(folder, manifest_of(Endpoint("http://h/v1", "m"), "quick", 1, AGENTS, ""), narrowed=False)


def complete(folder: Path) -> bool:
    return bool(json.loads((folder / MANIFEST).read_text())["complete"])


def test_two_runs_never_record_into_one_folder(tmp_path: Path) -> None:
    with recorder(tmp_path), pytest.raises(UsageError, match="another run is recording there"), recorder(tmp_path):
        pytest.fail("both record")
    with recorder(tmp_path):
        assert (tmp_path / MANIFEST).exists(), "the lock outlived its run"


def test_a_slow_disk_delays_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, free = os.replace, threading.Event()

    def slow(new: Path, old: Path) -> None:
        assert old.name == MANIFEST or free.wait(timeout=30)
        replace(new, old)

    monkeypatch.setattr(os, "replace", slow)
    with recorder(tmp_path) as one:
        one.keep(Talk("a"), asked_for=True)
        one.keep(Talk("b"), asked_for=True)
        assert not list(tmp_path.glob("*.yaml"))
        free.set()
    assert sorted(file.name for file in tmp_path.glob("*.yaml")) == ["a.yaml", "b.yaml"]


def test_a_recording_cut_short_keeps_what_is_over_and_says_so(tmp_path: Path) -> None:
    with recorder(tmp_path) as one:
        one.expect(["a", "b"])
        one.keep(Talk("a"), asked_for=True)
        one.finish("2026-11-25T00:00:00+00:00", 1.0)
    assert [file.name for file in tmp_path.glob("*.yaml")] == ["a.yaml"]
    assert not complete(tmp_path)
    assert one.summary.endswith("(1 conversations; 1 did not end)")


def test_a_recording_whose_run_was_killed_is_not_complete(tmp_path: Path) -> None:
    with recorder(tmp_path) as one:
        one.keep(Talk("a"), asked_for=True)
    assert (tmp_path / "a.yaml").exists() and not complete(tmp_path)


def test_a_full_disk_costs_the_cassettes_and_not_the_report(
    command: Command, sound: list[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(new: Path, old: Path) -> None:
        if old.name == "forced_call.yaml":
            raise OSError(28, "No space left on device")
        replace(new, old)

    monkeypatch.setattr(os, "replace", full)
    ran = command(*sound, "--depth", "quick", "--record", "rec", "--output", "out")
    assert ran.code == 0 and report_in(here / "out")["complete"]
    assert "; not written: forced_call: No space left on device)" in ran.out
    assert not complete(here / "rec")
    assert not [file for file in (here / "rec").iterdir() if file.name.startswith(".")]
    assert "rec: incomplete" in command("replay", "rec").out
