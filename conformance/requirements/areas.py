"""The areas of requirements, in the order in which a user meets them. The area is the part of an id before the dot."""

from __future__ import annotations

AREAS = {  # id: title
    "url": "Base URL",
    "auth": "API key",
    "models": "Model list",
    "chat": "Plain answers",
    "stream": "Streaming",
    "tools": "Tool calls",
    "toolstream": "Streamed tool calls",
    "params": "Parameters",
    "images": "Images",
    "usage": "Token usage",
    "errors": "Errors",
    "limits": "Limits",
    "load": "Load",
    "client": "Whole turns of a client",
}
WHOLE_TURNS = (
    "client"  # a whole turn fails whenever another requirement fails, so it comes last and is never the root cause
)
_ORDER = list(AREAS)


def rank(area: str) -> int:
    """The position of an area in that order; an unknown area, as of a newer suite, comes last."""
    return _ORDER.index(area) if area in AREAS else len(AREAS)


def title(area: str) -> str:
    """The title that people read instead of the id; an unknown area is its own title."""
    return AREAS.get(area, area)
