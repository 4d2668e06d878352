"""Shows a page about several reports, in the format that the user chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.report.output import show_text
from conformance.report.tables import Page, as_html, as_json, as_markdown, as_terminal

PAGES: Mapping[str, Callable[[Page], str]] = {"terminal": as_terminal, "markdown": as_markdown, "html": as_html}
FORMATS = (*PAGES, "json")


def show(found: Mapping[str, Any], page: Page, form: str, output: Path | None) -> None:
    """Prints the page, or the data it was made of as JSON; with `output` into that file."""
    show_text(as_json(found) if form == "json" else PAGES[form](page), output)
