"""The requirements as lists: narrowed by area, client and heading, as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.explain.listing import chosen, probes_json, probes_markdown, probes_text
from conformance.probes.catalogue import catalogue
from conformance.requirements import HARMLESS
from conformance.requirements.areas import AREAS
from tests.command import conformance


def test_without_a_filter_all_are_chosen() -> None:
    assert [probe.id for probe in chosen()] == list(catalogue())


def test_filters_combine() -> None:
    found = chosen(areas=["stream", "usage"], clients=["roo-code"], categories=["unexpected-results"])
    assert {probe.area for probe in found} == {"stream", "usage"}
    assert {probe.category.id for probe in found} == {"unexpected-results"}
    assert HARMLESS not in {probe.severity["roo-code"] for probe in found}
    assert len(found) < len(chosen(areas=["stream", "usage"]))


def test_only_the_whole_list_ends_with_the_untestable_points() -> None:
    assert "not testable" in probes_text(chosen())
    assert "not testable" not in probes_text(chosen(areas=["auth"]))


def test_json_has_one_entry_per_requirement_with_its_faults() -> None:
    entries = json.loads(probes_json(chosen(areas=["auth"])))
    assert [entry["probe"] for entry in entries] == [probe.id for probe in chosen(areas=["auth"])]
    assert all(entry["faults"] for entry in entries)


def test_the_document_has_a_section_per_area_and_per_requirement() -> None:
    text = probes_markdown(chosen())
    assert re.findall(r"^## ([a-z]+)$", text, re.MULTILINE) == list(AREAS)
    assert re.findall(r"^### `(.+)`$", text, re.MULTILINE) == list(catalogue())


@pytest.mark.parametrize("option", ["--area", "--client", "--category"])
def test_an_unknown_name_gives_one_line(option: str, tmp_path: Path) -> None:
    ran = conformance("probes", option, "nonsense", cwd=tmp_path)
    assert ran.code == 4
    assert ran.err.startswith(f"conformance: unknown {option[2:]} 'nonsense'")
    assert ran.err.count("\n") == 1
    assert ran.out == ""
