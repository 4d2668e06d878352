"""A sound reference provider on a real socket, and a client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conformance.reference import Provider, Server, serve

KEY = "sk-reference-0123456789"
MODEL = "reference-1"


class Asking:
    """Asks a server; the answers are plain httpx responses."""

    def __init__(self, server: Server, key: str | None = KEY) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.server = server
        self.http = httpx.Client(headers=headers, trust_env=False, timeout=60)

    def send(self, body: dict[str, Any]) -> httpx.Response:
        """POST a chat request exactly as given."""
        return self.http.post(self.server.base_url + "/chat/completions", json=body)

    def chat(self, prompt: str | list[dict[str, Any]], **fields: Any) -> httpx.Response:
        """Ask one question, or continue a conversation."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        return self.send({"model": MODEL, "messages": messages, **fields})

    def message(self, prompt: str | list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        """The message of a successful answer."""
        response = self.chat(prompt, **fields)
        assert response.status_code == 200, response.text
        message: dict[str, Any] = response.json()["choices"][0]["message"]
        return message

    def get(self, path: str) -> httpx.Response:
        """GET a path below the base URL, letter for letter."""
        return self.http.get(self.server.base_url + path)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One sound provider for all tests that only ask."""
    with serve(Provider(MODEL, KEY)) as running:
        yield running


@pytest.fixture(scope="session")
def sound(server: Server) -> Iterator[Asking]:
    """A client of the sound provider, with the right key."""
    asking = Asking(server)
    yield asking
    asking.http.close()


@pytest.fixture
def serving() -> Iterator[Callable[..., Asking]]:
    """Start a provider with faults or other settings; it stops with the test."""
    started: list[tuple[Any, Asking]] = []

    def start(*faults: str, key: str | None = KEY, **settings: Any) -> Asking:
        context = serve(Provider(MODEL, KEY, faults=faults, **settings))
        asking = Asking(context.__enter__(), key)
        started.append((context, asking))
        return asking

    yield start
    for context, asking in reversed(started):
        asking.http.close()
        context.__exit__(None, None, None)
