"""Where the reasoning of a model stands."""

from __future__ import annotations

from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import shorten
from conformance.probes.sources import CLINE_PROVIDER, ROO_PROVIDER, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe


@probe(
    "chat.reasoning-field",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[ROO_PROVIDER, CLINE_PROVIDER, issue("RooCodeInc/Roo-Code", 11495)],
    remedy="Nothing breaks. Send reasoning in `reasoning_content` as well, which every agent shows.",
)
def test_reasoning_stands_where_every_agent_looks(reply: Reply) -> None:
    """Reasoning comes in `reasoning_content`, not in `reasoning` alone.

    Roo Code and Cline read only the former: their users do not see that the model is thinking.
    """
    found = [reply.message] if isinstance(reply, Completion) else []
    found = [delta.value for delta in reply.deltas] if isinstance(reply, Stream) else found
    seen = {name for one in found for name in ("reasoning", "reasoning_content") if one.get(name)}
    assert seen != {"reasoning"}, f"only in `reasoning`: {shorten(reply.reasoning)!r}"
