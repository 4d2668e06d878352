"""The figures that the documents quote are those of today, and reach the target."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.detection import unseen_defects
from tests.detection.records import FIGURES
from tests.detection.run import measure, shortfalls, summary
from tests.sweep import Sweep


@pytest.mark.full
@pytest.mark.last
def test_the_written_detection_figures_are_those_of_today(sweep: Sweep) -> None:
    figures = measure(sweep)
    assert figures.reached, shortfalls(figures)
    with ThreadPoolExecutor(1) as here:
        unseen = unseen_defects.measure(here)
    said = summary(figures) + unseen_defects.summary(unseen)
    assert said == FIGURES.read_text("utf-8"), "run `nox -s detection -- --write`, then `nox -s documents`"
