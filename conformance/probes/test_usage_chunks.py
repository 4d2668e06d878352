"""Token counts within a stream: how often they are sent."""

from __future__ import annotations

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import shown
from conformance.probes.sources import OPENAI_CHUNK, issue
from conformance.requirements import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe


@probe(
    "usage.once",
    failure="A stream sends `usage` more than once.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 9815), issue("agno-agi/agno", 6059)],
    remedy="Send `usage` once, in a separate last chunk, when stream_options.include_usage asks for it.",
)
def test_usage_is_sent_once(stream: Stream) -> None:
    """A stream sends `usage` once.

    Programs that add the counts up count every token many times. Some take the first chunk with usage for the last.
    """
    found = stream.usages
    assert len(found) < 2, f"{len(found)} chunks with usage, the first {shown(found[0] if found else None)}"
