"""Faults of pictures that only a reader of the answer notices, or that no user understands."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Request


@fault(
    "images-unknown-variant",
    caught_by={"images.after-result", "images.seen", "client.roo-code-picture"},
    source=issue("Oaklight/llm-rosetta", 314),
)
def refuse_the_variant(request: Request) -> None:
    """A picture is refused with the raw message of a parser."""
    if _has_picture(request):
        request.refuse(
            400, "Failed to deserialize: messages[1]: unknown variant `image_url`, expected `text`", "messages"
        )


@fault(
    "images-as-notes", caught_by={"images.after-result", "images.seen"}, source=issue("griffinwork40/agent-afk", 134)
)
def note_pictures(request: Request) -> None:
    """A note replaces every picture, and the model answers without seeing it."""
    for message in request.messages:
        if isinstance(message.get("content"), list):
            note = {"type": "text", "text": "[image omitted]"}
            message["content"] = [note if part.get("type") == "image_url" else part for part in message["content"]]


def _has_picture(request: Request) -> bool:
    contents = (message.get("content") for message in request.messages)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return any(part.get("type") == "image_url" for part in parts)
