"""The result of a run against each public report: the affected clients, the heading, who can fix it, and the first advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.requirements.conversation import Depth
from tests.detection.public import concluded_of, expected, wrong
from tests.detection.reports.shown import REPORTS

RIGHT = expected(Path(__file__).with_name("reports.toml"))


def test_every_report_has_a_change_and_every_change_a_report() -> None:
    assert REPORTS.known.keys() == RIGHT.keys()


@pytest.mark.full
@pytest.mark.parametrize("key", RIGHT)
def test_a_standard_run_says_what_is_right(key: str) -> None:
    said = list(wrong(RIGHT[key], concluded_of(REPORTS, key, Depth.STANDARD)))
    if RIGHT[key].still:
        assert said, f"{key} is judged rightly now: remove `still` from reports.toml"
        pytest.xfail(f"{RIGHT[key].still}: {'; '.join(said)}")
    assert said == []


@pytest.mark.full
@pytest.mark.parametrize("key", RIGHT)
def test_a_quick_run_says_nothing_that_is_wrong(key: str) -> None:
    """It asks less, so it may notice nothing."""
    said = list(wrong(RIGHT[key], concluded_of(REPORTS, key, Depth.QUICK), noticed=False))
    if RIGHT[key].still or RIGHT[key].still_quick:
        pytest.xfail(f"{RIGHT[key].still or RIGHT[key].still_quick}: {'; '.join(said)}")
    assert said == []
