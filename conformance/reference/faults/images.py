"""Faults of pictures: dropped, refused, or fatal."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.picture import pictures_of
from conformance.reference.sources import CHAT, issue
from conformance.reference.stages import Request

SEEN = {"images.seen", "images.after-result"}


def _has_pictures(request: Request) -> bool:
    return any(pictures_of(message.get("content")) for message in request.messages)


def _drop(request: Request) -> None:
    for message in request.messages:
        if isinstance(message.get("content"), list):
            message["content"] = [part for part in message["content"] if part.get("type") != "image_url"]


@fault("images-dropped", caught_by=SEEN, source=issue("FlashML-org/FreeToken", 348))
def drop_pictures(request: Request) -> None:
    """Pictures are silently dropped; the answer is about the text alone."""
    _drop(request)


@fault("images-dropped-after-results", caught_by={"images.after-result"}, source=CHAT)
def drop_pictures_after_results(request: Request) -> None:
    """Pictures are dropped when the history contains tool results."""
    if request.tool_messages:
        _drop(request)


@fault("images-refused", caught_by=SEEN | {"client.roo-code-picture"}, source=issue("QwenLM/Qwen3-VL", 2069))
def refuse_pictures(request: Request) -> None:
    """Pictures are refused with a message that names them: the model takes text only."""
    if _has_pictures(request):
        request.refuse(400, "This model does not support image input.", "messages", "invalid_value")


@fault(
    "images-500",
    caught_by={"images.answered-or-refused", "client.roo-code-picture", "errors.no-server-error"},
    source=issue("vllm-project/vllm", 11629),
)
def crash_on_pictures(request: Request) -> None:
    """A picture gets an exception of the server."""
    if _has_pictures(request):
        request.refuse(500, "KeyError: 'pixel_values'")


@fault(
    "images-refused-without-a-word", caught_by={"images.answered-or-refused", "client.roo-code-picture"}, source=CHAT
)
def refuse_pictures_without_a_reason(request: Request) -> None:
    """Pictures are refused with a message that does not mention them."""
    if _has_pictures(request):
        request.refuse(400, "Bad Request")
