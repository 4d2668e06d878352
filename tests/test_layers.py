"""The layers of ARCHITECTURE.md, held by reading the imports; and the budgets that keep every file readable."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.command import ROOT

PACKAGE = ROOT / "conformance"
LAYERS = (  # a module imports only from rows above its own
    ("schema", "secret_forms", "categories", "mistyped", "presets", "reference", "keys"),
    ("redact", "config", "evidence"),
    ("clients", "traffic"),
    ("conversation", "probe", "excerpt", "arguments"),
    ("judge", "preflight", "diagnosis", "symptoms"),
    (
        "probes",
        "client_reads",
        "known",
        "baseline",
        "tally",
        "causes",
        "timeline",
        "timings",
        "wire",
        "progress",
    ),
    ("tool_calling",),
    ("verdict", "client_settings"),
    ("report", "gate"),
    ("reporters", "gate_options", "restored"),
    ("tables",),
    ("diff", "history", "glance", "chart"),
    ("trend", "compare"),
    ("output", "listing", "facts"),
    ("run", "judge_traffic"),
    ("explain", "plugin"),
    ("isolation", "batch"),
    ("commands", "across", "capture"),
    ("cli",),
    ("__main__",),
)
PURE = [
    *"schema secret_forms categories mistyped presets keys clients redact evidence".split(),
    *"conversation probe excerpt judge preflight diagnosis symptoms".split(),
]
JUDGING = [
    *PURE,
    *"probes tally causes timeline timings tool_calling verdict client_settings report reporters tables chart diff trend compare".split(),
]
OUTSIDE = {"asyncio", "http", "httpx", "requests", "select", "socket", "ssl", "subprocess", "threading"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 40
MEDIAN_OF_FUNCTIONS = 8


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def unit(file: Path) -> str:
    """The module or package directly below `conformance` that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path, *, eager: bool = False) -> Iterator[str]:
    """What a module imports, as dotted names; `eager` leaves out what only functions and type checkers import."""
    for node in _eager(parsed(file)) if eager else ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [alias.name for alias in node.names]
            yield from (
                [f"conformance.{n}" for n in names] if node.module == "conformance" else [str(node.module)]
            )


def _eager(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        only_for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not only_for_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _eager(node)


def ours(file: Path) -> set[str]:
    """The other units of ours that a module imports."""
    units = {name.split(".")[1] for name in imported(file) if name.startswith("conformance.")}
    return units - {unit(file), "__version__"}


def row_of(name: str) -> int:
    return next(n for n, row in enumerate(LAYERS) if name in row)


def test_the_table_names_every_unit_once() -> None:
    named = [name for row in LAYERS for name in row]
    assert sorted(named) == sorted({unit(file) for file in modules()} - {"__init__"})


@pytest.mark.parametrize("file", modules(), ids=lambda f: f.relative_to(ROOT).as_posix())
def test_imports_lead_to_rows_above_only(file: Path) -> None:
    if unit(file) != "__init__":
        wrong = [name for name in sorted(ours(file)) if row_of(name) >= row_of(unit(file))]
        assert not wrong, f"{unit(file)} imports {wrong}"


def test_the_reference_provider_shares_nothing_with_the_judge() -> None:
    assert {file.name: ours(file) for file in PACKAGE.glob("reference/**/*.py") if ours(file)} == {}


def test_probes_know_neither_the_wire_nor_verdicts_nor_the_reference_provider() -> None:
    known = {name for file in PACKAGE.glob("probes/**/*.py") for name in ours(file)}
    assert not known & {"wire", "verdict", "report", "reporters", "reference", "run"}


@pytest.mark.parametrize("name", JUDGING)
def test_whatever_judges_or_shows_does_no_input_or_output_of_its_own(name: str) -> None:
    files = [file for file in modules() if unit(file) == name]
    found = {top for file in files for n in imported(file) if (top := n.split(".")[0]) in OUTSIDE}
    assert files
    assert not found


def test_one_module_knows_httpx() -> None:
    knows = [
        f.relative_to(PACKAGE).as_posix() for f in modules() if any(_is(n, "httpx") for n in imported(f))
    ]
    assert knows == ["wire/http.py"]


@pytest.mark.parametrize("slow", ["vcr", "jsonschema", "hypothesis"])
def test_what_is_slow_to_import_is_imported_when_it_is_needed(slow: str) -> None:
    early = [f for f in modules() if unit(f) != "probes"]  # those are loaded when a run is sure to come
    assert [f.name for f in early if any(_is(n, slow) for n in imported(f, eager=True))] == []


def _is(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_no_module_is_a_drawer() -> None:
    assert [f for f in modules() if f.stem.strip("_") in DRAWERS or f.parent.name in DRAWERS] == []


def test_every_module_says_why_it_exists() -> None:
    everything = [*modules(), *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/*.py"), ROOT / "noxfile.py"]
    assert [str(file) for file in everything if not ast.get_docstring(parsed(file))] == []


def test_no_file_is_longer_than_a_reader_bears() -> None:
    lengths = {f.relative_to(ROOT).as_posix(): len(f.read_text("utf-8").splitlines()) for f in modules()}
    assert {name: n for name, n in lengths.items() if n > LINES_OF_A_FILE} == {}


def functions() -> Iterator[tuple[str, int]]:
    """Every function of the package with its length, decorators not counted."""
    for file in modules():
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert {name: n for name, n in lengths.items() if n > LINES_OF_A_FUNCTION} == {}
    assert statistics.median(lengths.values()) <= MEDIAN_OF_FUNCTIONS


def test_architecture_shows_these_layers_in_this_order() -> None:
    block = re.search(r"```layers\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.DOTALL)
    assert block
    shown = [tuple(line.split("  ")[0].split()) for line in block[1].splitlines() if line.strip()]
    assert shown == list(LAYERS)
