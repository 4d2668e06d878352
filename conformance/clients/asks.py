"""Which requests a client makes, read from the bodies that its profile builds. Pure.

A failure counts for a client only if the client itself could have sent the request and would read the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from conformance.clients.client import Client
from conformance.clients.own_turns import read_before
from conformance.clients.talk import Options, Prompt, Tool
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.kinds import as_tool_reply

_TOOL = Tool("read_file", "Reads a file.", {"type": "object", "properties": {}, "required": []})
_PROMPT = Prompt("You are an agent.", tuple(read_before("call_1")), (_TOOL,))


class Role(IntEnum):
    """What a request is for a client: none of its own, one beside its turns (for a title, say), or like its turns."""

    NONE = 0
    BESIDE = 1
    TURN = 2


@dataclass(frozen=True)
class Asks:
    """A turn of a client in the middle of its work, and the small request beside turns (None: it makes none)."""

    turn: Request
    small: Request | None

    @property
    def streams(self) -> bool:
        """Whether its turns are streamed."""
        return self.turn.streamed


@cache
def asks_of(client: Client) -> Asks:
    """What the profile builds under its settings for streaming."""
    options = Options("model-1", "https://api.example/v1", streaming=client.streaming)
    small = client.small(options, "Say hello.") if client.small else None
    return Asks(_request(client.turn(options, _PROMPT)), None if small is None else _request(small))


def _request(body: dict[str, Any]) -> Request:
    return Request("POST", "", (), json.dumps(body).encode())


def role_with(client: Client, has: Callable[[Request], bool]) -> Role:
    """Which of a client's requests have this: its turns, at most the small one, or none. Programs may send anything."""
    asks = asks_of(client)
    if client.library or has(asks.turn):
        return Role.TURN
    return Role.BESIDE if asks.small and has(asks.small) else Role.NONE


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
    if not exchange.ok or request.streamed is asks.streams:
        return Role.TURN
    beside = asks.small and request.streamed is asks.small.streamed and not request.field("tools")
    return Role.BESIDE if beside else Role.NONE


def _forced(choice: Any) -> bool:
    return choice == "required" or isinstance(choice, dict)
