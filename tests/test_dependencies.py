"""What a user installs is what the program imports, and no more."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.command import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PLUGINS = {"pytest-html"}  # of pytest: the run names them to pytest, and imports nothing of them


def imported(file: Path) -> Iterator[str]:
    """The top-level names of the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def distribution(module: str) -> str:
    """The name under which a module is installed."""
    top = module.split(".")[0]
    found = packages_distributions().get(top, [top])
    of_namespace = [name for name in found if name.lower().replace("-", ".") == module]
    return plain((of_namespace or found)[0])


def plain(requirement: str) -> str:
    """The name in a requirement, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\\[ ]", requirement)[0]).lower()


def test_the_dependencies_are_what_the_program_imports() -> None:
    modules = {name for file in (ROOT / "conformance").rglob("*.py") for name in imported(file)}
    others = {m for m in modules if m.split(".")[0] not in sys.stdlib_module_names | {"conformance", "compression"}}
    assert {distribution(m) for m in others} | PLUGINS == {plain(d) for d in PROJECT["project"]["dependencies"]}
