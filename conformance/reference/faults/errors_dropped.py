"""Faults of mistakes in a request that the server silently ignores."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Request


@fault("misplaced-schema-dropped", caught_by={"errors.misplaced-schema"}, source=issue("ggml-org/llama.cpp", 28697))
def drop_a_misplaced_schema(request: Request) -> None:
    """A schema placed directly in response_format is accepted and dropped: the answer is any text."""
    if "schema" in (request.body.get("response_format") or {}):
        del request.body["response_format"]
