"""Draws texts that users see, to be read aloud: from the terminal, the report, the help and the documents.

    python -m tests.sample_texts [COUNT] [SEED]

Whoever changes texts reads a sample of them as somebody who does not know the project.
"""

from __future__ import annotations

import html
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.reference import catalogue as faults
from tests.command import ROOT, conformance

COMMANDS = "run demo replay judge capture serve probes explain providers url report diff compare gate known history"
SHORTEST = 25  # characters of a text that says something


def main(count: int = 30, seed: int = 0) -> None:
    """Prints so many texts, each with its place."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        places = {
            "help": list(_help(Path(folder))),
            **dict(_runs(Path(folder), chance.sample(list(faults()), 4))),
            "documents": list(_documents()),
        }
    for n in range(count):
        place = list(places)[n % len(places)]
        print(f"{n + 1}. [{place}] {chance.choice(places[place])}")


def _help(folder: Path) -> Iterator[str]:
    for command in ("", *COMMANDS.split()):
        text = conformance(*command.split(), "--help", cwd=folder).out
        yield from _long(" ".join(part.split()) for part in re.split(r"\n\n|\n  (?=\S)", text))


def _runs(folder: Path, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The terminal, the page and the bug reports of runs with these faults."""
    terminal, page, bugs = [], [], []
    for name in names:
        ran = conformance("demo", "--fault", name, "--output", name, cwd=folder)
        terminal += _long(ran.out.splitlines())
        page += _long(_nodes((folder / name / "report.html").read_text("utf-8")))
        bugs += _long(conformance("report", f"{name}/report.json", "--format", "bugs", cwd=folder).out.splitlines())
    yield from (("terminal", terminal), ("page", page), ("bugs", bugs))


def _nodes(text: str) -> Iterator[str]:
    """The visible texts of a page, without the evidence."""
    shown = re.sub(r"<(style|script|pre|svg|table)\b.*?</\1>", "", text, flags=re.DOTALL)
    yield from (" ".join(html.unescape(node).split()) for node in re.split(r"<[^>]+>", shown))


def _documents() -> Iterator[str]:
    for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        text = re.sub(r"```.*?```", "", file.read_text("utf-8"), flags=re.DOTALL)
        yield from _long(" ".join(part.split()) for part in text.split("\n\n"))


def _long(texts: Iterator[str] | list[str]) -> list[str]:
    return [text.strip() for text in texts if len(text.strip()) >= SHORTEST]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
