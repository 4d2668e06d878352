"""The catalogue of the unseen defects."""

from __future__ import annotations

from tests.detection.changes import Changes

UNSEEN = Changes("unseen defect", "tests.detection.unseen")
shown = UNSEEN.shown
