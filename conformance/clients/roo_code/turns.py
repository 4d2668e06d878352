"""Roo Code's own turns, in every form that its settings give them."""

from __future__ import annotations

from functools import partial

from conformance.clients.agent_texts import ENVIRONMENT, FINISH, READS, TASK, picture, request_for
from conformance.clients.own_turns import ACCEPT, OwnTurn, TurnRequirement, read_before
from conformance.clients.talk import User

_SAID = partial(read_before, "call_conformance1")


def _with_a_picture() -> list[User]:
    asked = f"<task>\n{TASK} {request_for(READS[0])}\n</task>"
    return [User((asked, ENVIRONMENT), (picture(),))]


TURNS = (
    OwnTurn(
        name="work",
        asks="Roo Code at work: a file read in three calls, each result sent back, then the task completed.",
        wishes=(*map(request_for, READS), FINISH),
        requests=4,
        requirements=(
            TurnRequirement(
                slug="request",
                text="Roo Code's own requests - its headers, tools, history and parameters - are accepted as they are.",
                failure="Roo Code's own request is refused.",
                category="unexpected-results",
                remedy=ACCEPT,
                brings="",
            ),
            TurnRequirement(
                slug="turn",
                text="Roo Code reads a file in three calls and completes its task: every answer is one that it can run.",
                why="Its reader joins argument fragments by index, needs an id that is a text, and runs tools when the stream ends.",
                failure="Roo Code cannot use an answer to its own request.",
                accepted=False,
            ),
        ),
    ),
    OwnTurn(
        name="plain",
        asks="Roo Code's turn with streaming turned off.",
        said=_SAID,
        options={"streaming": False},
        requirements=(
            TurnRequirement(
                slug="plain",
                text="Roo Code works also with streaming turned off.",
                why="This setting is for servers whose streams are broken; no other server needs it.",
                failure="Roo Code's turn fails with streaming turned off.",
                severity="harmless",
                remedy="Leave streaming on in Roo Code's settings.",
            ),
        ),
    ),
    OwnTurn(
        name="r1",
        asks="Roo Code's turn in the R1 format: the system prompt as a user message, content null beside a call.",
        said=_SAID,
        options={"r1_format": True},
        thorough=True,
        requirements=(
            TurnRequirement(
                slug="r1",
                text="Roo Code works also in the R1 format: no system message, content null beside a call.",
                failure="Roo Code's turn fails in the R1 format.",
                severity="harmless",
                remedy="Leave the R1 format off in Roo Code's settings.",
            ),
        ),
    ),
    OwnTurn(
        name="cached",
        asks="Roo Code's turn with prompt caching: cache_control marks on parts of messages.",
        said=_SAID,
        options={"prompt_caching": True},
        thorough=True,
        requirements=(
            TurnRequirement(
                slug="cached",
                text="Roo Code works also with prompt caching turned on: cache_control marks on parts of messages.",
                failure="Roo Code's turn fails with prompt caching turned on.",
                severity="harmless",
                remedy="Leave prompt caching off in Roo Code's settings.",
            ),
        ),
    ),
    OwnTurn(
        name="picture",
        asks="Roo Code's turn with a picture of more than a megabyte in it.",
        said=_with_a_picture,
        options={"images": True},
        thorough=True,
        needs="images",
        requirements=(
            TurnRequirement(
                slug="picture",
                text="Roo Code's turn with a picture of more than a megabyte is accepted and answered.",
                failure="Roo Code's turn with a picture of more than a megabyte fails.",
                category="unexpected-results",
                severity="degrades",
                remedy="Accept pictures of a megabyte and more as data URLs, or turn image support off in the client's settings.",
            ),
        ),
    ),
)
