"""What the documents claim is true: commands, flags, defaults, codes, files, figures, links, and the example of CONTRIBUTING."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance import cli
from conformance.clients import AGENTS
from conformance.endpoint.config import FILES, KEY_VARIABLES
from conformance.exit_codes import ExitCode, most_serious
from conformance.probes.catalogue import catalogue
from conformance.reference import catalogue as faults
from conformance.report.output import RENDERED
from conformance.requirements import CATEGORIES
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import REPEATS, Depth, most_requests
from conformance.runner.plan import MOST_REPEATS, MOST_REQUESTS, plan
from conformance.schema import violations
from tests import screenshots
from tests.command import ROOT, python
from tests.detection.records import FIGURES
from tests.detection.unseen_defects import FIRST
from tests.documents import DOCUMENTS, PARTS, WIDTH, marked, part, subcommands, written

GUIDES = [name for name in DOCUMENTS if name.startswith("docs/")]
MARKDOWN = (*DOCUMENTS, "tests/peers/README.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]+))?\)")
FILE = re.compile(r"[\w.*<>-]+(?:/[\w.*<>-]+)+\.(?:py|toml|json|md|j2|js|yml|yaml|txt)")
FOLDER = re.compile(r"(?:bench|cassettes|conformance|docs|schemas|tests)/[\w.*<>/-]*")
MOST_WORDS = 1_300  # of the README
OF_OTHER_PROGRAMS = set("-p -m -x -n -s -c -q -e -v --lf --junitxml --pyargs --list --help".split())
MADE_UP = {"NAME", "chat.id-of-its-own", "completion-ids-alike", "verdicts"}  # also by CONTRIBUTING's examples


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose(name: str) -> str:
    """What people wrote in a document, on one line."""
    return " ".join(written(text(name)).split())


def everything() -> str:
    """What people wrote in all documents."""
    return " ".join(map(prose, DOCUMENTS))


def spans(name: str) -> list[str]:
    """What is quoted as code in the sentences that people wrote."""
    return SPAN.findall(FENCE.sub("", written(text(name))))


def fences(name: str, language: str) -> list[str]:
    """The code blocks of a document in that language."""
    return [code for spoken, code in FENCE.findall(text(name)) if spoken == language]


def typed_lines(name: str) -> list[str]:
    """The commands in the code blocks of a document, each on one line."""
    return "\n".join(fences(name, "sh")).replace("\\\n", "").splitlines()


def commands() -> list[str]:
    """Every `conformance ...` that the documents tell a reader to type, without the first word."""
    quoted = [" ".join(span.split()) for name in DOCUMENTS for span in spans(name)]
    lines = [piece for name in DOCUMENTS for line in typed_lines(name) for piece in line.split(" && ")]
    found = [re.match(r"(?:\S*/)?conformance (.+)", typed) for typed in (*quoted, *lines)]
    return list(dict.fromkeys(match[1] for match in found if match))


@pytest.mark.parametrize(("name", "block"), [(name, block) for name in DOCUMENTS for block in marked(text(name))])
def test_marked_parts_are_what_the_program_says(name: str, block: str) -> None:
    assert marked(text(name))[block] == part(block), "run `nox -s documents`"


def test_every_part_is_shown() -> None:
    assert {block for name in DOCUMENTS for block in marked(text(name))} == set(PARTS)


@pytest.mark.parametrize("typed", commands())
def test_commands_are_understood(typed: str) -> None:
    arguments = shlex.split(re.sub(f"--format ({'|'.join(MADE_UP)})", "--format json", typed))
    assert arguments[0] in subcommands()
    assert len(arguments) == 1 or cli.parser().parse_args(arguments)


def test_every_command_is_described() -> None:
    assert {typed.split()[0] for typed in commands()} == set(subcommands())


def flags(command: str) -> dict[str, Any]:
    """The options of a command with their defaults."""
    actions = subcommands()[command]._actions
    return {option: action.default for action in actions for option in action.option_strings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_flags_exist(name: str) -> None:
    named = set(re.findall(r"(?<![\w-])(?:--[a-z][a-z-]+|-[a-z])(?![\w-])", " ".join(spans(name))))
    known = {flag for command in subcommands() for flag in flags(command)}
    assert named - known - OF_OTHER_PROGRAMS == set()


def test_every_flag_of_run_is_described() -> None:
    wanted = set(flags("run")) - {"-h", "--help"}
    assert {flag for flag in wanted if not re.search(rf"[` ]{flag}[` ]", everything())} == set()


def test_defaults_are_right() -> None:
    claimed = re.findall(r"`(--[a-z-]+)` \((\d+)", everything())
    defaults = {flag: flags(command)[flag] for command in subcommands() for flag in flags(command)}
    assert {flag for flag, number in claimed if float(number) != defaults[flag]} == set()
    assert {flag for flag, _ in claimed} >= {"--concurrency", "--patience", "--at-once", "--per-host"}
    assert f"127.0.0.1:{flags('serve')['--port']}/v1" in prose("docs/ship-a-server.md")
    assert flags("run")["--depth"] == "standard"


def test_the_variables_of_the_key_and_the_files_of_settings_are_named() -> None:
    for name in ("README.md", "docs/adopt-a-provider.md"):
        assert all(f"`{variable}`" in text(name) for variable in KEY_VARIABLES)
    assert all(f"`{file}`" in text("docs/adopt-a-provider.md") for file in FILES)


def requests(depth: Depth) -> int:
    return sum(c.requests for c in plan(depth, AGENTS).values() if not c.spare)


def test_the_numbers_of_requests_are_right() -> None:
    (about,) = re.findall(r"about (\d+) requests", prose("README.md"))
    assert abs(int(about) - requests(Depth.STANDARD)) <= 5
    assert f"sends at most {requests(Depth.QUICK)} requests" in prose("README.md")


def test_the_readme_quotes_the_figures_that_nobody_tuned_to() -> None:
    first, today = (
        re.findall(r"unseen.*?: (\d+), noticed (\d+).*heading (\d+)", file.read_text("utf-8"))[0]
        for file in (FIRST, FIGURES)
    )
    said = f"Of {first[0]} defects of 2026 that no requirement was made for, the first run noticed {first[1]} and "
    assert f"{said}named the right heading for {first[2]}. Today it is {today[1]} and {today[2]}" in prose("README.md")


def test_the_repetitions_of_a_thorough_run_are_right() -> None:
    numbers, guide = {3: "three", 12: "twelve"}, prose("docs/adopt-a-provider.md")
    assert f"repeats most conversations {numbers[REPEATS]} times" in guide
    assert f"up to {numbers[MOST_REPEATS]} times" in guide
    assert f"at most {MOST_REQUESTS} requests in all" in guide
    assert most_requests(plan(Depth.THOROUGH).values()) <= MOST_REQUESTS


def test_exit_codes_are_those_of_pytest_and_one_more() -> None:
    rows = re.findall(r"^\| (\d) \| (.*) \|$", text("README.md"), re.MULTILINE)
    meaning = {int(code): words for code, words in rows}
    assert list(meaning) == [0, 1, 2, 3, 4, 5, 6]
    assert "usage" in meaning[pytest.ExitCode.USAGE_ERROR]
    assert "interrupted" in meaning[pytest.ExitCode.INTERRUPTED]
    assert "selected" in meaning[pytest.ExitCode.NO_TESTS_COLLECTED]


def test_the_order_of_exit_codes_is_right() -> None:
    (order,) = re.findall(r"in this order: ([\d, ]+)\.", prose("docs/reference/exit-codes.md"))
    codes = [ExitCode(int(code)) for code in order.split(", ")]
    assert set(codes) == set(ExitCode)
    assert [most_serious(codes[place:]) for place in range(len(codes))] == codes


def test_the_readme_names_the_troubleshooting_headings() -> None:
    assert ", ".join(category.heading for category in CATEGORIES) in prose("README.md")


def test_the_files_of_a_run_are_listed(tmp_path: Path) -> None:
    guide = text("docs/understand-a-verdict.md")
    ran = python("-m", "conformance", "demo", "--output", "report", "--depth", "quick", cwd=tmp_path)
    assert ran.code == 0, ran
    files = {file.name for file in (tmp_path / "report").iterdir()}
    assert files == set(re.findall(r"^\| `([\w.]+)` \|", guide, re.MULTILINE))
    assert {"report.json", *RENDERED} <= files


@pytest.mark.parametrize("code", [code for name in GUIDES for code in fences(name, "toml")])
def test_examples_of_settings_are_valid(code: str) -> None:
    schema = "known" if "[[known]]" in code else "configuration"
    assert violations(f"conformance/{schema}", tomllib.loads(code)) == []


def test_areas_of_the_tables_are_known() -> None:
    assert {probe.area for probe in catalogue().values()} <= set(AREAS)


@pytest.mark.full
def test_plain_pytest_takes_the_options(tmp_path: Path) -> None:
    (line,) = [line for line in typed_lines("docs/reference/options.md") if line.startswith("pytest ")]
    plain = ["-m", *shlex.split(line), "--collect-only", "-q", "-o", f"cache_dir={tmp_path}"]
    ran = python(*plain, cwd=tmp_path, env={"CONFORMANCE_API_KEY": "sk-test-0123456789"})
    assert ran.code == 0, ran
    assert "test_toolstream.py::" in ran.out


def test_probes_and_faults_that_documents_name_exist() -> None:
    quoted = " ".join(" ".join(SPAN.findall(text(name))) for name in DOCUMENTS)
    ids = set(re.findall(rf"\b((?:{'|'.join(AREAS)})\.[a-z0-9-]+)\b(?!\.|/|\()", quoted))
    files = {id for id in ids if id.split(".")[1] in {"conversation", "py", "json", "toml", "com"}}
    assert ids - files - set(catalogue()) - MADE_UP == set()
    named = re.findall(r"--fault ([a-z0-9-]+)", " ".join(map(text, DOCUMENTS)))
    assert set(named) - set(faults()) - MADE_UP == set()


def anchors(name: str) -> set[str]:
    """The addresses of the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text(name)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", MARKDOWN)
def test_links_lead_somewhere(name: str) -> None:
    for target, anchor in LINK.findall(FENCE.sub("", text(name))):
        if "://" not in target:
            file = (ROOT / name).parent / target if target else ROOT / name
            assert file.exists(), target
            assert not anchor or anchor in anchors(file.resolve().relative_to(ROOT).as_posix()), anchor


def pictures() -> Iterator[Path]:
    """Every picture that a document shows."""
    for name in DOCUMENTS:
        for target in re.findall(r'(?:src|srcset)="([^"]+)"|!\[[^]]*\]\(([^)]+)\)', text(name)):
            yield ((ROOT / name).parent / "".join(target)).resolve()


def test_the_pictures_that_documents_show_are_those_that_the_command_makes() -> None:
    shown = set(pictures())
    assert shown == {screenshots.FOLDER / name for name in screenshots.NAMES}
    assert {file.name for file in screenshots.FOLDER.iterdir()} == screenshots.NAMES
    assert all(file.stat().st_size < 150_000 for file in shown)


@pytest.mark.parametrize("name", MARKDOWN)
def test_paths_that_documents_name_exist(name: str) -> None:
    paths = [span for span in spans(name) if FILE.fullmatch(span) or FOLDER.fullmatch(span)]
    assert [path for path in paths if not list(ROOT.glob(re.sub("<.*?>", "*", path.rstrip("/"))))] == []


@pytest.mark.parametrize("name", MARKDOWN)
def test_lines_are_short(name: str) -> None:
    lines = [line for line in text(name).splitlines() if len(line) > WIDTH and len(line.split()) > 1]
    generated = name.startswith("docs/reference/")
    assert [line for line in lines if not (generated and line.startswith("|"))] == []


def test_the_readme_begins_with_the_two_commands() -> None:
    top = text("README.md").split("\n## ")[0]
    typed = [line for language, code in FENCE.findall(top) if language == "sh" for line in code.splitlines()]
    assert [line.rsplit("&& ", 1)[1] for line in typed] == [".venv/bin/conformance demo", ".venv/bin/pytest -n auto"]
    assert top.splitlines().index(typed[1]) < 25


def test_the_readme_is_short() -> None:
    assert len(text("README.md").split()) <= MOST_WORDS


def test_the_table_of_contents_links_every_document() -> None:
    linked = {target for target, _ in LINK.findall(text("docs/README.md"))}
    files = {name.removeprefix("docs/") for name in GUIDES}
    assert files - linked == {"README.md"}
