"""Makes the pictures of the page that the documents show: the example report in the Chromium of this machine.

    python -m tests.screenshots [DIR]       docs/images, unless another folder is named

What a picture shows follows the page; so whoever changes how that looks makes them anew.
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
COLOURS = 128  # of a picture: letters and areas need no more, and it is a third as large
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class View:
    """A part of the page: the element that it begins with, and its height in pixels."""

    begins: str
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
    """The Chromium that is installed here; none is downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def shoot(folder: Path) -> None:
    """Makes every picture in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for scheme in SCHEMES:
            page = chromium.new_page(color_scheme=scheme)
            page.goto(PAGE.as_uri())
            page.eval_on_selector(".exchange:has(mark)", "it => { it.open = true }")
            for name, view in VIEWS.items():
                _picture(page, view, folder / f"{name}-{scheme}.png")


def _picture(page: Any, view: View, file: Path) -> None:
    """One picture, in few colours."""
    from PIL import Image

    page.set_viewport_size({"width": WIDTH, "height": view.height})
    page.eval_on_selector(view.begins, "it => it.scrollIntoView()")
    with tempfile.NamedTemporaryFile(suffix=".png") as whole:
        page.screenshot(path=whole.name)
        few = Image.open(whole.name).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


if __name__ == "__main__":
    shoot(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
