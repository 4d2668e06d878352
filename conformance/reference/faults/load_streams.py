"""Faults of concurrent streams: one stops sending, one gets the answer of another."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Actions, Hang, Reply, Request


def _asks_for(request: Request, word: str) -> bool:
    """Whether this is the concurrent request that asks to repeat this word."""
    return request.streams and word in str(request.messages)


@fault("silent-under-load", caught_by={"stream.whole"}, source=issue("NVIDIA-NeMo/Switchyard", 541))
def fall_silent_under_load(wire: Actions) -> None:
    """One of several concurrent streams sends its headers and then nothing more."""
    if _asks_for(wire.request, "cedar-3"):
        wire[1:] = [Hang()]


@fault("answers-swapped", caught_by={"load.no-cross-talk"}, source=issue("ml-explore/mlx-lm", 965))
def answer_another_prompt(reply: Reply) -> None:
    """One of several concurrent streams is the whole answer to another prompt."""
    if _asks_for(reply.request, "daisy-4"):
        first, *rest = reply.text_deltas
        first["content"] = "".join(delta["content"] for delta in reply.text_deltas).replace("daisy-4", "amber-1")
        for delta in rest:
            delta["content"] = ""


@fault(
    "second-stream-waits",
    caught_by={"errors.answered", "load.all-answered"},
    source=issue("abetlen/llama-cpp-python", 1879),
)
def leave_the_lock_taken(wire: Actions) -> None:
    """The first stream never releases its lock: a second concurrent stream waits without end."""
    if _asks_for(wire.request, "birch-2"):
        wire[:] = [Hang()]


@fault("slot-kept-after-leaving", caught_by={"load.after-leaving"}, source=issue("ggml-org/llama.cpp", 27604))
def wait_for_the_slot(wire: Actions) -> None:
    """A stream goes on after its client disconnects, and requests sent meanwhile wait without end."""
    if _asks_for(wire.request, "elder-5"):
        wire[:] = [Hang()]
