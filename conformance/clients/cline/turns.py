"""Cline's own turn, in the middle of a task."""

from __future__ import annotations

from functools import partial

from conformance.clients.own_turns import OwnTurn, TurnRequirement, read_before

TURNS = (
    OwnTurn(
        name="turn",
        asks="A turn of Cline in the middle of a task.",
        said=partial(read_before, "toolu_01A09q90qw90lq917835lq9"),
        requirements=(
            TurnRequirement(
                slug="turn",
                text="Cline's own request is accepted, and the call in the answer is one that it can run.",
                failure="Cline's own turn fails.",
            ),
        ),
    ),
)
