"""Faults of streamed calls that show only with several calls, in a later turn, or with certain arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.reference.fault import fault
from conformance.reference.faults.toolstream import stream_no_calls
from conformance.reference.sources import issue
from conformance.reference.stages import Reply

PIECE = 4  # characters


@fault("second-call-without-id", caught_by={"toolstream.first-id"}, source=issue("sgl-project/sglang", 7048))
def name_only_the_first(reply: Reply) -> None:
    """Only the first of several streamed calls has an id."""
    for entry in reply.call_deltas:
        if entry["index"] and entry.get("id"):
            entry["id"] = None


@fault("stream-call-ids-shared", caught_by={"tools.ids-unique"}, source=issue("mudler/LocalAI", 9470))
def share_the_id_of_the_answer(reply: Reply) -> None:
    """All calls of a streamed answer have the answer's id."""
    for entry in reply.call_deltas:
        if entry.get("id"):
            entry["id"] = reply.streamed[0]["id"]


@fault(
    "fragments-under-first-call",
    caught_by={"tools.arguments-json"},
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 1922),
)
def join_the_fragments(reply: Reply) -> None:
    """The arguments of all streamed calls are appended to the first."""
    for entry in reply.call_deltas:
        if not entry.get("id"):
            entry["index"] = 0


@fault(
    "streamed-calls-lost-after-error",
    caught_by={"toolstream.after-error"},
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 1066),
)
def stream_no_calls_after_results(reply: Reply) -> None:
    """After a tool has failed, streams have text instead of calls."""
    if any("error" in str(message.get("content")).lower() for message in reply.request.tool_messages):
        stream_no_calls(reply)


@fault(
    "streamed-brace-missing",
    caught_by={"tools.arguments-json", "toolstream.long-arguments"},
    source=issue("vllm-project/vllm", 32152),
)
def lose_a_brace_behind_a_number(reply: Reply) -> None:
    """The closing brace of streamed arguments is lost after a number."""
    for entry in reply.call_deltas:
        text = entry["function"]["arguments"]
        if text.endswith("}") and text[-2:-1].isdigit():
            entry["function"]["arguments"] = text[:-1]


@fault(
    "streamed-arguments-thinned",
    caught_by={"toolstream.long-arguments", "toolstream.same-arguments"},
    source=issue("anomalyco/opencode", 13515),
)
def lose_characters(reply: Reply) -> None:
    """Characters of the arguments are lost in streams: every 7 next to another digit, every s before an r."""
    for entry in reply.call_deltas:
        text = entry["function"]["arguments"]
        entry["function"]["arguments"] = text.replace("src", "rc").replace("75", "5").replace("67", "6")


def _rewrite(reply: Reply, change: Callable[[str], str]) -> None:
    """Change the arguments of every streamed call as one text, and split it into fragments as before."""
    for index in {entry["index"] for entry in reply.call_deltas}:
        entries = [entry["function"] for entry in reply.call_deltas if entry["index"] == index]
        pieces = [function for function in entries if function["arguments"]]
        text = change("".join(piece["arguments"] for piece in pieces))
        for n, piece in enumerate(pieces):
            piece["arguments"] = text[n * PIECE : (n + 1) * PIECE if n < len(pieces) - 1 else None]


@fault("entities-unescaped", caught_by={"toolstream.long-arguments"}, source=issue("smg-project/smg", 1888))
def unescape_entities(reply: Reply) -> None:
    """HTML entities in streamed arguments are replaced by their characters."""
    _rewrite(reply, lambda text: text.replace("&lt;", "<").replace("&amp;", "&").replace("&copy", "©"))


@fault("run-of-arguments-lost", caught_by={"toolstream.long-arguments"}, source=issue("vllm-project/vllm", 10395))
def lose_a_run(reply: Reply) -> None:
    """A run of characters is lost in the middle of long arguments."""
    _rewrite(reply, lambda text: re.sub(r"== \[9.*(?=table\['key10'\])", "", text))


@fault("last-newline-lost", caught_by={"toolstream.last-newline"}, source=issue("vllm-project/vllm", 29562))
def strip_arguments(reply: Reply) -> None:
    """The newline at the end of an argument is lost in streams, as if it belonged to a closing tag."""
    _rewrite(reply, lambda text: text.replace('\\n"', '"'))


@fault("tool-names-in-small", caught_by={"tools.declared-names"}, source=issue("orangeboyChen/codebuddy2api", 137))
def write_names_in_small(reply: Reply) -> None:
    """Function names come back in lower case."""
    for entry in (*reply.call_deltas, *reply.calls):
        if name := entry["function"].get("name"):
            entry["function"]["name"] = name.lower()
