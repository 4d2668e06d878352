"""What the server says about a wrong address, which users reach by a mistake in the base URL."""

from __future__ import annotations

from conformance.evidence.exchange import shorten
from conformance.probes.on_purpose import UNSERVED_PATHS
from conformance.probes.sources import NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements import CONNECTION_ERRORS, Blocked
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "url.unknown-path-explained",
    failure="Unknown paths are refused without an error message that clients can read.",
    category=CONNECTION_ERRORS,
    severity={},
    source=[OPENAI_ERRORS, NODE_CLIENT, issue("ConardLi/easy-dataset", 268)],
    remedy='Send {"error": {"message": ...}} from the router too; name the unknown path and the correct one.',
    over=UNSERVED_PATHS,
)
def test_the_refusal_of_an_unknown_path_has_a_message(talk: Talk) -> None:
    """The refusal of an unknown path has its message in `error.message`.

    Clients look for it only there. Without it users see a status and nothing about their base URL.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked(f"the unknown path was not refused (HTTP {answer.status})")
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    assert isinstance(message, str) and message, f"HTTP {answer.status}: {shorten(answer.text) or 'an empty body'}"
