"""A page of tables about several reports, for a terminal, as Markdown or as HTML.

Cells may hold a provider's text, so each form escapes all of them, in the same way as the report formats do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conformance.report.formats.markdown import plain
from conformance.report.text import line

if TYPE_CHECKING:  # most commands show no page
    from jinja2 import Template

_CELL, _LAST = 60, 200  # characters of a cell in a terminal; of the last cell of a row
GAP = "  "
STATES = frozenset("works degraded fails unknown complete partial none better worse new gone unjudged yes no".split())


def measured(value: float) -> str:
    """A number in about three digits, written out."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Drawn(str):
    """A cell that a page shows as a picture, and every other form as these characters, which are not escaped or cut."""

    picture: Markup

    def __new__(cls, text: str, picture: Markup) -> Drawn:
        """The characters with their picture."""
        drawn = super().__new__(cls, text)
        drawn.picture = picture
        return drawn


@dataclass(frozen=True)
class Table:
    """A titled table."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Page:
    """A title, a few sentences, and tables; those without rows are left out."""

    title: str
    notes: Sequence[str]
    tables: Sequence[Table]

    @property
    def shown(self) -> list[Table]:
        """The tables that have rows."""
        return [table for table in self.tables if table.rows]


def as_terminal(page: Page) -> str:
    """Columns of plain text."""
    blocks = ["\n".join(line(text, 400) for text in (page.title, *page.notes))]
    blocks += ["\n".join([line(table.title), *_columns(table)]) for table in page.shown]
    return "\n\n".join(blocks) + "\n"


def _columns(table: Table) -> list[str]:
    rows = [[*(_short(cell, _CELL) for cell in row[:-1]), _short(row[-1], _LAST)] for row in (table.head, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ([f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)] for row in rows)
    return [(GAP + GAP.join(cells)).rstrip() for cells in padded]


def _short(cell: str, most: int) -> str:
    return cell if isinstance(cell, Drawn) else line(cell, most)


def as_markdown(page: Page) -> str:
    """Tables of GitHub-flavoured Markdown."""
    blocks = [f"## {plain(page.title)}", *(plain(note) for note in page.notes)]
    for table in page.shown:
        rows = [table.head, tuple("---" for _ in table.head), *table.rows]
        lines = [f"| {' | '.join(cell if cell == '---' else plain(cell) for cell in row)} |" for row in rows]
        blocks.append(f"### {plain(table.title)}\n\n" + "\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def as_html(page: Page) -> str:
    """One page that opens offline and loads nothing."""
    return _template().render(page=page, states=STATES)


def as_json(found: Mapping[str, Any]) -> str:
    """The data of a page, for programs."""
    return json.dumps(found, ensure_ascii=True, indent=1) + "\n"


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment: Any = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).parent / "page"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["line"] = line
    found: Template = environment.get_template("tables.html.j2")
    return found
