"""Pages of tables: every form escapes a provider's text, and a page loads and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from conformance.report.tables import Page, Table, as_html, as_markdown, as_terminal
from tests.report.formats.examples import HOSTILE

TEXT = HOSTILE.encode("utf-8", "backslashreplace").decode()
EVIL = Page(TEXT, [TEXT], [Table(TEXT, (TEXT, "state"), [(TEXT, "works"), (TEXT, TEXT)])])


@pytest.mark.parametrize("form", [as_terminal, as_markdown, as_html])
def test_no_control_character_gets_through(form: Callable[[Page], str]) -> None:
    text = form(EVIL)
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    assert "\\x1b[31m" in text or "\\x1b\\[31m" in text


def test_the_page_has_only_known_tags_and_a_strict_policy() -> None:
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Reader().feed(as_html(EVIL))
    assert not {tag for tag, _ in tags} & {"script", "img", "svg", "a", "link", "iframe"}
    assert not [a for _, attributes in tags for a in attributes if a.startswith("on") or a in ("src", "href", "style")]
    policy = [
        attributes["content"] for _, attributes in tags if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert [attributes.get("class") for tag, attributes in tags if tag == "td"] == [None, "works", None, None]


def test_markdown_rows_keep_their_cells() -> None:
    rows = [row for row in as_markdown(EVIL).splitlines() if row.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}
    assert not re.search(r"(?<!\\)<script", as_markdown(EVIL))


def test_columns_are_aligned_and_tables_without_rows_left_out() -> None:
    page = Page("t", [], [Table("one", ("a", "b"), [("long cell", "x")]), Table("none", ("c",), [])])
    assert as_terminal(page) == "t\n\none\n  a          b\n  long cell  x\n"
