"""Badges say the worst verdict of the chosen clients, to eyes, to screen readers, and to shields.io."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from conformance.report.formats import render
from tests.report.formats import examples

SVG = "{http://www.w3.org/2000/svg}"


def test_the_badge_says_the_verdict_twice_and_loads_nothing() -> None:
    root = ElementTree.fromstring(render("badge", examples.failing()))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["3 clients", "fails"]
    assert root.findtext(f"{SVG}title") == "acme-large, 2026-11-25: 3 clients: fails"
    assert not [e for e in root.iter() if any("href" in name for name in e.attrib) or "script" in e.tag]


def test_hostile_text_is_only_text() -> None:
    root = ElementTree.fromstring(render("badge", examples.hostile()))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {"svg", "title", "path", "g", "text"}


def test_shields_get_what_they_read() -> None:
    told = json.loads(render("shields", examples.working()))
    assert told == {"schemaVersion": 1, "label": "3 clients", "message": "works", "color": "brightgreen"}
