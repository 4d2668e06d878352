"""Ways to show a report: one module each, found by walking this folder, all of them `render(report) -> str`.

One that makes several documents has `files(report)` beside it, by the names of their files.
A report is full of what a provider said, so each of them escapes that for where its output will be read:
a terminal must not obey it, a browser not run it, a spreadsheet not calculate it. What is left over from
broken Unicode is spelled out here, so that the result can always be written as UTF-8.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from conformance.errors import UsageError


def names() -> list[str]:
    """Every reporter by name; modules that begin with `_` only serve others."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def render(name: str, report: Mapping[str, Any], **options: Any) -> str:
    """The report as that reporter shows it; `options` are its own (`width` and `colour` of terminal)."""
    return _spelled(_reporter(name).render(report, **options))


def files(name: str, report: Mapping[str, Any]) -> dict[str, str] | None:
    """The same as several files by name, for a reporter that makes such; None for one that makes one text."""
    apart = getattr(_reporter(name), "files", None)
    return {file: _spelled(text) for file, text in apart(report).items()} if apart else None


def _reporter(name: str) -> Any:
    if name not in names():
        raise UsageError(f"unknown format {name!r}: use one of {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


def _spelled(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
