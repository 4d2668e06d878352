"""Forms that come from other APIs of the same server, or from the model it serves."""

from __future__ import annotations

from conformance.reference.sources import commit, issue
from conformance.reference.stages import Reply
from conformance.reference.variation import variation


@variation("error-as-anthropic", source=issue("egoist/chatwise-releases", 1368))
def refuse_as_anthropic(reply: Reply) -> None:
    """A wrong key is refused as by Anthropic: with `type` next to `error`, and without param and code."""
    if reply.refuses_key:
        error = {"type": "authentication_error", "message": reply.body["error"]["message"]}
        reply.json(401, {"type": "error", "error": error, "request_id": "req_1"})


@variation("arguments-end-in-blank", source=commit("charmbracelet/fantasy", "5ff5101"))
def end_arguments_with_a_blank(reply: Reply) -> None:
    """Streamed arguments are valid JSON before their last fragment, which is a newline."""
    last = {entry["index"]: entry for entry in reply.call_deltas}
    for entry in last.values():
        entry["function"]["arguments"] += "\n"
