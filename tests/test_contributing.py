"""The walks of CONTRIBUTING, done in a scratch copy of the program: each works as it is written there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, Ran, environment, python
from tests.traffic.recordings import traffic

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROBE, FAULT = "chat.id-of-its-own", "completion-ids-alike"
BREAKS_CLINE = "id-changes-in-call"
SEVERITIES = '    severities_of="cline",\n'


def walks() -> dict[str, list[tuple[str, str]]]:
    """The code blocks of each section with their languages, by its heading."""
    sections = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("\n## ")
    return {section.partition("\n")[0]: FENCE.findall(section) for section in sections}


def copied(folder: Path) -> Path:
    """A copy of the program."""
    for name in ("conformance", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def do(copy: Path, language: str, code: str) -> None:
    """What a reader does with one code block: types commands, adds code to the file that it names, or edits it."""
    if language == "sh":
        subprocess.run(["/bin/sh", "-e", "-c", code], cwd=copy, check=True)
        return
    first, _, rest = code.partition("\n")
    file = copy / first.removeprefix("# ")
    before = file.read_text("utf-8") if file.exists() else ""
    if language != "diff":
        file.write_text(f"{before}\n\n{rest}" if before else rest, encoding="utf-8")
        return
    old, new = ("".join(f"{line[1:]}\n" for line in rest.splitlines() if line[0] in f" {sign}") for sign in "-+")
    assert before.count(old) == 1
    file.write_text(before.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program after every walk."""
    folder = copied(tmp_path_factory.mktemp("copy"))
    for heading, blocks in walks().items():
        for language, code in blocks if heading != "Set up" else ():
            do(folder, language, code)
    return folder


def run_in(copy: Path, *arguments: str) -> Ran:
    done = python("-m", "conformance", *arguments, cwd=copy, env={**environment(), "PYTHONPATH": str(copy)})
    assert str(ROOT) not in done.out + done.err
    return done


def demo(copy: Path, *arguments: str) -> dict[str, Any]:
    """The report of a run against the reference provider of the copy."""
    ran = run_in(copy, "demo", "--output", "report", *arguments)
    assert ran.code in (0, 1), ran
    return json.loads((copy / "report/report.json").read_text("utf-8"))  # type: ignore[no-any-return]


def outcomes(report: dict[str, Any], outcome: str) -> set[str]:
    return {o["probe"] for o in report["observations"] if o["outcome"] == outcome}


@pytest.fixture(scope="module")
def sound(copy: Path) -> dict[str, Any]:
    """The report about the correct provider for the default clients and the new one."""
    return demo(copy, *(f"--client={id}" for id in ("roo-code", "kilo-code", "my-client")))


def test_every_walk_has_code() -> None:
    assert [heading for heading, blocks in walks().items() if blocks] == [
        "Set up",
        "Add a probe",
        "Add a client",
        "Add a provider preset",
        "Add a report format",
        "Add a format of recorded traffic",
        "Change a severity",
        "Fix a false alarm",
    ]


@pytest.mark.full
def test_the_new_probe_passes_and_nothing_else_fails(sound: dict[str, Any]) -> None:
    assert PROBE in outcomes(sound, "passed")
    assert outcomes(sound, "failed") | outcomes(sound, "error") == set()


@pytest.mark.full
def test_the_new_probe_alone_detects_its_fault(copy: Path) -> None:
    report = demo(copy, "--fault", FAULT)
    assert outcomes(report, "failed") == {PROBE}
    assert outcomes(report, "error") == set()


@pytest.mark.full
def test_the_new_probe_is_explained_with_an_example(copy: Path) -> None:
    ran = run_in(copy, "explain", PROBE)
    assert ran.code == 0, ran
    assert "both have the id 'chatcmpl-1'" in ran.out


@pytest.mark.full
def test_the_new_client_works_with_the_correct_provider(sound: dict[str, Any]) -> None:
    assert sound["clients"]["my-client"]["verdict"] == "works"
    assert "client.my-client-turn" in outcomes(sound, "passed")
    assert sound["settings"]["my-client"]["paste"]


@pytest.mark.full
def test_the_new_client_fails_under_a_fault_that_breaks_the_client_that_it_copies(copy: Path) -> None:
    report = demo(copy, "--client", "my-client", "--fault", BREAKS_CLINE, "--depth", "quick")
    assert {report["clients"][id]["verdict"] for id in ("cline", "my-client")} == {"fails"}


@pytest.mark.full
def test_the_new_preset_is_shown(copy: Path) -> None:
    ran = run_in(copy, "providers", "acme")
    assert ran.code == 0, ran
    assert "https://api.acme.example/v1" in ran.out


@pytest.mark.full
def test_the_new_report_format_renders(copy: Path, sound: dict[str, Any]) -> None:
    (copy / "sound.json").write_text(json.dumps(sound), encoding="utf-8")
    ran = run_in(copy, "report", "sound.json", "--format", "verdicts")
    assert "my-client: works\n" in ran.out, ran


@pytest.mark.full
def test_the_new_recorded_format_is_judged(copy: Path) -> None:
    chats = [one for one in traffic("finish-reason-eos") if one.asked and not one.is_stream]
    lines = [b"\t".join((s.url.encode(), b"%d" % s.status, s.asked or b"", s.body)) for s in chats]
    (copy / "traffic.acme").write_bytes(b"\n".join([b"acme 1", *lines]))
    ran = run_in(copy, "judge", "traffic.acme", "--output", "judged")
    report = json.loads((copy / "judged/report.json").read_text("utf-8"))
    assert ran.code == 0, ran
    assert [(c["name"], c["requests"]) for c in report["conversations"]] == [("traffic.acme", len(chats))]
    assert outcomes(report, "failed") == {"chat.finish-reason"}


@pytest.mark.full
def test_the_changed_severity_counts(copy: Path) -> None:
    ran = run_in(copy, "explain", "chat.no-think")
    (degraded,) = re.findall(r"Degrades: (.*)", ran.out)
    assert "OpenAI Python SDK" in degraded


@pytest.mark.full
def test_the_new_variation_raises_no_false_alarm(copy: Path) -> None:
    report = demo(copy, "--variation", "id-without-prefix", "--depth", "quick")
    assert outcomes(report, "failed") | outcomes(report, "error") == set()


@pytest.mark.parametrize(
    ("left_out", "command", "missing"),
    [
        (SEVERITIES, "providers", {"its severities"}),
        (f"{SEVERITIES}|    settings=SETTINGS,\n|    turns=TURNS,\n", "providers", {"its severities", "its settings page", "a turn of its own"}),
    ],
)  # fmt: skip
def test_an_incomplete_client_is_refused_with_all_that_it_lacks(
    left_out: str, command: str, missing: set[str], tmp_path: Path
) -> None:
    ran = run_in(with_client(tmp_path, *((part, "") for part in left_out.split("|"))), command)
    last = ran.err.splitlines()[-1]
    assert ran.code != 0
    assert "conformance/clients/my_client is incomplete" in last
    assert {part for part in ("its severities", "its settings page", "a turn of its own") if part in last} == missing


@pytest.mark.full
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SEVERITIES, SEVERITIES.replace("cline", "my-client"), "no probe names my-client"),
        (SEVERITIES, SEVERITIES + '    severities={"chat.unheard-of": "breaks"},\n', "chat.unheard-of"),
    ],
)
def test_severities_that_no_probe_knows_are_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    ran = run_in(with_client(tmp_path, (old, new)), "probes")
    assert ran.code == 4, ran
    assert said in ran.err


def test_a_copy_that_keeps_the_id_is_refused(tmp_path: Path) -> None:
    ran = run_in(with_client(tmp_path, ('id="my-client"', 'id="cline"')), "providers")
    assert "its `id` must be 'my-client'" in ran.err.splitlines()[-1]


def with_client(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy with the new client, whose profile is changed."""
    copied(folder)
    for block in walks()["Add a client"]:
        do(folder, *block)
    profile = folder / "conformance/clients/my_client/__init__.py"
    text = profile.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    profile.write_text(text, encoding="utf-8")
    return folder
