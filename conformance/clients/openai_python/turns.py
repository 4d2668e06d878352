"""The turn of a program on the OpenAI Python SDK, in the middle of a task."""

from __future__ import annotations

from conformance.clients.openai_python.reading import read_helper
from conformance.clients.own_turns import FEW, OwnTurn, TurnRequirement, of_a_program

TURNS = (
    OwnTurn(
        name="turn",
        asks="A turn of a program written with the OpenAI Python SDK, in the middle of a task.",
        said=of_a_program,
        tools=FEW,
        requirements=(
            TurnRequirement(
                slug="turn",
                text="A program that loops over the OpenAI Python SDK's stream gets a call that it can run.",
                failure="A program that loops over the OpenAI Python SDK's stream gets no call that it can run.",
            ),
            TurnRequirement(
                slug="helper",
                text="The helper `chat.completions.stream()` of the OpenAI Python SDK puts the same call together.",
                why="It expects calls counted from 0 and joins texts that repeat, so it refuses some forms that correct servers send.",
                failure="The helper `chat.completions.stream()` of the OpenAI Python SDK cannot put the call together.",
                severity="harmless",
                accepted=False,
                read=read_helper,
            ),
        ),
    ),
)
