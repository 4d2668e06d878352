"""The known defects in `records.toml`: where each was seen, under which heading users look for it, and what reproduces it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("records.toml")
FIGURES = FILE.with_name("figures.txt")  # the figures of the last measurement


@dataclass(frozen=True)
class Record:
    """One known defect; `verdict` is `fail`, `warn` or `pass`. Exactly one of the last four fields says what shows it."""

    source: str
    slug: str
    title: str
    category: str
    verdict: str
    argued: str = ""
    faults: tuple[str, ...] = ()
    variation: str = ""
    sound: bool = False
    not_on_the_wire: str = ""

    @property
    def address(self) -> str:
        """The source as an address that anybody can open."""
        repository, _, number = self.source.partition("#")
        return self.source if not number else f"https://github.com/{repository}/issues/{number}"


@cache
def records() -> tuple[Record, ...]:
    """All of them, in the order of the file."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    return tuple(_record(*key.rsplit(" ", 1), **entry) for key, entry in entries)


def _record(source: str, slug: str, *, faults: tuple[str, ...] = (), **entry: str) -> Record:
    return Record(source, slug, faults=tuple(faults), **entry)  # type: ignore[arg-type]
