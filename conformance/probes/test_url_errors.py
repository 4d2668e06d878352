"""What a wrong address is told: users come here by a mistake in the base URL."""

from __future__ import annotations

from conformance.evidence.exchange import shorten
from conformance.probes.on_purpose import UNSERVED_PATHS
from conformance.probes.sources import NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements.categories import CONNECTION_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "url.unknown-path-explained",
    category=CONNECTION_ERRORS,
    severity={},
    source=[OPENAI_ERRORS, NODE_CLIENT, issue("ConardLi/easy-dataset", 268)],
    remedy='Send {"error": {"message": ...}} also from the router: name the path, and the one that is served.',
    over=UNSERVED_PATHS,
)
def test_an_unknown_path_is_explained(talk: Talk) -> None:
    """A path that is not served is refused with a message where clients look for one.

    Of anything else users see a status and nothing that speaks of their base URL.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked("the path was answered with success")
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    assert isinstance(message, str) and message, (
        f"HTTP {answer.status}: {shorten(answer.text) or 'an empty body'}"
    )
