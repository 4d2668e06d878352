"""The turn of a program on the AI SDK, in the middle of a task."""

from __future__ import annotations

from conformance.clients.own_turns import FEW, OwnTurn, TurnRequirement, of_a_program

TURNS = (
    OwnTurn(
        name="turn",
        asks="A turn of a program written with the AI SDK, in the middle of a task.",
        said=of_a_program,
        tools=FEW,
        requirements=(
            TurnRequirement(
                slug="turn",
                text="A program written with the AI SDK gets a call that it can run.",
                failure="A program written with the AI SDK gets no call that it can run.",
            ),
        ),
    ),
)
