"""Reports about trouble that passes."""

from __future__ import annotations

from conformance.reference.stages import Request
from tests.detection.reports.shown import shown

LOADING = 4  # requests, as a model that loads for six seconds refuses those of its clients
ONE_IN = 9


@shown("canonical/inference-snaps#234 loading")
def load_first(request: Request) -> None:
    """503 Loading model for the first requests, then sound."""
    if request.number <= LOADING:
        request.refuse(503, "Loading model")


@shown("anomalyco/opencode#833 overloaded-now-and-then")
def be_overloaded(request: Request) -> None:
    """One request in nine is refused with 503."""
    if request.number % ONE_IN == 0:
        request.refuse(503, "Overloaded")
