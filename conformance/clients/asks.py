"""Which requests a client makes, read from the bodies that its profile builds. Pure.

A failure counts for a client only if the client itself could have sent the request and would read the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from conformance.clients.client import Client
from conformance.clients.talk import Options, Prompt, Tool, User
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_tool_reply

_TOOL = Tool("read_file", "Reads a file.", {"type": "object", "properties": {}, "required": []})
_PROMPT = Prompt("You are an agent.", (User(("Read a file.",)),), (_TOOL,))


class Role(IntEnum):
    """What a request is for a client: none of its own, one beside its turns (for a title, say), or like its turns."""

    NONE = 0
    BESIDE = 1
    TURN = 2


@dataclass(frozen=True)
class Asks:
    """Whether the turns of a client are streamed, and the small requests beside them (None: it makes none)."""

    turns: bool
    small: bool | None


@cache
def asks_of(client: Client) -> Asks:
    """What the profile builds under its settings for streaming."""
    options = Options("model-1", "https://api.example/v1", streaming=client.streaming)
    small = client.small(options, "Say hello.") if client.small else None
    return Asks(_streams(client.turn(options, _PROMPT)), None if small is None else _streams(small))


def _streams(body: dict[str, Any]) -> bool:
    return body.get("stream") is True


def role_of(client: Client, exchange: Exchange) -> Role:
    """What this request is for the client.

    No client sends a body without messages. Only programs on a library force calls: where a forced call did not come, an agent
    misses nothing. Whether a refusal depends on streaming is unknown, so it counts either way; of an answer it matters who reads it.
    """
    request = exchange.request
    if request.method != "POST":
        return Role.TURN if client.models else Role.NONE
    if not (request.is_chat and isinstance(request.field("messages"), list)):
        return Role.NONE
    if client.library:
        return Role.TURN
    if _forced(request.field("tool_choice")) and as_tool_reply(exchange) is None:
        return Role.NONE
    asks = asks_of(client)
    if not exchange.ok or request.streamed is asks.turns:
        return Role.TURN
    beside = request.streamed is asks.small and not request.field("tools")
    return Role.BESIDE if beside else Role.NONE


def _forced(choice: Any) -> bool:
    return choice == "required" or isinstance(choice, dict)
