"""Which cases of a test are in the quick set, and which wait for `pytest -m full`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def only(cases: Iterable[Any], wanted: Callable[[Any], bool]) -> list[Any]:
    """The cases for `parametrize`; those that are not wanted in the quick set are marked `full`."""
    return [case if wanted(case) else pytest.param(*_values(case), marks=pytest.mark.full) for case in cases]


def _values(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) and case else (case,)
