"""A player answers what was recorded, in the order in which it was recorded, and waits for nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import AGENTS, CURRENT
from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange, Request, Response
from conformance.requirements import Blame, Blocked
from conformance.requirements.talk import Talk
from conformance.wire.asking import Asker
from conformance.wire.recording import manifest_of
from conformance.wire.replay import Player, Recording

SECRET = "qk-canary-9f8e7d6c5b4a"
URL = f"http://h/v1?api_key={SECRET}"
MASKED = f"http://h/v1/models?api_key={'*' * len(SECRET)}"


def get(number: int, status: int = 200, *headers: tuple[str, str], method: str = "GET") -> Exchange:
    """What one request for the models got."""
    return Exchange(f"talk#{number}", "talk", Request(method, MASKED), Response(status, headers))


def player(*exchanges: Exchange, started: float = 0.0) -> Player:
    """A player of one conversation of a run that started at noon."""
    manifest: dict[str, Any] = manifest_of(Endpoint(URL, "m"), "quick", 1, AGENTS, "")
    manifest["started"] = "2020-01-01T12:00:00+00:00"
    return Player(Recording(Path("rec"), manifest, {"talk": Talk("talk", exchanges, started=started)}, {}), CURRENT)


def asked(player: Player, times: int = 1) -> list[Exchange]:
    """What a conversation leaves that asks so often for the models."""
    asker = Asker(player, "talk")

    async def script() -> None:
        for _ in range(times):
            await asker.get(str(asker.endpoint.models_url))

    asyncio.run(script())
    return asker.exchanges


def test_the_same_request_gets_its_answers_in_order() -> None:
    assert asked(player(get(1), get(2, 500)), times=2) == [get(1), get(2, 500)]


@pytest.mark.parametrize("recorded", [(), (get(1, method="POST"),)])
def test_a_request_that_was_not_recorded_is_blocked_by_the_settings(recorded: tuple[Exchange, ...]) -> None:
    with pytest.raises(Blocked, match=r"^not in the cassette: record talk again$") as caught:
        asked(player(*recorded))
    assert caught.value.by is Blame.SETTINGS


def test_one_request_more_than_recorded_is_blocked() -> None:
    with pytest.raises(Blocked):
        asked(player(get(1)), times=2)


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        ("20", [429, 200]),
        ("40", [429]),
        ("Wed, 01 Jan 2020 12:00:50 GMT", [429, 200]),
        ("Wed, 01 Jan 2020 12:10:00 GMT", [429]),
    ],
)
def test_a_rate_limit_is_obeyed_as_it_was_then_without_a_wait(
    monkeypatch: pytest.MonkeyPatch, after: str, kept: list[int]
) -> None:
    monkeypatch.delattr(asyncio, "sleep")
    limited = player(get(1, 429, ("Retry-After", after)), get(2), started=30.0)
    assert [exchange.status for exchange in asked(limited)] == kept
