"""Mistakes in a request that a server had better tell than pass over."""

from __future__ import annotations

from conformance.clients import OPENAI_PYTHON
from conformance.evidence.exchange import parse_json, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.sources import OPENAI_ERRORS, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES
from conformance.requirements.talk import Talk


@probe(
    "errors.misplaced-schema",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 28697)],
    remedy="Refuse a response_format that is not in the form of the specification, or obey it; do not drop it.",
)
def test_a_misplaced_schema_is_not_dropped(misplaced_schema: Talk, json_schema: Talk) -> None:
    """A schema in the wrong place of response_format is refused or obeyed, where one in the right place is obeyed.

    The program that sent it tries to read prose as JSON.
    """
    answer, obeyed = as_reply(misplaced_schema.answered), as_reply(json_schema.answered)
    if answer is None:
        return
    if obeyed is None or not isinstance(parse_json(obeyed.text), dict):
        raise Blocked("a schema in its right place is not obeyed either")
    assert isinstance(parse_json(answer.text), dict), f"not JSON: {shorten(answer.text)!r}"
