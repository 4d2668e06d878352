"""Runs that ask less, and runs under a plain pytest: nothing is sent needlessly, and a narrowed run never passes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.history import database as history
from conformance.reference import Server
from tests.command import KEY, Command, conformance, environment, python, report_in
from tests.quick import only

SPOILED = ("demo", "--depth", "quick", "--fault", "stream-content-type")


def test_a_plan_sends_nothing(command: Command, server: Server, sound: list[str], here: Path) -> None:
    before = server.answered
    ran = command(*sound, "--plan")
    assert (ran.code, ran.err, server.answered) == (0, "", before)
    assert "preflight" in ran.out
    assert "nothing was sent" in ran.out
    assert not any(here.iterdir())


@pytest.mark.parametrize("before", only(["", "--"], "".__eq__))
def test_a_plan_lists_only_what_the_selected_cases_need(command: Command, before: str) -> None:
    ran = command("demo", "--plan", *filter(None, [before]), "-k", "auth.refusal-json")
    assert (ran.code, ran.err) == (0, "")
    asked = [line.split()[0] for line in ran.out.splitlines()[1:-2]]
    assert asked[0] == "preflight"
    assert 1 < len(asked) < 10
    assert len(command("demo", "--plan").out.splitlines()) > 60


def test_a_plan_of_nothing_ends_with_5(command: Command, here: Path) -> None:
    ran = command("demo", "--plan", "-k", "nothing_matches_this")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == "conformance: nothing was selected: no probe or case matches\n"
    assert not any(here.iterdir())


@pytest.mark.full
def test_a_name_from_junit_xml_selects_exactly_that_case(command: Command, here: Path) -> None:
    command("demo", "--replay", "--output", "whole")
    names = re.findall(r'<testcase [^>]*name="([^"]+\[[^"]+)"', (here / "whole" / "junit.xml").read_text("utf-8"))
    for name in (names[0], names[-1]):
        command("demo", "--replay", "--output", "one", "-k", name)
        assert [f"{o['probe']}[{o['case']}]" for o in report_in(here / "one")["observations"]] == [name]


def test_collecting_sends_nothing_and_lists_the_cases(
    command: Command, server: Server, sound: list[str], here: Path
) -> None:
    before = server.answered
    ran = command(*sound, "--", "--collect-only", "-q")
    assert (ran.code, server.answered) == (0, before)
    assert "test_url.py::test_the_host_accepts_a_connection_and_speaks_http\n" in ran.out
    assert not list(here.glob("reports/[!.]*")), "a report of nothing"


def outcomes(report: dict[str, Any]) -> list[str]:
    """The outcome of every observation."""
    return [o["outcome"] for o in report["observations"]]


def test_stopping_at_the_first_failure_is_never_green(command: Command, here: Path) -> None:
    ran = command(*SPOILED, "--output", "out", "--", "-x")
    report = report_in(here / "out")
    assert outcomes(report).count("failed") == 1
    assert report["incomplete"].startswith("stopped after ")
    assert "works" not in {client["verdict"] for client in report["clients"].values()}
    assert ran.code in {1, 6}


@pytest.mark.full
def test_last_failed_judges_only_what_failed(command: Command, here: Path) -> None:
    def failed(report: dict[str, Any]) -> list[tuple[str, str]]:
        return [(o["probe"], o["case"]) for o in report["observations"] if o["outcome"] == "failed"]

    command(*SPOILED, "--output", "first")
    ran = command(*SPOILED, "--output", "second", "--", "--lf")
    first, second = report_in(here / "first"), report_in(here / "second")
    assert failed(first)
    assert failed(second) == failed(first)
    assert set(outcomes(second)) == {"failed"}
    assert second["cost"]["requests"] < first["cost"]["requests"]
    assert second["incomplete"].startswith("only ")
    assert ran.code != 0


def test_a_narrowed_run_asks_less_and_is_never_green(
    command: Command, server: Server, sound: list[str], here: Path
) -> None:
    before = server.answered
    ran = command(*sound, "-k", "stream.closes", "--output", "out")
    report = report_in(here / "out")
    assert {o["probe"] for o in report["observations"]} == {"stream.closes"}
    assert set(outcomes(report)) <= {"passed", "not-applicable"}
    assert "passed" in outcomes(report)
    assert 0 < server.answered - before < 45
    assert (ran.code, report["exit_code"], report["complete"]) == (6, 6, False)
    assert {client["verdict"] for client in report["clients"].values()} == {"unknown"}


@pytest.mark.full
def test_progress_shows_while_the_probes_wait(command: Command, sound: list[str]) -> None:
    ran = command(*sound)
    assert "20 conversations, " in ran.err


@pytest.fixture
def hostile(here: Path) -> Path:
    """A folder whose settings break any pytest started in it."""
    (here / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--no-such-option"\n')
    (here / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (here / "conftest.py").write_text("raise RuntimeError('the conftest of this folder was imported')\n")
    (here / "test_here.py").write_text("def test_here():\n    assert False\n")
    return here


def test_the_folder_it_is_started_in_does_not_disturb_a_run(hostile: Path, server: Server) -> None:
    settings = {"PYTEST_ADDOPTS": "--frob", "PYTEST_PLUGINS": "no_such_plugin", "OPENAI_API_KEY": KEY}
    arguments = ["--base-url", server.base_url, "--model", "reference-1", "--depth", "quick"]
    ran = conformance("run", *arguments, cwd=hostile, env=settings)
    assert ran.code == 0, ran.err
    assert "test_here" not in (hostile / "reports" / "latest" / "report.json").read_text("utf-8")


PLAIN = ("-m", "pytest", "-p", "conformance.plugin", "--pyargs", "conformance.probes")


def test_a_plain_pytest_judges_and_reports(here: Path, server: Server) -> None:
    arguments = ["--base-url", server.base_url, "--model", "reference-1", "--depth", "quick"]
    ran = python(*PLAIN, *arguments, "--output", "out", "-q", cwd=here, env={"OPENAI_API_KEY": KEY})
    assert ran.code == 0, ran.out + ran.err
    assert " passed" in ran.out
    assert report_in(here / "out")["complete"]


@pytest.mark.full
def test_a_plain_pytest_has_the_same_gate_and_history(here: Path, server: Server) -> None:
    (here / "known.toml").write_text('[[known]]\nprobe = "toolstream.index"\nreason = "r"\nowner = "o"\n')
    arguments = ["--base-url", server.base_url, "--model", "reference-1", "--output", "out", "-q"]
    gate = ["--known", "known.toml", "--require", "tool-calling=complete", "--fail-on", "degraded"]
    key = {"OPENAI_API_KEY": KEY}
    ran = python(*PLAIN, *arguments, *gate, "--history", "runs.db", cwd=here, env=key)
    gate_line = "The gate fails: toolstream.index is accepted, but passes now: remove it from the file."
    assert (ran.code, report_in(here / "out")["gate"]) == (1, gate_line)
    assert {gate_line, "report: out/report.html"} <= set(ran.out.splitlines())
    assert [run.exit_code for run in history.runs(here / "runs.db")] == [1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    only(
        [
            (("--known", "nowhere.toml"), "nowhere.toml: cannot be read"),
            (("--require", "x=y"), "--require x=y: unknown name"),
            (("--history", "nowhere/runs.db"), "not usable as a history"),
            (("--concurrency", "0"), "--concurrency: '0' is not a whole number above 0"),
            (("--patience", "-1"), "--patience: '-1' is not a number of seconds"),
            (("--depth", "deep"), "--depth: 'deep' is not one of quick, standard, thorough"),
            (("--output", ""), "--output: the path is empty"),
        ],
        lambda case: case[0][0] in ("--known", "--concurrency"),
    ),
)
def test_a_wrong_option_is_one_line_of_a_plain_pytest(
    here: Path, server: Server, wrong: tuple[str, str], message: str
) -> None:
    before = server.answered
    ran = python(*PLAIN, "--base-url", server.base_url, "--model", "reference-1", *wrong, cwd=here)
    assert (ran.code, server.answered) == (4, before)
    (line,) = filter(None, ran.err.splitlines())
    assert message in line


def test_a_plain_pytest_without_an_endpoint_says_so_in_one_line(here: Path) -> None:
    ran = python(*PLAIN, cwd=here)
    assert ran.code == 4
    assert [line for line in ran.err.splitlines() if line] == [
        "ERROR: no endpoint: give --base-url URL --model ID, or --provider NAME --model ID, "
        "or the NAME of a table [endpoint.NAME] in conformance.toml"
    ]


def test_xdist_is_refused_in_one_line_and_asks_nothing(here: Path, server: Server) -> None:
    pytest.importorskip("xdist")
    before = server.answered
    ran = python(*PLAIN, "-n", "2", "--base-url", server.base_url, "--model", "reference-1", cwd=here)
    assert (ran.code, server.answered) == (4, before)
    lines = [line for line in (ran.out + ran.err).splitlines() if line]
    assert lines == ["ERROR: pytest-xdist would send every request once per worker; leave out -n"]


@pytest.mark.full
def test_a_reader_that_leaves_changes_no_exit_code(here: Path, server: Server) -> None:
    """`conformance run ... | head -1` in a shell with pipefail."""
    arguments = ["--base-url", server.base_url, "--model", "reference-1", "--depth", "quick"]
    for model, code in (("reference-1", 0), ("no-such-model", 6)):
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", *arguments, "--model", model],
            cwd=here,
            env=environment(OPENAI_API_KEY=KEY),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert (process.wait(timeout=60), "Traceback" in err, "Error" in err) == (code, False, False), err
