"""Makes the pictures for the documents: the page of the example report, in the Chromium that is installed here.

    python -m tests.screenshots [DIR]       writes to DIR (docs/images)

When you change how the page looks, make the pictures again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.command import ROOT

PAGE = ROOT / "reports" / "example" / "report.html"
FOLDER = ROOT / "docs" / "images"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTH = 1_000  # pixels
COLOURS = 128  # enough for text and areas; the file has a third of the size
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class View:
    """A part of the page: the selector of its first element, and its height in pixels."""

    first: str
    height: int


VIEWS = {
    "answer": View("body", 900),
    "requirement": View("[id='p-toolstream.index']", 760),
    "evidence": View(".exchange[open] .chunks", 560),
    "time": View("#s-arrival", 900),
}
NAMES = frozenset(f"{view}-{scheme}.png" for view in VIEWS for scheme in SCHEMES)


@contextmanager
def browser() -> Iterator[Any]:
    """Starts the installed Chromium; downloads none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def shoot(folder: Path) -> None:
    """Writes every picture to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for scheme in SCHEMES:
            page = chromium.new_page(color_scheme=scheme)
            page.goto(PAGE.as_uri())
            page.eval_on_selector(".exchange:has(mark)", "it => { it.open = true }")
            for name, view in VIEWS.items():
                _picture(page, view, folder / f"{name}-{scheme}.png")


def _picture(page: Any, view: View, file: Path) -> None:
    """Writes one picture, with few colours."""
    from PIL import Image

    page.set_viewport_size({"width": WIDTH, "height": view.height})
    page.eval_on_selector(view.first, "it => it.scrollIntoView()")
    with tempfile.NamedTemporaryFile(suffix=".png") as whole:
        page.screenshot(path=whole.name)
        few = Image.open(whole.name).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


if __name__ == "__main__":
    shoot(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
