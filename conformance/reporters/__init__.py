"""Ways to show a report: one module each, found by walking this folder, all of them `render(report) -> str`.

A report is full of what a provider said, so each of them escapes that for where its output will be read:
a terminal must not obey it, a browser not run it, a spreadsheet not calculate it. What is left over from
broken Unicode is spelled out here, so that the result can always be written as UTF-8.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from conformance.config import UsageError


def names() -> list[str]:
    """Every reporter by name; modules that begin with `_` only serve others."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def render(name: str, report: Mapping[str, Any], **options: Any) -> str:
    """The report as that reporter shows it; `options` are its own (`width` and `colour` of terminal)."""
    if name not in names():
        raise UsageError(f"unknown format {name!r}: use one of {', '.join(names())}")
    text: str = importlib.import_module(f"{__name__}.{name}").render(report, **options)
    return text.encode("utf-8", "backslashreplace").decode()
