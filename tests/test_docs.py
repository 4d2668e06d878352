"""What the documents claim is true: commands, flags, codes, files, figures, links, and the example of CONTRIBUTING."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance import cli
from conformance.clients import AGENTS
from conformance.endpoint.config import FILES, KEY_VARIABLES
from conformance.probes.catalogue import catalogue
from conformance.reference import catalogue as faults
from conformance.report.output import RENDERED
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import REPEATS, Depth
from conformance.runner.plan import MOST_REPEATS, MOST_REQUESTS, plan
from conformance.schema import violations
from tests import screenshots
from tests.command import ROOT, Ran, environment, python
from tests.documents import DOCUMENTS, EXAMPLE_REPORT, PARTS, REQUIREMENTS, example, marked, requirements

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PLACEHOLDERS = {"NAME", "FILE", "DIR"}  # what a reader puts something of his own in place of
EXAMPLE = ("chat.id-of-its-own", "completion-ids-alike")  # the probe and the fault that CONTRIBUTING makes


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def fences(name: str, language: str) -> list[str]:
    """The code blocks of a document in that language."""
    return [code for spoken, code in FENCE.findall(text(name)) if spoken == language]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `conformance ...` that a document tells a reader to type."""
    for name in DOCUMENTS:
        for quoted in re.findall(r"`(?:\S*/)?(conformance [^`]+)`", text(name)):
            yield name, shlex.split(quoted)[1:]
        for line in "\n".join(fences(name, "sh")).splitlines():
            for typed in re.findall(r"(?:^|&& )(?:\.venv/bin/)?conformance ([^&]*)", line):
                yield name, shlex.split(typed)


@pytest.mark.parametrize(
    ("name", "part"), [(name, part) for name in DOCUMENTS for part in marked(text(name))]
)
def test_marked_parts_are_what_the_program_says(name: str, part: str) -> None:
    assert marked(text(name))[part] == PARTS[part](), "run `nox -s documents`"


def test_every_part_is_shown() -> None:
    assert sorted(part for name in DOCUMENTS for part in marked(text(name))) == sorted(PARTS)


@pytest.mark.parametrize(("name", "typed"), list(commands()), ids=lambda value: " ".join(value)[:60])
def test_commands_are_understood(name: str, typed: list[str]) -> None:
    if typed[1:] != ["itself"]:
        arguments = [{"NAME": "delta-without-index"}.get(word, word) for word in typed]
        if "--format" in arguments:
            arguments[arguments.index("--format") + 1] = "json"
        assert cli.parser().parse_args(arguments), name


def test_every_command_is_told_of() -> None:
    told = {typed[0] for _, typed in commands()}
    assert set(subcommands()) <= told


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """The commands with their parsers."""
    actions = cli.parser()._subparsers._group_actions  # type: ignore[union-attr]
    return dict(actions[0].choices)  # type: ignore[arg-type]


def flags() -> set[str]:
    """Every option of every command, and those of pytest that the documents speak of."""
    own = {
        option
        for parser in subcommands().values()
        for action in parser._actions
        for option in action.option_strings
    }
    return own | {"-p", "-m", "-x", "-n", "--lf", "--junitxml", "--pyargs", "--help"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_flags_exist(name: str) -> None:
    told = re.findall(
        r"(?<![\w-])(?:--[a-z][a-z-]+|-[a-z])(?![\w-])", " ".join(re.findall(r"`([^`\n]+)`", text(name)))
    )
    others = {"-s", "--list", "-c", "-q", "-e"}  # of nox and pip
    assert set(told) - flags() - others == set()


def test_every_flag_of_run_is_told_of() -> None:
    wanted = {o for action in subcommands()["run"]._actions for o in action.option_strings} - {"-h", "--help"}
    assert {
        flag
        for flag in wanted
        if f"`{flag}" not in text("README.md") and f" {flag} " not in text("README.md")
    } == set()


def test_defaults_are_as_told() -> None:
    run = {action.dest: action.default for action in subcommands()["run"]._actions}
    assert f"`--concurrency` ({run['concurrency']})" in text("README.md")
    assert f"`--patience` ({run['patience']:g})" in text("README.md")
    assert run["depth"] == "standard"
    assert f"127.0.0.1:{subcommands()['serve'].get_default('port')}/v1" in text("README.md")
    for variable in KEY_VARIABLES:
        assert f"`{variable}`" in text("README.md")
    assert all(f"`{file}`" in text("README.md") for file in FILES)


def test_the_number_of_requests_is_about_as_told() -> None:
    (told,) = re.findall(r"about (\d+) requests", text("README.md"))
    assert abs(int(told) - sum(c.requests for c in plan(Depth.STANDARD, AGENTS).values())) <= 5


def test_how_often_a_thorough_run_repeats_is_as_told() -> None:
    numbers = {3: "three", 12: "twelve"}
    assert f"holds most conversations {numbers[REPEATS]} times" in text("README.md")
    assert f"up to {numbers[MOST_REPEATS]} times" in text("README.md")
    assert f"at most {MOST_REQUESTS} requests in all" in text("README.md")
    assert sum(c.requests for c in plan(Depth.THOROUGH).values()) <= MOST_REQUESTS


def test_exit_codes_are_as_told() -> None:
    told = {
        int(code): words
        for code, words in re.findall(r"^\| (\d) \| (.*) \|$", text("README.md"), re.MULTILINE)
    }
    assert list(told) == [0, 1, 2, 3, 4, 5, 6]
    assert "usage" in told[cli.USAGE]
    assert {"interrupted", "nothing was selected"} <= {
        told[pytest.ExitCode.INTERRUPTED],
        told[pytest.ExitCode.NO_TESTS_COLLECTED],
    }


def test_the_files_of_a_run_are_as_told(tmp_path: Path) -> None:
    ran = python("-m", "conformance", "demo", "--output", "report", "--depth", "quick", cwd=tmp_path)
    told = {file for file in re.findall(r"^\| `([\w.]+)` \|", text("README.md"), re.MULTILINE) if "." in file}
    assert ran.code == 0, ran
    assert {file.name for file in (tmp_path / "report").iterdir()} == told
    assert {"report.json", *RENDERED} <= told


def test_the_configuration_is_valid() -> None:
    (example,) = fences("README.md", "toml")
    assert violations("conformance/configuration", tomllib.loads(example)) == []


def test_areas_of_the_tables_are_known() -> None:
    assert {probe.area for probe in catalogue().values()} <= set(AREAS)


def test_plain_pytest_takes_the_options_as_told(tmp_path: Path) -> None:
    (line,) = [
        line for line in "\n".join(fences("README.md", "sh")).splitlines() if line.startswith("pytest ")
    ]
    plain = ["-m", *shlex.split(line), "--collect-only", "-q", "-o", f"cache_dir={tmp_path}"]
    ran = python(*plain, cwd=tmp_path, env={"CONFORMANCE_API_KEY": "sk-test-0123456789"})
    assert ran.code == 0, ran
    assert "test_toolstream.py::" in ran.out


def test_probes_and_faults_that_documents_name_exist() -> None:
    said = "\n".join(text(name) for name in DOCUMENTS)
    named = set(
        re.findall(
            rf"\b((?:{'|'.join(AREAS)})\.[a-z0-9-]+)\b(?!\.|/|\()", " ".join(re.findall(r"`([^`\n]+)`", said))
        )
    )
    modules = {"conversation", "py", "json", "toml", "com"}
    ids = {id for id in named if id.split(".")[1] not in modules}
    assert ids - set(catalogue()) - {EXAMPLE[0]} == set()
    assert set(re.findall(r"--fault ([a-z0-9-]+)", said)) <= set(faults())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text(name)) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def pictures() -> Iterator[Path]:
    """Every picture that a document shows."""
    for file in (*map(ROOT.joinpath, DOCUMENTS), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r'(?:src|srcset)="([^"]+)"|!\[[^]]*\]\(([^)]+)\)', file.read_text("utf-8")):
            yield (file.parent / "".join(target)).resolve()


def test_the_pictures_that_documents_show_are_those_that_the_command_makes() -> None:
    shown = set(pictures())
    assert shown == {screenshots.FOLDER / name for name in screenshots.NAMES}
    assert {file.name for file in screenshots.FOLDER.iterdir()} == screenshots.NAMES
    assert all(file.stat().st_size < 150_000 for file in shown)


def test_links_of_the_guide_to_the_report_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)", text("docs/report.md"))
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_paths_that_documents_name_exist() -> None:
    quoted = {
        path
        for name in DOCUMENTS
        for path in re.findall(r"`((?:conformance|schemas|tests|bench)/[\w./*]+)`", text(name))
    }
    assert [path for path in quoted if not list(ROOT.glob(path.rstrip("/")))] == []


def test_the_readme_begins_with_the_two_commands() -> None:
    top = text("README.md").split("\n## ")[0]
    typed = [line for language, code in FENCE.findall(top) if language == "sh" for line in code.splitlines()]
    assert [line.rsplit("&& ", 1)[1] for line in typed] == [
        ".venv/bin/conformance demo",
        ".venv/bin/pytest -n 4",
    ]
    assert top.splitlines().index(typed[1]) < 25


@pytest.fixture(scope="module")
def with_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the example of CONTRIBUTING in it."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("conformance", "schemas"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for code in fences("CONTRIBUTING.md", "python"):
        file = copy / code.splitlines()[0].removeprefix("# ")
        file.write_text(f"{file.read_text('utf-8')}\n\n{code}", encoding="utf-8")
    return copy


def run_there(copy: Path, *arguments: str) -> Ran:
    done = python("-m", "conformance", *arguments, cwd=copy, env={**environment(), "PYTHONPATH": str(copy)})
    assert str(ROOT) not in done.out + done.err
    return done


def report_of(copy: Path, *arguments: str) -> dict[str, Any]:
    ran = run_there(copy, "demo", "--output", "report", *arguments)
    assert ran.code in (0, 1), ran
    return json.loads((copy / "report/report.json").read_text("utf-8"))  # type: ignore[no-any-return]


def outcomes(report: dict[str, Any], outcome: str) -> set[str]:
    return {o["probe"] for o in report["observations"] if o["outcome"] == outcome}


def test_the_example_of_contributing_passes_on_the_sound_provider(with_example: Path) -> None:
    report = report_of(with_example)
    assert EXAMPLE[0] in outcomes(report, "passed")
    assert outcomes(report, "failed") | outcomes(report, "error") == set()


def test_the_example_of_contributing_is_noticed_by_its_probe_alone(with_example: Path) -> None:
    report = report_of(with_example, "--fault", EXAMPLE[1])
    assert outcomes(report, "failed") == {EXAMPLE[0]}
    assert outcomes(report, "error") == set()


def test_the_example_of_contributing_is_explained_with_an_example(with_example: Path) -> None:
    ran = run_there(with_example, "explain", EXAMPLE[0])
    assert ran.code == 0, ran
    assert "both have the id 'chatcmpl-1'" in ran.out


def test_the_requirements_are_told_as_the_catalogue_has_them() -> None:
    assert REQUIREMENTS.read_text("utf-8") == requirements(), "run `nox -s documents`"


@pytest.mark.parametrize("name", example())
def test_the_example_report_is_what_the_reporters_make_today(name: str) -> None:
    assert (EXAMPLE_REPORT / name).read_text("utf-8") == example()[name]
