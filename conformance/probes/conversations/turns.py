"""The whole turns that the clients' folders declare, each in the exact form of one client: its headers, tools and history.

The client's own reader reads the answer, and what it made of it goes back as the client would send it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.clients import CLIENTS
from conformance.clients.agent_texts import ENVIRONMENT, NO_TOOL_USED, SYSTEM, TASK, excerpt_of
from conformance.clients.client import Client
from conformance.clients.own_turns import OwnTurn
from conformance.clients.reading import Ending, Reading
from conformance.clients.talk import Assistant, Options, Prompt, Result, Said, User
from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange
from conformance.requirements.conversation import ANYTHING, Ask, Conversation, Depth

TURN_TOKENS, TURN_PROMPT = 256, 9_000  # of one request of a turn
SMALL_TOKENS, SMALL_PROMPT = 64, 200  # of the small request beside a turn


def options_of(endpoint: Endpoint, **changed: Any) -> Options:
    """What the user of a client fills in for this endpoint."""
    given: dict[str, Any] = {
        "base_url": endpoint.base_url,
        "streaming": endpoint.streaming is not False,
        "max_output_tokens": endpoint.max_output_tokens,
        "context_window": endpoint.context_window,
        "images": bool(endpoint.images),
        "azure_api_version": endpoint.azure_api_version or "",
        "headers": endpoint.headers,
    }
    return Options(endpoint.model, **(given | changed))


async def _hold(ask: Ask, client: Client, turn: OwnTurn) -> None:
    if turn.wishes:
        await _work(ask, client, turn)
    elif turn.said:
        await _ask(ask, client, turn, turn.said())
    elif client.small:
        options = options_of(ask.endpoint)
        await ask.send(client.small(options, turn.small), client.headers(options))


async def _ask(ask: Ask, client: Client, turn: OwnTurn, said: Sequence[Said]) -> Exchange:
    options = options_of(ask.endpoint, **turn.options)
    body = client.turn(options, Prompt(SYSTEM, tuple(said), turn.tools))
    return await ask.send(body, client.headers(options))


async def _work(ask: Ask, client: Client, turn: OwnTurn) -> None:
    """Request after request as the client sends them: results go back, with the next wish if there is one.

    A model that used no tool is asked again in the client's own way, as long as requests are left.
    """
    first, *left = turn.wishes
    said: list[Said] = [User((f"<task>\n{TASK} {first}\n</task>", ENVIRONMENT))]
    for _ in range(turn.requests):
        exchange = await _ask(ask, client, turn, said)
        reading = client.read(exchange)
        if not exchange.ok or reading.ending not in (Ending.CALLS, Ending.ANSWER):
            return
        said += [Assistant(reading.text, reading.calls, reading.reasoning), *_results(reading)]
        if not reading.calls and len(said) > 2:
            return
        if not reading.calls:
            said.append(User((f"{NO_TOOL_USED} {first}", ENVIRONMENT)))
        elif left:
            said.append(User((left.pop(0), ENVIRONMENT)))


def _results(reading: Reading) -> list[Result]:
    return [Result(call.id, excerpt_of(call.value or {})) for call in reading.calls]


def name_of(client: Client, turn: OwnTurn) -> str:
    """The name of the conversation that holds a turn."""
    return f"{client.id.replace('-', '_')}_{turn.name}"


def _conversation(client: Client, turn: OwnTurn) -> Conversation:
    async def script(ask: Ask) -> None:
        await _hold(ask, ask.profiles[client.id], turn)

    return Conversation(
        name_of(client, turn),
        script,
        ANYTHING,
        Depth.THOROUGH if turn.thorough else Depth.STANDARD,
        requests=turn.requests,
        tokens=turn.requests * (SMALL_TOKENS if turn.small else TURN_TOKENS),
        prompt_tokens=turn.requests * (SMALL_PROMPT if turn.small else TURN_PROMPT),
        tries=1,
        needs=turn.needs,
        client=client.id,
        asks=turn.asks,
    )


OWN_TURNS = [(client, turn) for client in CLIENTS for turn in client.turns]
globals().update(  # the catalogue reads the members of this module; shallow turns come first
    (c.name, c) for c in sorted((_conversation(*own) for own in OWN_TURNS), key=lambda c: c.depth)
)
