"""Badges show the worst verdict of the chosen clients: as text, for screen readers, and for shields.io."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from conformance.report.formats import render
from tests.report.formats import examples

SVG = "{http://www.w3.org/2000/svg}"


def test_the_badge_has_the_verdict_as_text_and_in_its_title_and_loads_nothing() -> None:
    root = ElementTree.fromstring(render("badge", examples.failing()))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["3 clients", "fails"]
    assert root.findtext(f"{SVG}title") == "acme-large, 2026-11-25: 3 clients: fails"
    assert not [e for e in root.iter() if any("href" in name for name in e.attrib) or "script" in e.tag]


def test_hostile_text_is_only_text() -> None:
    root = ElementTree.fromstring(render("badge", examples.hostile()))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {"svg", "title", "path", "g", "text"}


def test_shields_io_gets_the_members_that_it_reads() -> None:
    badge = json.loads(render("shields", examples.working()))
    assert badge == {"schemaVersion": 1, "label": "3 clients", "message": "works", "color": "brightgreen"}
