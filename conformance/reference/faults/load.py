"""Faults that show with several requests at once: mixed answers, lost answers, no concurrency."""

from __future__ import annotations

import re

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Actions, Pause, Reply, Request

WORD = re.compile(r"\b(amber|birch|cedar|daisy)-(\d)\b")  # what concurrent requests ask to repeat


def _number(request: Request) -> int:
    """The number of a concurrent request, from 1; 0 for any other request."""
    found = WORD.search(str(request.messages[-1].get("content"))) if request.messages else None
    return int(found[2]) if found else 0


@fault("answers-mixed", caught_by={"load.no-cross-talk"}, source=issue("waybarrios/vllm-mlx", 654))
def mix_answers(reply: Reply) -> None:
    """A streamed answer ends with words from another answer."""
    if _number(reply.request) == 2 and reply.text_deltas:
        reply.text_deltas[-1]["content"] += " cedar-3"


@fault("busy-503", caught_by={"load.all-answered", "errors.no-server-error"}, source=issue("ggml-org/llama.cpp", 3821))
def refuse_the_fourth(request: Request) -> None:
    """One of several concurrent requests is refused with 503."""
    if _number(request) == 4:
        request.refuse(503, "Loading model or no slot available")


@fault("one-at-a-time", caught_by={"load.side-by-side"}, source=issue("abetlen/llama-cpp-python", 1879))
def answer_one_at_a_time(wire: Actions) -> None:
    """Requests wait for each other: an answer begins when the previous one has ended."""
    wire.insert(0, Pause(0.4 * _number(wire.request)))
