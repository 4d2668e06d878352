"""Kilo Code's own turns, and the small request for a title beside the first one."""

from __future__ import annotations

from conformance.clients.agent_texts import READS, TASK, request_for
from conformance.clients.own_turns import ACCEPT, OwnTurn, TurnRequirement

TURNS = (
    OwnTurn(
        name="work",
        asks="Kilo Code at work: a call, its result right behind it, and what the model makes of that.",
        wishes=(request_for(READS[0]),),
        requests=2,
        requirements=(
            TurnRequirement(
                slug="request",
                text="Kilo Code's own requests - its headers, tools, history and parameters - are accepted as they are.",
                failure="Kilo Code's own request is refused.",
                category="unexpected-results",
                remedy=ACCEPT,
                brings="",
            ),
            TurnRequirement(
                slug="turn",
                text="Kilo Code calls a tool, sends the result back and calls the next: every answer is one that it can run.",
                why="Its library checks every chunk against a schema; one that does not fit ends the turn.",
                failure="Kilo Code cannot use an answer to its own request.",
                accepted=False,
            ),
        ),
    ),
    OwnTurn(
        name="title",
        asks="The request beside Kilo Code's first turn, which finds a title for it.",
        small=TASK,
        requirements=(
            TurnRequirement(
                slug="title",
                text="The small request that Kilo Code makes for a title is accepted, and its answer is words.",
                failure="Kilo Code gets no title for a task.",
                category="unexpected-results",
                severity="degrades",
                brings="words",
            ),
        ),
    ),
)
