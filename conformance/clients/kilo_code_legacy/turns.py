"""The older Kilo Code's own turn, in the middle of a task."""

from __future__ import annotations

from functools import partial

from conformance.clients.own_turns import OwnTurn, TurnRequirement, read_before

TURNS = (
    OwnTurn(
        name="turn",
        asks="A turn of the older Kilo Code in the middle of a task.",
        said=partial(read_before, "functions.read_file:0"),
        requirements=(
            TurnRequirement(
                slug="turn",
                text="The older Kilo Code's own request is accepted, and the call in the answer is one that it can run.",
                failure="The older Kilo Code's own turn fails.",
            ),
        ),
    ),
)
