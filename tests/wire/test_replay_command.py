"""Replay: the same report without a network, and one clear line for whatever is wrong with a recording."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.reference import Provider, Server, serve
from conformance.runner.plan import MOST_REQUESTS
from conformance.schema import violations
from conformance.wire.cassette import digest
from conformance.wire.recording import MANIFEST
from tests.command import KEY, Command, report_in
from tests.quick import only

CONFIGURED = """
[endpoint.mine]
base_url = "{}?api_key=qk-canary-9f8e7d6c5b4a"
model = "reference-1"
api_key_env = "MY_KEY"
context_window = 131072
images = true
input_price = 1.5
output_price = 2
headers = {{ "X-Gateway-Token" = "gw-canary-aa00bb11cc22dd33", "X-Title" = "Kilo Code" }}
"""


@pytest.mark.parametrize(
    ("faults", "depth"),
    only(
        [
            (["delta-without-index", "stream-reset"], "quick"),
            ([], "quick"),
            (["delta-without-index", "stream-reset"], "standard"),
            (["one-at-a-time", "chat-500"], "standard"),
        ],
        lambda case: case == (["delta-without-index", "stream-reset"], "quick"),
    ),
)
def test_a_replay_gives_the_same_report_without_network_and_key(
    command: Command,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    faults: list[str],
    depth: str,
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    with serve(Provider("reference-1", KEY, faults=faults)) as server:
        (here / "conformance.toml").write_text(CONFIGURED.format(server.base_url))
        asked = ("--depth", depth, "--client", "ai-sdk")
        live = command("run", "mine", "--output", "live", "--record", "rec", *asked)
    monkeypatch.delenv("MY_KEY")
    (here / "conformance.toml").unlink()
    request.getfixturevalue("offline")
    again = command("replay", "rec", "--output", "again")
    assert again.code == live.code
    assert report_in(here / "again") == report_in(here / "live")
    assert "clients\nai-sdk@" in again.out and "(today)" in again.out and "nothing is sent" in again.out


@pytest.mark.full
def test_a_replay_repeats_as_often_as_the_run_did_and_no_run_exceeds_its_requests(
    command: Command, here: Path, request: pytest.FixtureRequest
) -> None:
    spoiled = ("--fault", "delta-without-index", "--every", "3", "--depth", "thorough", "-k", "toolstream.index")
    command("demo", *spoiled, "--output", "live", "--record", "rec", "--client", "roo-code")
    request.getfixturevalue("offline")
    command("replay", "rec", "--output", "again")
    live = report_in(here / "live")
    often = [o["actual"] for o in live["observations"] if o["probe"] == "toolstream.index" and o["actual"]]
    assert any(re.search(r"\((sometimes|mostly): \d of ([4-9]|1[0-2]),", actual) for actual in often), often
    assert live["cost"]["requests"] <= MOST_REQUESTS
    assert report_in(here / "again") == live


def test_every_cassette_and_the_manifest_are_as_their_schemas_say(recorded: Path) -> None:
    files = sorted((recorded / "rec").glob("*.yaml"))
    report = report_in(recorded / "live")
    assert [file.stem for file in files] == sorted(talk["name"] for talk in report["conversations"])
    for file in files:
        assert violations("conformance/cassette", yaml.safe_load(file.read_text())) == [], file.name
    assert violations("conformance/recording", json.loads((recorded / "rec" / MANIFEST).read_text())) == []
    assert json.loads((recorded / "rec" / MANIFEST).read_text())["complete"]


@pytest.mark.full
def test_other_clients_can_be_chosen_and_what_was_not_asked_for_them_says_so(
    command: Command, rec: Path, here: Path
) -> None:
    ran = command("replay", str(rec), "--client", "roo-code", "--output", "one")
    assert report_in(here / "one")["clients"]["roo-code"]["verdict"] == "works"
    assert [id for id, c in report_in(here / "one")["clients"].items() if c["chosen"]] == ["roo-code"]
    assert ran.code == 0


def resealed(change: Callable[[Any], None]) -> Callable[[Path], None]:
    """A change to a cassette that its digest does not tell."""

    def spoil(file: Path) -> None:
        data = yaml.safe_load(file.read_text())
        change(data)
        data["metadata"]["digest"] = digest(data)
        file.write_text(yaml.safe_dump(data))

    return spoil


def ask_otherwise(data: Any) -> None:
    data["interactions"][0]["request"]["body"] += " "


def come_from_elsewhere(data: Any) -> None:
    data["metadata"]["endpoint"]["model"] = "another"


def become_a_folder(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.mkdir()


def become_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.touch()


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "removed": (Path.unlink, "not in the cassette: record {} again"),
    "asked-otherwise": (resealed(ask_otherwise), "not in the cassette: record {} again"),
    "from-elsewhere": (resealed(come_from_elsewhere), "recorded from another endpoint, 'another' at 'http"),
    "edited": (lambda file: file.write_text(file.read_text().replace("code: 200", "code: 500")), "was edited after"),
    "cut": (lambda file: file.write_text(file.read_text()[:-200]), "line "),
    "not-text": (lambda file: file.write_bytes(b"\xff\xfe"), "not UTF-8 text"),
    "empty": (lambda file: file.write_text(""), "not a cassette of this suite"),
    "a-folder": (become_a_folder, "cannot be read"),
}


@pytest.mark.parametrize(
    ("how", "name"),
    only(
        [("removed", "preflight"), *((how, "forced_call") for how in SPOILED)],
        {("removed", "preflight"), ("edited", "forced_call")}.__contains__,
    ),
)
def test_a_conversation_whose_cassette_cannot_be_used_is_blocked_and_the_others_are_judged(
    command: Command, rec: Path, here: Path, how: str, name: str
) -> None:
    spoil, words = SPOILED[how]
    spoil(rec / f"{name}.yaml")
    ran = command("replay", "rec", "--output", "again")
    report = report_in(here / "again")
    assert ran.code == 6
    (talk,) = [talk for talk in report["conversations"] if talk["name"] == name]
    assert talk["blocked"].startswith("not in the cassette") and f"record {name} again" in talk["blocked"]
    assert words.format(name) in (talk["blocked"] + ran.out)
    assert sum(o["outcome"] == "passed" for o in report["observations"]) > 50
    assert not [o for o in report["observations"] if o["outcome"] in ("failed", "error")]
    assert ran.err == ""


def test_a_problem_of_a_file_is_one_line_at_the_start(command: Command, rec: Path) -> None:
    (rec / "preflight.yaml").write_text("a: [1\nb: 2\n")
    shutil.copy(rec / "forced_call.yaml", rec / "bygone.yaml")
    lines = command("replay", "rec").out.splitlines()[2:5]
    assert lines[1] == "rec/bygone.yaml: contains another conversation, 'forced_call'"
    assert lines[2].startswith("rec/preflight.yaml: line 2: not valid YAML: ")


@pytest.mark.full
def test_a_cassette_of_a_removed_conversation_is_named(command: Command, rec: Path) -> None:
    resealed(lambda data: data["metadata"].update(conversation="bygone"))(rec / "forced_call.yaml")
    (rec / "forced_call.yaml").rename(rec / "bygone.yaml")
    assert "rec: not used here: bygone" in command("replay", "rec").out


def tell(rec: Path, **changed: Any) -> None:
    """Has the manifest say something else."""
    manifest = json.loads((rec / MANIFEST).read_text())
    (rec / MANIFEST).write_text(json.dumps({**manifest, **changed}))


@pytest.mark.full
def test_what_a_file_says_reaches_the_terminal_in_visible_characters_only(command: Command, rec: Path) -> None:
    tell(rec, tool="\x1b[2J")
    resealed(lambda data: data["metadata"].update(conversation="\x1b[2J"))(rec / "preflight.yaml")
    ran = command("replay", "rec")
    assert "\x1b" not in ran.out + ran.err and "\\x1b[2J" in ran.out


@pytest.mark.full
def test_an_odd_endpoint_in_the_manifest_leaves_nothing_to_judge(command: Command, rec: Path) -> None:
    tell(rec, endpoint={"base_url": "no where", "model": "\x00", "name": "", "key": False, "headers": {}})
    ran = command("replay", "rec")
    assert ran.code == 6 and "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, "rec: no such folder"),
        (become_a_folder, f"no recording (no {MANIFEST})"),
        (become_a_file, "rec: not a folder"),
        (lambda rec: [file.unlink() for file in rec.glob("*.yaml")], "no recording (no cassettes)"),
        (lambda rec: (rec / MANIFEST).write_text("{"), f"{MANIFEST}: not JSON"),
        (lambda rec: (rec / MANIFEST).write_text("[]"), f"{MANIFEST}: must be an object"),
        (lambda rec: tell(rec, started="2026-02-30T00:00:00+00:00"), "started: not a valid time"),
        (lambda rec: tell(rec, profiles=["nobody@1"]), "unknown client 'nobody@1'"),
        (lambda rec: (rec / MANIFEST).write_text('{"schema": "conformance/recording/2"}'), "written in the format"),
    ],
)
def test_a_folder_without_a_recording_ends_with_4_and_a_line(
    command: Command, rec: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(rec)
    ran = command("replay", "rec")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert words in ran.err


@pytest.mark.full
def test_a_narrowed_recording_replays_as_it_was_narrowed(command: Command, here: Path, sound: list[str]) -> None:
    command(*sound, "--depth", "quick", "--record", "rec", "--output", "live", "-k", "tool_loop")
    command("replay", "rec", "--output", "again")
    assert report_in(here / "again") == report_in(here / "live")


def test_an_endpoint_that_does_not_answer_replays_alike(command: Command, here: Path, server: Server) -> None:
    where = ["--base-url", server.base_url.replace("/v1", "/nowhere"), "--model", "reference-1"]
    live = command("run", *where, "--depth", "quick", "--record", "rec", "--output", "live")
    again = command("replay", "rec", "--output", "again")
    assert (live.code, again.code) == (6, 6)
    assert report_in(here / "again") == report_in(here / "live")
