"""Whole turns, each in the exact form of one client: its headers, its tools, its way of writing a history.

The client's own reader reads the answer, and what it took from it is what goes back, as the client would send it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.clients.agent_tools import TOOLS
from conformance.clients.client import Client
from conformance.clients.reading import Ending, ReadCall, Reading
from conformance.clients.talk import Assistant, Options, Prompt, Result, Said, Tool, User
from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange
from conformance.probes.conversations.agent_texts import (
    ENVIRONMENT,
    FINISH,
    NO_TOOL_USED,
    READS,
    SYSTEM,
    TASK,
    compact,
    excerpt_of,
    picture,
    request_for,
)
from conformance.requirements.conversation import ANYTHING, Ask, Depth, conversation

FEW = TOOLS[:6]  # what a program of somebody's own offers
TURN_TOKENS, TURN_PROMPT = 256, 9_000  # of one turn


def options_of(endpoint: Endpoint, **changed: Any) -> Options:
    """What the user of a client has filled in for this endpoint."""
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


async def _turn(
    ask: Ask, client: Client, said: Sequence[Said], tools: Sequence[Tool] = TOOLS, **changed: Any
) -> Exchange:
    options = options_of(ask.endpoint, **changed)
    body = client.turn(options, Prompt(SYSTEM, tuple(said), tuple(tools)))
    return await ask.send(body, client.headers(options))


async def _work(ask: Ask, client: Client, wishes: Sequence[str], most: int) -> None:
    """Turn after turn as the client takes them: results go back, with the next wish if there is one.

    A model that used no tool is told to, once more and in the client's own way, as long as requests are left.
    """
    said: list[Said] = [User((f"<task>\n{TASK} {wishes[0]}\n</task>", ENVIRONMENT))]
    left = list(wishes[1:])
    for _ in range(most):
        exchange = await _turn(ask, client, said)
        reading = client.read(exchange)
        if not exchange.ok or reading.ending not in (Ending.CALLS, Ending.ANSWER):
            return
        said += [Assistant(reading.text, reading.calls, reading.reasoning), *_results(reading)]
        if not reading.calls and len(said) > 2:
            return
        if not reading.calls:
            said.append(User((f"{NO_TOOL_USED} {wishes[0]}", ENVIRONMENT)))
        elif left:
            said.append(User((left.pop(0), ENVIRONMENT)))


def _results(reading: Reading) -> list[Result]:
    return [Result(call.id, excerpt_of(call.value or {})) for call in reading.calls]


def _read_before(id: str, *, in_between: str = "") -> list[Said]:
    """A history with one call in it, made under an id of another make; `in_between` is said before the next wish."""
    call = ReadCall(id, "read_file", compact(READS[0]), READS[0])
    asked = User((f"<task>\n{TASK} {request_for(READS[0])}\n</task>", ENVIRONMENT))
    seen = Assistant("", (call,), "The file is long, so I begin at its top.")
    words = [Assistant(in_between)] if in_between else []
    wish = User((request_for(READS[1]), ENVIRONMENT))
    return [asked, seen, Result(id, excerpt_of(call.value or {})), *words, wish]


PROGRAM = _read_before("call_conformance1", in_between="These are the first forty lines.")


@conversation(ANYTHING, client=ROO_CODE.id, requests=4, tokens=4 * TURN_TOKENS, prompt_tokens=4 * TURN_PROMPT)
async def roo_code_work(ask: Ask) -> None:
    """Roo Code at work: a file read in three calls, each result sent back, then the task completed."""
    await _work(ask, ask.profiles[ROO_CODE.id], [*map(request_for, READS), FINISH], 4)


@conversation(ANYTHING, client=ROO_CODE.id, tokens=TURN_TOKENS, prompt_tokens=TURN_PROMPT)
async def roo_code_plain(ask: Ask) -> None:
    """Roo Code's turn with streaming turned off."""
    await _turn(ask, ask.profiles[ROO_CODE.id], _read_before("call_conformance1"), streaming=False)


@conversation(
    ANYTHING, client=KILO_CODE.id, requests=2, tokens=2 * TURN_TOKENS, prompt_tokens=2 * TURN_PROMPT
)
async def kilo_code_work(ask: Ask) -> None:
    """Kilo Code at work: a call, its result right behind it, and what the model makes of that."""
    await _work(ask, ask.profiles[KILO_CODE.id], [request_for(READS[0])], 2)


@conversation(ANYTHING, client=KILO_CODE.id, tokens=64)
async def kilo_code_title(ask: Ask) -> None:
    """The request beside Kilo Code's first turn, which finds a title for it."""
    options = options_of(ask.endpoint)
    client = ask.profiles[KILO_CODE.id]
    if client.small:
        await ask.send(client.small(options, TASK), client.headers(options))


@conversation(ANYTHING, client=KILO_CODE_LEGACY.id, tokens=TURN_TOKENS, prompt_tokens=TURN_PROMPT)
async def kilo_code_legacy_turn(ask: Ask) -> None:
    """A turn of the older Kilo Code in the middle of a task."""
    await _turn(ask, ask.profiles[KILO_CODE_LEGACY.id], _read_before("functions.read_file:0"))


@conversation(ANYTHING, client=CLINE.id, tokens=TURN_TOKENS, prompt_tokens=TURN_PROMPT)
async def cline_turn(ask: Ask) -> None:
    """A turn of Cline in the middle of a task."""
    await _turn(ask, ask.profiles[CLINE.id], _read_before("toolu_01A09q90qw90lq917835lq9"))


@conversation(ANYTHING, client=OPENAI_PYTHON.id, tokens=TURN_TOKENS, prompt_tokens=TURN_PROMPT)
async def openai_python_turn(ask: Ask) -> None:
    """A turn of a program written with the OpenAI Python SDK, in the middle of a task."""
    await _turn(ask, ask.profiles[OPENAI_PYTHON.id], PROGRAM, FEW)


@conversation(ANYTHING, client=AI_SDK.id, tokens=TURN_TOKENS, prompt_tokens=TURN_PROMPT)
async def ai_sdk_turn(ask: Ask) -> None:
    """A turn of a program written with the AI SDK, in the middle of a task."""
    await _turn(ask, ask.profiles[AI_SDK.id], PROGRAM, FEW)


@conversation(
    ANYTHING,
    client=ROO_CODE.id,
    depth=Depth.THOROUGH,
    tokens=TURN_TOKENS,
    prompt_tokens=TURN_PROMPT,
)
async def roo_code_r1(ask: Ask) -> None:
    """Roo Code's turn in the R1 format: the system prompt as a user message, content null beside a call."""
    await _turn(ask, ask.profiles[ROO_CODE.id], _read_before("call_conformance1"), r1_format=True)


@conversation(
    ANYTHING,
    client=ROO_CODE.id,
    depth=Depth.THOROUGH,
    tokens=TURN_TOKENS,
    prompt_tokens=TURN_PROMPT,
)
async def roo_code_cached(ask: Ask) -> None:
    """Roo Code's turn with prompt caching: cache_control marks on parts of messages."""
    await _turn(ask, ask.profiles[ROO_CODE.id], _read_before("call_conformance1"), prompt_caching=True)


@conversation(
    ANYTHING,
    client=ROO_CODE.id,
    depth=Depth.THOROUGH,
    tokens=TURN_TOKENS,
    prompt_tokens=TURN_PROMPT,
    needs="images",
)
async def roo_code_picture(ask: Ask) -> None:
    """Roo Code's turn with a picture of more than a megabyte in it."""
    asked = f"<task>\n{TASK} {request_for(READS[0])}\n</task>"
    await _turn(ask, ask.profiles[ROO_CODE.id], [User((asked, ENVIRONMENT), (picture(),))], images=True)
