"""Several endpoints in one run: none affects another, each has its report, and the most serious exit code decides."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.exit_codes import most_serious
from conformance.reference import Provider, serve
from conformance.runner import multiple
from tests.command import KEY, Command, report_in
from tests.interrupting import interrupted
from tests.quick import only
from tests.wire.raw_server import JSON, Caller, answer, free_port, raw_server


@pytest.fixture
def three(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A correct endpoint, a faulty one, and one where nothing listens."""
    monkeypatch.setenv("MY_KEY", KEY)
    with (
        serve(Provider("reference-1", KEY)) as sound,
        serve(Provider("reference-1", KEY, faults=("delta-without-index",))) as spoiled,
    ):
        urls = {"sound": sound.base_url, "spoiled": spoiled.base_url, "gone": f"http://127.0.0.1:{free_port()}/v1"}
        tables = [
            f'[endpoint.{name}]\nbase_url = "{url}"\nmodel = "reference-1"\napi_key_env = "MY_KEY"\n'
            for name, url in urls.items()
        ]
        (here / "conformance.toml").write_text("\n".join(tables), encoding="utf-8")
        yield here


def test_all_are_judged_separately_and_the_most_serious_code_decides(command: Command, three: Path) -> None:
    ran = command("run", "--all", "--depth", "quick", "--output", "out", "--history", "runs.db", "--record", "tapes")
    assert ran.code == 1, ran.err
    codes = {name: report_in(three / "out" / name)["exit_code"] for name in ("sound", "spoiled", "gone")}
    assert codes == {"sound": 0, "spoiled": 1, "gone": 6}
    assert "1. reference-1 at sound" in ran.out and "comparison: out/compare.html" in ran.out
    assert {"compare.html", "compare.md"} <= {file.name for file in (three / "out").iterdir()}
    compared = json.loads((three / "out" / "compare.json").read_text("utf-8"))
    assert [entry["name"] for entry in compared["reports"]] == ["sound", "gone", "spoiled"]
    assert len(command("history", "runs.db", "--format", "json").out.split('"endpoint"')) == 4
    assert {tape.name for tape in (three / "tapes").iterdir()} == codes.keys()


@pytest.mark.full
def test_an_endpoint_without_its_key_says_so_and_the_other_is_judged(command: Command, three: Path) -> None:
    file = three / "conformance.toml"
    file.write_text(file.read_text("utf-8").replace("MY_KEY", "NOT_SET", 1), encoding="utf-8")
    ran = command("run", "sound", "spoiled", "--depth", "quick", "--output", "out", "--client", "cline")
    assert ran.code == 4
    (line,) = [row for row in ran.out.splitlines() if row.startswith("sound: exit code 4")]
    assert "NOT_SET is not set" in line
    assert report_in(three / "out" / "spoiled")["clients"]["cline"]["verdict"] == "works"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("sound", "nobody"), "unknown endpoint 'nobody'"),
        (("--all", "sound"), "--all means every endpoint"),
        (("--all", "--known", "nowhere.toml"), "nowhere.toml: cannot be read"),
        (("--all", "--model", "m"), "--model is for one endpoint"),
        (("sound", "gone", "--base-url", "http://127.0.0.1:9/v1"), "--base-url is for one endpoint"),
    ],
)
def test_wrong_usage_judges_nothing(command: Command, three: Path, wrong: tuple[str, ...], message: str) -> None:
    ran = command("run", *wrong)
    assert (ran.code, ran.out) == (4, "")
    assert message in ran.err and ran.err.count("\n") == 1
    assert not (three / "reports").exists()


def test_all_without_any_endpoint_says_how_to_define_one(command: Command) -> None:
    ran = command("run", "--all")
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert "[endpoint.NAME]" in ran.err


def test_endpoints_of_one_host_take_turns(three: Path) -> None:
    file = three / "conformance.toml"
    text = file.read_text("utf-8")
    file.write_text(text + text.split("\n\n")[0].replace("sound", "again").replace("/v1", "/v1/"), encoding="utf-8")
    assert multiple.hosts(["sound", "spoiled", "again"]) == [["sound", "again"], ["spoiled"]]


def test_every_host_has_a_lane_before_any_has_two() -> None:
    a, b, *more = multiple.lanes([["a1", "a2", "a3"], ["b1"]], 2)
    assert (next(a), next(b), next(more[0]), next(a)) == ("a1", "b1", "a2", "a3")
    assert [list(lane) for lane in (a, b, *more)] == [[], [], []]


class Crowd:
    """Answers every request with an error, but the first ones only when so many endpoints have come; notes who came."""

    def __init__(self, together: int) -> None:
        self.together = together
        self.came: list[str] = []
        self.enough = asyncio.Event()

    async def answer(self, caller: Caller) -> None:
        self.came.append((await caller.request()).target.split("/")[1])
        if len(set(self.came)) >= self.together:
            self.enough.set()
        await self.enough.wait()
        await caller.send(answer(b'{"error": {"message": "gone"}}', JSON, status=b"500 Gone"))

    @property
    def at_once(self) -> int:
        """How many endpoints were being asked at once, at most: each from its first request to its last."""
        last = {name: len(self.came) - 1 - self.came[::-1].index(name) for name in set(self.came)}
        return max(sum(self.came.index(name) <= n <= end for name, end in last.items()) for n in range(len(self.came)))


@pytest.mark.full
@pytest.mark.parametrize(("flags", "at_once"), [((), 1), pytest.param(("--per-host", "2"), 2, marks=pytest.mark.full)])
def test_a_host_is_judged_by_no_more_runs_at_once_than_allowed(
    command: Command, here: Path, flags: tuple[str, ...], at_once: int
) -> None:
    crowd = Crowd(together=at_once)
    with raw_server(crowd.answer) as server:
        tables = [f'[endpoint.{n}]\nbase_url = "{server.url}/{n}/v1"\nmodel = "m"\n' for n in "abc"]
        (here / "conformance.toml").write_text("\n".join(tables), encoding="utf-8")
        ran = command("run", "--all", "--depth", "quick", "--output", "out", *flags)
    assert ran.code == 6, ran.err
    assert crowd.at_once == at_once
    assert {report_in(here / "out" / name)["exit_code"] for name in "abc"} == {6}


def test_the_most_serious_code_decides() -> None:
    assert most_serious([0, 6, 1, 5]) == 1
    assert most_serious([0, 6]) == 6
    assert most_serious([1, 4]) == 4
    assert most_serious([4, 3, 2]) == 3
    assert most_serious([]) == 0


@pytest.mark.full
def test_a_killed_process_is_an_internal_error_and_does_not_affect_the_others(
    command: Command, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (three / "killed.py").write_text(
        "import os, runpy, sys\n"
        "if sys.argv[2] == 'spoiled': os.kill(os.getpid(), 9)\n"
        "runpy.run_module('conformance', run_name='__main__')\n"
    )
    monkeypatch.setattr(multiple, "_PROGRAM", (sys.executable, "killed.py"))
    ran = command("run", "spoiled", "sound", "--depth", "quick", "--output", "out")
    assert ran.code == 3
    assert "spoiled: exit code 3, ended by signal 9" in ran.out.splitlines()
    assert report_in(three / "out" / "sound")["exit_code"] == 0


@pytest.mark.full
def test_a_crash_is_shown_and_does_not_affect_the_others(
    command: Command, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (three / "crashing.py").write_text(
        "import sys\n"
        "from conformance import cli\n"
        "from conformance.cli import run\n"
        "if sys.argv[2] == 'spoiled': run.endpoint_from = None\n"
        "sys.exit(cli.main())\n"
    )
    monkeypatch.setattr(multiple, "_PROGRAM", (sys.executable, "crashing.py"))
    ran = command("run", "spoiled", "sound", "--depth", "quick", "--output", "out")
    assert ran.code == 3
    assert "spoiled: exit code 3, internal error, please report it: TypeError: " in ran.out
    assert "Traceback" in ran.err
    assert report_in(three / "out" / "sound")["exit_code"] == 0


@pytest.mark.full
@pytest.mark.usefixtures("three")
def test_an_earlier_report_is_not_taken_for_the_report_of_this_run(command: Command) -> None:
    several = ("run", "sound", "gone", "--depth", "quick", "--output", "out")
    assert "sound: exit code 0, out/sound/report.html" in command(*several).out.splitlines()
    ran = command(*several, "-k", "nothing_matches_this")
    assert ran.code == 5
    assert "sound: exit code 5, nothing was selected: no probe or case matches" in ran.out.splitlines()
    assert "comparison: " not in ran.out


@pytest.mark.full
def test_the_plan_of_each_endpoint_is_shown(command: Command, three: Path) -> None:
    ran = command("run", "--all", "--depth", "quick", "--plan")
    assert (ran.code, ran.out.count("nothing was sent\n")) == (0, 6)
    assert ran.out.startswith("sound\n\nconversation ")
    assert ran.out.endswith("gone: exit code 0, nothing was sent\n")
    assert not (three / "reports").exists()


@pytest.mark.parametrize("by", only([signal.SIGINT, signal.SIGTERM], signal.SIGINT.__eq__))
def test_an_interrupt_reaches_the_run_under_way_and_starts_no_other(here: Path, by: signal.Signals) -> None:
    def two(base_url: str) -> list[str]:
        tables = [f'[endpoint.{name}]\nbase_url = "{base_url}"\nmodel = "m"\n' for name in ("a", "b")]
        (here / "conformance.toml").write_text("\n".join(tables), encoding="utf-8")
        return ["run", "--all", "--output", "out"]

    ran = interrupted(two, here, by)
    assert ran.code == 2, ran.err
    assert report_in(here / "out" / "a")["incomplete"].startswith("interrupted after ")
    assert not (here / "out" / "b").exists()
    assert "a: exit code 2, out/a/report.html" in ran.out
    assert "Traceback" not in ran.err
