"""How a verdict, a level of tool calling, a status or an outcome is shown: one table for every format, the best first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """The states that look alike, and how each format marks them."""

    states: tuple[str, ...]
    sign: str  # in Markdown
    style: str  # in a terminal, for rich
    level: str  # of an annotation on GitHub
    shield: str  # name of a colour of shields.io
    colour: str  # of a badge, dark enough for white text


LOOKS = (
    Look(("works", "complete", "ok", "passed", "not-applicable"), "✅", "green", "notice", "brightgreen", "#3a7d0a"),
    Look(("degraded", "partial"), "⚠️", "bold yellow", "warning", "yellow", "#8a6100"),
    Look(("unknown", "blocked", "error"), "❔", "bold magenta", "error", "lightgrey", "#6b6b6b"),
    Look(("fails", "none", "problem", "failed"), "❌", "bold red", "error", "red", "#c0362c"),
)
_BY_STATE = {state: look for look in LOOKS for state in look.states}


def look(state: str) -> Look:
    """How a state is shown."""
    return _BY_STATE[state]


def rank(state: str) -> int:
    """0 for the best states, more for worse ones."""
    return LOOKS.index(look(state))
