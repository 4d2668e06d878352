"""What a client is to send, before it has the client's own form: options, tools, and what was said so far. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.clients.reading import ReadCall


@dataclass(frozen=True)
class Options:
    """What a user fills in on a client's settings page, as far as requests depend on it.

    None and "" are settings that the user left unchanged. `base_url` is as typed; some clients switch by its host.
    """

    model: str
    base_url: str = ""
    streaming: bool = True
    max_output_tokens: int | None = None
    context_window: int | None = None
    images: bool = False
    r1_format: bool = False
    prompt_caching: bool = False
    reasoning_effort: str = ""
    azure_api_version: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tool:
    """A tool as the client's authors declare it, before the client turns it into its own form of the schema.

    `parameters` is a JSON schema whose optional members are of type [T, "null"]. `bridged` tools come from an MCP server:
    `server` and `name` make their name on the wire.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    server: str = ""

    @property
    def bridged(self) -> bool:
        """True for a tool of an MCP server."""
        return bool(self.server)


@dataclass(frozen=True)
class User:
    """What the user said: one or more texts, and pictures as data URLs."""

    texts: tuple[str, ...]
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assistant:
    """What the model said, as the client read it."""

    text: str = ""
    calls: tuple[ReadCall, ...] = ()
    reasoning: str = ""


@dataclass(frozen=True)
class Result:
    """The result of one call, under the id the client read."""

    id: Any
    content: str


Said = User | Assistant | Result


@dataclass(frozen=True)
class Prompt:
    """Everything a turn is made of: the system prompt, the tools, and the history ending in what is asked now."""

    system: str
    history: tuple[Said, ...]
    tools: tuple[Tool, ...] = ()
