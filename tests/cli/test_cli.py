"""The exit codes of a run mean what the documents say, and so does its report."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import reference
from conformance.probes.catalogue import catalogue
from conformance.reference import Server
from conformance.runner import session
from tests.command import KEY, Command, report_in
from tests.interrupting import interrupted
from tests.quick import only
from tests.wire.raw_server import free_port

WHICH = ["--model", "m"]


def test_everything_works_ends_with_0_and_leaves_the_files(command: Command, sound: list[str], here: Path) -> None:
    ran = command(*sound, "--output", "out")
    assert ran.code == 0, ran.out + ran.err
    assert {file.name for file in (here / "out").iterdir()} == {
        "report.json",
        "report.html",
        "junit.xml",
        "summary.md",
        "pytest.html",
    }
    report = report_in(here / "out")
    assert (report["exit_code"], report["complete"]) == (0, True)
    assert {client["verdict"] for client in report["clients"].values()} == {"works"}
    assert "report: out/report.html" in ran.out


def test_without_output_the_latest_report_is_easy_to_find(command: Command, sound: list[str], here: Path) -> None:
    assert command(*sound, "--depth", "quick").code == 0
    assert (here / "reports" / "latest").is_symlink()
    assert report_in(here / "reports" / "latest")["depth"] == "quick"


def test_a_folder_above_the_current_one_takes_the_report(command: Command, here: Path) -> None:
    assert command("demo", "--depth", "quick", "--output", f"../{here.name}/out").code == 0
    assert report_in(here / "out")["depth"] == "quick"


def test_a_named_endpoint_is_judged(
    command: Command, server: Server, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    text = f'[endpoint.prod]\nbase_url = "{server.base_url}"\nmodel = "reference-1"\napi_key_env = "MY_KEY"\n'
    (here / "conformance.toml").write_text(text)
    assert command("run", "prod", "--depth", "quick", "--output", "out").code == 0
    assert report_in(here / "out")["endpoint"]["name"] == "prod"


def test_a_client_that_fails_ends_with_1(command: Command, here: Path) -> None:
    assert command("demo", "--depth", "quick", "--fault", "tools-refused", "--output", "out").code == 1
    report = report_in(here / "out")
    assert (report["exit_code"], report["clients"]["roo-code"]["verdict"]) == (1, "fails")


@pytest.mark.full
def test_only_the_chosen_clients_decide(command: Command, here: Path) -> None:
    """A stream under another content type only affects clients that look at it."""
    demo = ("demo", "--fault", "stream-content-type", "--depth", "quick", "--output", "out")
    command(*demo)
    clients = report_in(here / "out")["clients"]
    affected = {name for name, client in clients.items() if client["verdict"] != "works"}
    others = set(clients) - affected
    assert affected
    assert others
    chosen = [part for name in others for part in ("--client", name)]
    assert command(*demo, "--strict", *chosen).code == 0
    assert command(*demo, "--strict", "--client", affected.pop()).code == 1


def test_a_crashing_probe_ends_with_3_and_is_not_blamed_on_the_provider(
    command: Command, sound: list[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = catalogue()["url.reachable"]

    def crash(preflight: Any) -> None:
        raise KeyError(preflight.conversation)

    monkeypatch.setattr(probe.function, "__probe__", replace(probe, function=crash))
    ran = command(*sound, "--depth", "quick", "--output", "out")
    assert ran.code == 3
    report = report_in(here / "out")
    wrong = [o for o in report["observations"] if o["outcome"] not in {"passed", "not-applicable"}]
    assert [(o["probe"], o["outcome"], o["blame"]) for o in wrong] == [("url.reachable", "error", None)]
    assert wrong[0]["reason"] == "KeyError: 'preflight'"
    assert report["exit_code"] == 3


def test_a_crash_outside_the_probes_ends_with_3_and_asks_to_be_reported(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by mistake")

    with monkeypatch.context() as now:
        now.setattr(session, "cases_of", crash)
        planned = command("demo", "--depth", "quick", "--plan")
    monkeypatch.setattr(session, "schedule_for", crash)
    inside = command("demo", "--depth", "quick")
    monkeypatch.setattr(reference, "Provider", crash)
    outside = command("demo", "--depth", "quick")
    assert (planned.code, inside.code, outside.code) == (3, 3, 3)
    for ran in (planned, inside, outside):
        shown = "conformance: internal error, please report it: ZeroDivisionError: by mistake\n"
        assert ran.err.startswith(shown)
        assert len(ran.err.splitlines()) > 3


def test_nothing_selected_ends_with_5(command: Command, server: Server, sound: list[str]) -> None:
    before = server.answered
    ran = command(*sound, "-k", "nothing_matches_this")
    assert (ran.code, server.answered) == (5, before)
    assert ran.err == "conformance: nothing was selected: no probe or case matches\n"


def test_nothing_listening_ends_with_6(command: Command, here: Path) -> None:
    ran = command(
        "run", "--base-url", f"http://127.0.0.1:{free_port()}/v1", *WHICH, "--depth", "quick", "--output", "out"
    )
    assert ran.code == 6
    report = report_in(here / "out")
    failed = [o for o in report["observations"] if o["outcome"] == "failed"]
    assert [o["probe"] for o in failed] == ["url.reachable"]
    assert "nothing listens there" in failed[0]["actual"]
    assert "nothing listens there" in " ".join(ran.out.split())
    assert {o["outcome"] for o in report["observations"]} == {"failed", "blocked"}
    assert report["cost"]["requests"] == 1


def test_a_refused_key_ends_with_6(
    command: Command, sound: list[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-another-0123456789abcdef")
    assert command(*sound, "--depth", "quick", "--output", "out").code == 6
    report = report_in(here / "out")
    assert [o["probe"] for o in report["observations"] if o["outcome"] == "failed"] == ["auth.key-accepted"]
    assert report["categories"]["invalid-api-key"]["status"] == "problem"


def test_an_unknown_model_ends_with_6_and_the_nearest_ids(command: Command, sound: list[str], here: Path) -> None:
    assert (
        command(*[a.replace("reference-1", "referense-1") for a in sound], "--depth", "quick", "--output", "out").code
        == 6
    )
    report = report_in(here / "out")
    (failed,) = [o for o in report["observations"] if o["outcome"] == "failed"]
    assert failed["probe"] == "models.known"
    assert "its model list has reference-1" in failed["actual"]
    assert report["categories"]["model-not-found"]["status"] == "problem"


@pytest.mark.parametrize("by", only([signal.SIGINT, signal.SIGTERM], signal.SIGINT.__eq__))
def test_an_interrupted_run_ends_with_2_and_leaves_an_incomplete_report(here: Path, by: signal.Signals) -> None:
    def narrow(base_url: str) -> list[str]:
        where = ["--base-url", base_url, *WHICH, "--output", "out", "--record", "rec"]
        return ["run", *where, "--concurrency", "2"]

    ran = interrupted(narrow, here, by)
    assert ran.code == 2, ran.err
    report = report_in(here / "out")
    assert (report["exit_code"], report["complete"]) == (2, False)
    assert report["incomplete"].startswith("interrupted after ")
    assert {client["verdict"] for client in report["clients"].values()} == {"unknown"}
    assert "interrupted after" in " ".join(ran.out.split())
    assert "Traceback" not in ran.err
    assert not json.loads((here / "rec" / "recording.json").read_text())["complete"]
    assert (here / "rec" / "preflight.yaml").exists()
    assert "recording: rec (" in ran.out and "did not end" in ran.out


@pytest.mark.parametrize(
    "typed",
    [
        ("report", "made"),
        ("gate", "made"),
        ("gate", "made", "--baseline", "made"),
        ("diff", "made", "made"),
        ("compare", "made", "made"),
        ("known", "add", "made", "--reason", "r", "--owner", "o", "--known", "new.toml"),
    ],
    ids=" ".join,
)
def test_a_folder_is_taken_for_the_report_in_it(
    command: Command, here: Path, recorded: Path, typed: tuple[str, ...]
) -> None:
    shutil.copytree(recorded / "live", here / "made")
    by_folder = command(*typed)
    (here / "new.toml").unlink(missing_ok=True)
    assert by_folder == command(*[word.replace("made", "made/report.json") for word in typed])
    assert (by_folder.code in {0, 1}, by_folder.err) == (True, "")
