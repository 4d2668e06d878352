"""Where an answer carries the reasoning of the model."""

from __future__ import annotations

from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import shorten
from conformance.probes.sources import CLINE_PROVIDER, ROO_PROVIDER, issue
from conformance.requirements import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe


@probe(
    "chat.reasoning-field",
    failure="Reasoning is sent only in `reasoning`.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[ROO_PROVIDER, CLINE_PROVIDER, issue("RooCodeInc/Roo-Code", 11495)],
    remedy="Nothing breaks. Send reasoning in `reasoning_content` as well, which every agent shows.",
)
def test_reasoning_is_sent_where_every_agent_reads_it(reply: Reply) -> None:
    """Reasoning is sent in `reasoning_content`, not only in `reasoning`.

    Roo Code and Cline read only `reasoning_content`: their users do not see that the model is thinking.
    """
    found = [reply.message] if isinstance(reply, Completion) else []
    found = [delta.value for delta in reply.deltas] if isinstance(reply, Stream) else found
    seen = {name for one in found for name in ("reasoning", "reasoning_content") if one.get(name)}
    assert seen != {"reasoning"}, f"reasoning only in `reasoning`: {shorten(reply.reasoning)!r}"
