"""Faults of mistakes that are passed over in silence."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Request


@fault(
    "misplaced-schema-dropped",
    caught_by={"errors.misplaced-schema"},
    source=issue("ggml-org/llama.cpp", 28697),
)
def drop_a_misplaced_schema(request: Request) -> None:
    """A schema that stands directly in response_format is taken and dropped: any text will do."""
    if "schema" in (request.body.get("response_format") or {}):
        del request.body["response_format"]
