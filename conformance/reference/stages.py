"""The four stages of an answer; a fault or a variation can change each of them.

request -> reply -> frames -> wire. A fault works at the latest stage where it is still one line: an ignored
parameter on the request, a missing key on the reply, a lost blank line on the frames, a cut connection on the
wire. Every stage knows the request, because some faults only act on some requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.reference.refusal import Refused

CHAT = "/v1/chat/completions"
MODELS = "/v1/models"


@dataclass
class Request:
    """A request as it was read, with the key and the model that the provider accepts.

    `number` counts the requests from 1; `asked_before` counts earlier requests with the same body.
    """

    method: str
    target: str
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    right_key: str | None
    right_model: str
    refused: Refused | None = None
    malformed: bool = False
    number: int = 0
    asked_before: int = 0

    @property
    def is_chat(self) -> bool:
        """Whether this asks for a completion."""
        return self.method == "POST" and self.path == CHAT

    @property
    def is_models(self) -> bool:
        """Whether this asks for the list of models."""
        return self.method == "GET" and self.path == MODELS

    @property
    def streams(self) -> bool:
        """Whether this asks for a stream."""
        return self.body.get("stream") is True

    @property
    def token(self) -> str | None:
        """The key in the request, as a bearer token or in Azure's header; None without a key."""
        if "authorization" not in self.headers and "api-key" in self.headers:
            return self.headers["api-key"]
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    @property
    def authorised(self) -> bool:
        """Whether the key is correct."""
        return self.right_key is None or self.token == self.right_key

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages that are objects; empty when the body has no list of messages."""
        messages = self.body.get("messages")
        return [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The functions that the request offers."""
        tools = self.body.get("tools")
        offered = [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
        return [function for function in offered if isinstance(function, dict)]

    @property
    def tool_messages(self) -> list[dict[str, Any]]:
        """The tool results in the history."""
        return [message for message in self.messages if message.get("role") == "tool"]

    @property
    def calling_messages(self) -> list[dict[str, Any]]:
        """The assistant messages of the history that call tools."""
        return [message for message in self.messages if message.get("tool_calls")]

    def authorise(self) -> None:
        """Accept the request as if it had the correct key."""
        self.headers["authorization"] = f"Bearer {self.right_key}"

    def refuse(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        """Refuse the request after the checks of key and model."""
        kind = "server_error" if status >= 500 else "invalid_request_error"
        self.refused = self.refused or Refused(status, message, param=param, code=code, kind=kind)


@dataclass
class Reply:
    """An answer before it is encoded: a body, or the chunks of a stream."""

    request: Request
    status: int
    headers: dict[str, str]
    body: Any = None
    chunks: list[dict[str, Any]] | None = None

    @property
    def completes(self) -> bool:
        """Whether this is a completion, streamed or not, rather than a refusal."""
        return self.status == 200 and self.request.is_chat

    @property
    def refuses_key(self) -> bool:
        """Whether the reply says that the key is wrong or missing."""
        return self.status == 401

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices of a completion that is not streamed."""
        return objects_in(self.body, "choices") if self.completes else []

    @property
    def streamed(self) -> list[dict[str, Any]]:
        """The chunks of a stream; empty when the reply is not streamed."""
        return self.chunks or []

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The completion, or the chunks of a stream; empty when the reply is neither."""
        return [self.body] if self.choices else self.streamed

    @property
    def streamed_choices(self) -> Iterator[dict[str, Any]]:
        """Every choice of every chunk."""
        return (choice for chunk in self.streamed for choice in objects_in(chunk, "choices"))

    @property
    def deltas(self) -> Iterator[dict[str, Any]]:
        """Every delta of the stream."""
        return (choice["delta"] for choice in self.streamed_choices if isinstance(choice.get("delta"), dict))

    @property
    def text_deltas(self) -> list[dict[str, Any]]:
        """The deltas that carry text."""
        return [delta for delta in self.deltas if delta.get("content")]

    @property
    def call_deltas(self) -> list[dict[str, Any]]:
        """Every entry of delta.tool_calls."""
        return [entry for delta in self.deltas for entry in objects_in(delta, "tool_calls")]

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The tool calls of a completion that is not streamed."""
        return [call for message in self.messages for call in objects_in(message, "tool_calls")]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of a completion that is not streamed."""
        return [choice["message"] for choice in self.choices if isinstance(choice.get("message"), dict)]

    def page(self, status: int, html: str) -> None:
        """Answer with a web page instead."""
        self.raw(status, html, "text/html; charset=utf-8")

    def raw(self, status: int, text: str, content_type: str) -> None:
        """Answer with text of this content type instead."""
        self.status, self.body, self.chunks = status, text, None
        self.headers["content-type"] = content_type

    def json(self, status: int, body: Any) -> None:
        """Answer with JSON instead."""
        self.status, self.body, self.chunks = status, body, None
        self.headers["content-type"] = "application/json"


def objects_in(holder: Any, name: str) -> list[dict[str, Any]]:
    """The objects in the list of that name; empty where a fault has put something else."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


class Frames(list[bytes]):
    """The server-sent events of a stream, each with its closing blank line."""

    def __init__(self, frames: list[bytes], request: Request) -> None:
        super().__init__(frames)
        self.request = request


@dataclass(frozen=True)
class Send:
    """Bytes, handed to the kernel at once."""

    data: bytes


@dataclass(frozen=True)
class Pause:
    """Send nothing for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Close:
    """Close the connection normally (FIN)."""


@dataclass(frozen=True)
class Reset:
    """Reset the connection (RST)."""


@dataclass(frozen=True)
class Hang:
    """Send nothing until the client closes the connection."""


Action = Send | Pause | Close | Reset | Hang


class Actions(list[Action]):
    """What the server does on the connection, in order; the first Send is the head of the response."""

    def __init__(self, actions: list[Action], reply: Reply) -> None:
        super().__init__(actions)
        self.reply = reply
        self.request = reply.request

    @property
    def streams(self) -> bool:
        """Whether the body is a stream of events."""
        return self.reply.chunks is not None

    @property
    def sends(self) -> list[int]:
        """The positions of the Send actions."""
        return [at for at, action in enumerate(self) if isinstance(action, Send)]


@dataclass(frozen=True)
class Pace:
    """How slow the provider pretends to be."""

    latency: float = 0.0
    token_gap: float = 0.0
