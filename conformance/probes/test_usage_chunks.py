"""Token counts inside a stream: where they stand, and how often."""

from __future__ import annotations

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import shown
from conformance.probes.sources import OPENAI_CHUNK, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe


@probe(
    "usage.once",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 9815), issue("agno-agi/agno", 6059)],
    remedy="Send `usage` once, in a last chunk of its own, when stream_options.include_usage asks for it.",
)
def test_tokens_are_counted_once(stream: Stream) -> None:
    """A stream carries `usage` once.

    Programs that add up count every token many times; some take the first chunk with usage for the last.
    """
    found = stream.usages
    assert len(found) < 2, f"{len(found)} chunks with usage, the first {shown(found[0] if found else None)}"
