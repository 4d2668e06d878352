"""The command that makes the pictures of the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import ROOT, python
from tests.screenshots import CHROMIUM, NAMES

pytest.importorskip("playwright.sync_api")
pytest.importorskip("PIL")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_it_makes_every_picture_and_none_is_large(tmp_path: Path) -> None:
    ran = python("-m", "tests.screenshots", str(tmp_path), cwd=ROOT)
    assert ran.code == 0, ran.err
    assert {file.name for file in tmp_path.iterdir()} == NAMES
    assert all(3_000 < file.stat().st_size < 150_000 for file in tmp_path.iterdir())
