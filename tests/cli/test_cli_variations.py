"""The reference provider answers in another legitimate form when an option names one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.reference import known_variations
from tests.command import conformance


def test_the_variations_are_listed_with_what_they_vary(tmp_path: Path) -> None:
    ran = conformance("serve", "--list-variations", cwd=tmp_path)
    assert ran.code == 0
    assert [line.split(":")[0] for line in ran.out.splitlines()[::2]] == list(known_variations())


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_an_unknown_variation_is_answered_with_the_nearest(command: str, tmp_path: Path) -> None:
    ran = conformance(command, "--variation", "crlf-line-end", cwd=tmp_path)
    assert ran.code == 4
    assert "unknown variation 'crlf-line-end'" in ran.err
    assert "crlf-line-ends" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.full
def test_a_demo_asks_at_the_base_url_that_a_variation_has(tmp_path: Path) -> None:
    varied = ("--variation", "base-path-without-version", "--variation", "cr-line-ends")
    ran = conformance("demo", *varied, "--depth", "quick", "--output", "report", cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert report["endpoint"]["base_url"].endswith("/serving-endpoints")
