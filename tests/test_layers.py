"""The rooms of ARCHITECTURE.md, checked by reading the imports; and the limits that keep every file readable."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.command import ROOT, python

PACKAGE = ROOT / "conformance"
ROOMS = (  # a room imports only from those before it
    "schema",
    "errors",
    "exit_codes",
    "evidence",
    "endpoint",
    "reference",
    "clients",
    "requirements",
    "probes",
    "judging",
    "wire",
    "report",
    "history",
    "traffic",
    "runner",
    "explain",
    "cli",
    "plugin",
    "__main__",
)
PURE = ("schema", "errors", "exit_codes", "evidence", "clients", "requirements", "judging", "probes")
MOST_PACKAGES, MOST_MODULES = 14, 8  # directly below `conformance`
SHOW_THE_REFERENCE_PROVIDER = {"reference", "explain", "cli/demo.py", "cli/serve.py"}
IMPORTERS = {"import_module", "__import__"}
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


def room_of(file: Path) -> str:
    """The module or package directly below `conformance` that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path, *, eager: bool = False) -> Iterator[str]:
    """What a module imports, as dotted names with the imported name last; `eager` leaves out imports inside functions."""
    for node in _eager(parsed(file)) if eager else ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in IMPORTERS:
            yield from _by_string(node, file)


def _by_string(call: ast.Call, file: Path) -> Iterator[str]:
    """What `importlib.import_module(...)` or `__import__(...)` loads: every text in its arguments that names one of our modules."""
    texts = [
        n.value for a in call.args for n in ast.walk(a) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    own = ".".join(("conformance", *file.relative_to(PACKAGE).parent.parts))
    names = {n.id for a in call.args for n in ast.walk(a) if isinstance(n, ast.Name)}
    yield from (text for text in texts if text.startswith("conformance"))
    yield from (own for name in names if name == "__name__")


def _eager(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        only_for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not only_for_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _eager(node)


def from_other_rooms(file: Path) -> list[str]:
    """What a module imports of other rooms, as dotted names below `conformance`."""
    names = [name.removeprefix("conformance.") for name in imported(file) if name.startswith("conformance.")]
    return [name for name in names if name.split(".")[0] not in (room_of(file), "__version__")]


def test_the_list_of_rooms_is_complete() -> None:
    assert sorted(ROOMS) == sorted({room_of(file) for file in modules()} - {"__init__"})


def test_there_are_few_rooms() -> None:
    packages = [entry for entry in PACKAGE.iterdir() if (entry / "__init__.py").exists()]
    assert len(packages) <= MOST_PACKAGES
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_MODULES


@pytest.mark.parametrize("file", modules(), ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_room_imports_only_from_the_rooms_before_it_and_nothing_private(file: Path) -> None:
    before = ROOMS[: ROOMS.index(room_of(file))] if room_of(file) in ROOMS else ()
    names = from_other_rooms(file)
    assert [name for name in names if name.split(".")[0] not in before] == []
    assert [name for name in names if any(part.startswith("_") for part in name.split("."))] == []


def test_the_reference_provider_shares_nothing_with_the_judge() -> None:
    assert {file.name: found for file in PACKAGE.glob("reference/**/*.py") if (found := from_other_rooms(file))} == {}


def test_only_demo_serve_and_explain_know_the_reference_provider() -> None:
    knows = {
        f.relative_to(PACKAGE).as_posix()
        for f in modules()
        if any(_is(n, "conformance.reference") for n in imported(f))
    }
    assert {name for name in knows if not {name, name.split("/")[0]} & SHOW_THE_REFERENCE_PROVIDER} == set()


def test_a_run_that_judges_a_real_endpoint_does_not_load_the_reference_provider(tmp_path: Path) -> None:
    code = "import sys; from conformance.cli import main; print(main(['run', '--plan', '--base-url', 'http://h/v1', '--model', 'm']))"
    ran = python(
        "-c", f"{code}; print([m for m in sys.modules if m.startswith('conformance.reference')])", cwd=tmp_path
    )
    assert ran.out.splitlines()[-2:] == ["0", "[]"], ran


@pytest.mark.parametrize("room", PURE)
def test_whatever_judges_does_no_input_or_output_of_its_own(room: str) -> None:
    files = [file for file in modules() if room_of(file) == room]
    found = {top for file in files for n in imported(file) if (top := n.split(".")[0]) in OUTSIDE}
    assert files
    assert not found


def test_one_module_knows_httpx() -> None:
    knows = [f.relative_to(PACKAGE).as_posix() for f in modules() if any(_is(n, "httpx") for n in imported(f))]
    assert knows == ["wire/http.py"]


@pytest.mark.parametrize("slow", ["vcr", "jsonschema", "hypothesis"])
def test_what_is_slow_to_import_is_imported_when_it_is_needed(slow: str) -> None:
    early = [f for f in modules() if room_of(f) != "probes"]  # those are loaded when a run is sure to come
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


def test_architecture_shows_the_rooms_in_this_order() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)/?` \|", text, re.MULTILINE) == list(ROOMS)
