"""`conformance judge`: its output, its files and its exit codes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.schema import violations
from conformance.traffic import content as reading
from conformance.traffic.formats import json_lines as jsonlog
from conformance.traffic.recorded import MOST
from tests.command import ROOT, Command, report_in
from tests.traffic.recordings import FORCED, HI, Seen, curl, har, log, traffic, vcrpy

SOUND, SPOILED = traffic(), traffic("delta-without-index")
DEGRADED = traffic("completion-without-usage")


def test_correct_traffic_exits_with_0_and_never_says_works(command: Command, here: Path) -> None:
    (here / "sound.har").write_bytes(har(SOUND))
    ran = command("judge", "sound.har", "--output", "out")
    assert (ran.code, ran.err) == (0, "")
    assert "Only 7 recorded exchanges were judged; run the suite" in ran.out
    assert {c["verdict"] for c in report_in(here / "out")["clients"].values()} == {"unknown"}


def test_what_breaks_a_chosen_client_exits_with_1(command: Command, here: Path) -> None:
    (here / "bad.yaml").write_bytes(vcrpy(SPOILED))
    ran = command("judge", "bad.yaml", "--output", "out", "--client", "kilo-code")
    assert ran.code == 1
    assert "toolstream.index: Tool-call deltas have no `index`" in ran.out
    assert "bad.yaml#4: delta 0 has no index" in ran.out
    assert report_in(here / "out")["clients"]["kilo-code"]["verdict"] == "fails"


def test_strict_makes_a_degraded_client_count(command: Command, here: Path) -> None:
    (here / "some.yaml").write_bytes(vcrpy(DEGRADED))
    assert command("judge", "some.yaml", "--output", "out").code == 0
    assert command("judge", "some.yaml", "--output", "out", "--strict").code == 1


@pytest.mark.parametrize(("host", "noted"), [("api.together.xyz", True), ("api.groq.com", False), ("127.0.0.1", False)])
def test_documented_deviations_of_the_provider_at_that_host_are_shown(
    host: str, noted: bool, command: Command, here: Path
) -> None:
    spoiled = traffic("finish-reason-eos", asked=[{"messages": HI}])
    (here / "some.yaml").write_bytes(vcrpy(spoiled).replace(b"api.provider.example", host.encode()))
    ran = command("judge", "some.yaml", "--output", "out", "--strict", "--client", "openai-python")
    assert ran.code == 1, "a documented deviation affects clients all the same"
    assert ("documented by the provider: finish_reason may also be eos." in ran.out) == noted
    noted_in_report = [o["probe"] for o in report_in(here / "out")["observations"] if "documented" in o]
    assert noted_in_report == (["chat.finish-reason"] if noted else [])


def test_a_folder_is_judged_file_by_file(command: Command, here: Path) -> None:
    folder = here / "all" / ".deeper"
    folder.mkdir(parents=True)
    (folder / "one.har").write_bytes(har(SOUND))
    (folder / "two.log").write_bytes(log(SPOILED))
    (folder / "three.txt").write_bytes(curl(SOUND))
    (folder / "test_of_a_chat").write_bytes(vcrpy(SOUND))
    (folder / "LICENSE").write_bytes(b"Permission is granted")
    (folder / "picture.png").write_bytes(b"\x89PNG\0")
    (here / "all" / ".git").mkdir()
    (here / "all" / ".git" / "four.har").write_bytes(har(SPOILED))
    ran = command("judge", "all", "--output", "out")
    rows = {row.split()[0]: row.split()[1:] for row in ran.out.splitlines()[1:6]}
    assert rows["all/.deeper/one.har"] == ["7", "0"]
    assert rows["all/.deeper/three.txt"] == ["7", "0"]
    assert rows["all/.deeper/test_of_a_chat"] == ["7", "0"]
    assert rows["all"][0] == "28"
    assert ran.err == ""
    assert int(rows["all/.deeper/two.log"][1]) == int(rows["all"][1]) > 0


def test_the_report_is_valid_and_every_failure_names_its_exchanges(command: Command, here: Path) -> None:
    (here / "bad.yaml").write_bytes(vcrpy(SPOILED))
    command("judge", "bad.yaml", "--output", "out")
    made = report_in(here / "out")
    assert violations("conformance/report", made) == []
    kept = {exchange["id"] for exchange in made["exchanges"]}
    failed = [o for o in made["observations"] if o["outcome"] == "failed"]
    assert failed
    assert all(o["case"] == "bad.yaml" and o["exchanges"] and set(o["exchanges"]) <= kept for o in failed)
    assert made["endpoint"]["name"] == "api.provider.example"
    assert {"report.html", "junit.xml", "summary.md"} <= set(os.listdir(here / "out"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.har", b"", "is empty"),
        ("binary.har", b"\0\1\2", "is binary"),
        ("cut.har", har(SOUND)[:500], "breaks off"),
        ("foreign.json", b'{"hello": 1}', "is none of the known formats"),
        ("words.txt", b"dear diary", "is none of the known formats"),
    ],
)
def test_bad_input_is_one_line_and_4(name: str, data: bytes, reason: str, command: Command, here: Path) -> None:
    (here / name).write_bytes(data)
    ran = command("judge", name)
    assert ran.code == 4
    first, *rest = ran.err.splitlines()
    assert first.startswith(f"conformance: {name}: ")
    assert reason in first
    assert rest == ["conformance: nothing to judge: no chat completion and no model list"]


def test_the_other_files_are_judged_despite_a_bad_one(command: Command, here: Path) -> None:
    (here / "bad.har").write_bytes(b"{")
    (here / "sound.har").write_bytes(har(SOUND))
    ran = command("judge", "bad.har", "sound.har", "--output", "out")
    assert ran.code == 0
    assert ran.err.startswith("conformance: bad.har: ")
    assert "bad.har" in ran.out


def test_a_missing_file_is_reported(command: Command) -> None:
    ran = command("judge", "nowhere.har")
    assert ran.code == 4
    assert "nowhere.har: cannot be read (No such file or directory)" in ran.err


def test_a_file_that_is_too_large_is_reported(command: Command, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 1_000)
    (here / "large.har").write_bytes(har(SOUND))
    ran = command("judge", "large.har")
    assert ran.code == 4
    assert "large.har: is larger than" in ran.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_is_reported(command: Command, here: Path) -> None:
    (here / "closed").mkdir(mode=0)
    ran = command("judge", "closed")
    assert ran.code == 4


def test_only_other_kinds_of_traffic_exit_with_6(command: Command, here: Path) -> None:
    other = Seen("POST", "https://h/v1/embeddings", {}, b"{}", 200, {}, b"{}")
    (here / "other.yaml").write_bytes(vcrpy([other]))
    ran = command("judge", "other.yaml")
    assert ran.code == 6
    assert "nothing to judge" in ran.err


def test_judge_does_not_wait_for_a_pipe(command: Command, here: Path) -> None:
    os.mkfifo(here / "pipe.har")
    ran = command("judge", "pipe.har")
    assert (ran.code, ran.err.splitlines()[0]) == (4, "conformance: pipe.har: is no file")


def test_when_nothing_is_judged_every_file_has_its_reason(command: Command, here: Path) -> None:
    (here / "bare.har").write_bytes(har([replace(one, body=b"") for one in SOUND]))
    (here / "cut.har").write_bytes(har(SOUND)[:-200])
    ran = command("judge", "bare.har", "cut.har")
    assert ran.code == 4
    assert ran.err.splitlines()[:2] == [
        "conformance: bare.har: 7 skipped: the body of the answer was not recorded",
        "conformance: cut.har: is JSON that breaks off or is damaged",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_within_a_folder_is_reported(command: Command, here: Path) -> None:
    (here / "all" / "closed").mkdir(parents=True)
    (here / "all" / "one.har").write_bytes(har(SOUND))
    (here / "all" / "closed").chmod(0)
    ran = command("judge", "all", "--output", "out")
    (here / "all" / "closed").chmod(0o700)
    assert (ran.code, ran.err) == (0, "conformance: all/closed: cannot be read (Permission denied)\n")


def test_an_empty_folder_exits_with_6(command: Command, here: Path) -> None:
    (here / "none").mkdir()
    assert command("judge", "none").code == 6


def test_an_unknown_client_is_reported_before_anything_is_read(command: Command) -> None:
    ran = command("judge", "nowhere.har", "--client", "roo-cod")
    assert ran.code == 4
    assert "did you mean roo-code" in ran.err


def test_an_answer_that_a_client_reads_in_full_does_not_break_it(command: Command, here: Path) -> None:
    spoiled = traffic("call-without-id", asked=[FORCED])
    (here / "some.yaml").write_bytes(vcrpy(spoiled))
    assert command("judge", "some.yaml", "--output", "out", "--client", "ai-sdk").code == 0
    severity = {o["probe"]: o["severity"] for o in report_in(here / "out")["observations"]}
    assert severity["tools.call-shape"]["ai-sdk"] == "degrades"
    assert severity["tools.call-shape"]["roo-code"] == "harmless", "it streams its turns"


def test_missing_members_that_no_client_reads_are_harmless(command: Command, here: Path) -> None:
    (here / "some.yaml").write_bytes(vcrpy(traffic("completion-without-id", asked=[{"messages": HI}])))
    ran = command("judge", "some.yaml", "--output", "out", "--strict")
    assert (ran.code, "Failed, but affects no client: chat.shape" in ran.out) == (0, True)


def test_the_worst_case_of_a_requirement_decides(command: Command, here: Path) -> None:
    (here / "a.yaml").write_bytes(vcrpy(traffic("completion-without-id", asked=[{"messages": HI}])))
    (here / "b.yaml").write_bytes(vcrpy(traffic("created-as-text", asked=[{"messages": HI}])))
    assert command("judge", "a.yaml", "b.yaml", "--output", "out", "--client", "ai-sdk").code == 1


def test_only_exchanges_that_show_a_failure_are_kept(command: Command, here: Path) -> None:
    many = traffic("finish-reason-eos", asked=[{"messages": HI}] * 40)
    (here / "many.yaml").write_bytes(vcrpy(many))
    ran = command("judge", "many.yaml", "--output", "out")
    assert "always: 40 of 40" in ran.out
    assert len(report_in(here / "out")["exchanges"]) == 3


def test_explain_knows_the_requirements_of_recorded_traffic(command: Command) -> None:
    ran = command("explain", "client.roo-code-reads")
    assert ran.code == 0
    assert "Judged from: recorded traffic" in ran.out


def test_the_manifest_of_a_recording_is_not_an_unreadable_file(command: Command, rec: Path) -> None:
    ran = command("judge", str(rec))
    assert (ran.code, ran.err) == (0, "")
    assert "recording.json" in ran.out


def test_the_guide_names_the_formats_and_the_largest_size() -> None:
    manual = (ROOT / "docs" / "judge-recorded-traffic.md").read_text("utf-8")
    keys = {*jsonlog.SIDES["request"][:2], *jsonlog.SIDES["response"][:2], jsonlog.URLS[0], jsonlog.STATUSES[0]}
    assert {key for key in keys if f"`{key}`" not in manual} == set()
    assert f"above {MOST // 1_000_000} MB" in manual
    assert all(name in manual for name in ("HAR", "vcrpy", "curl -v", "VCR for Ruby", "go-vcr"))
