"""Mistakes in a request that a server should report instead of ignoring them."""

from __future__ import annotations

from conformance.clients import OPENAI_PYTHON
from conformance.evidence.exchange import parse_json, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.sources import OPENAI_ERRORS, issue
from conformance.requirements import DEGRADES, UNEXPECTED_RESULTS, Blocked
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "errors.misplaced-schema",
    failure="A schema in the wrong place of `response_format` is silently ignored.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 28697)],
    remedy="Refuse a `response_format` that does not have the form of the specification, or apply it; do not "
    "ignore it.",
)
def test_a_misplaced_schema_is_refused_or_followed(misplaced_schema: Talk, json_schema: Talk) -> None:
    """A schema in the wrong place of `response_format` is refused or followed, if schemas are followed at all.

    The program that sent it tries to parse prose as JSON.
    """
    answer, followed = as_reply(misplaced_schema.answered), as_reply(json_schema.answered)
    if answer is None:
        return
    if followed is None or not isinstance(parse_json(followed.text), dict):
        raise Blocked("a schema in the right place is not followed either")
    assert isinstance(parse_json(answer.text), dict), f"not JSON: {shorten(answer.text)!r}"
