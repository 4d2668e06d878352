"""What a program with the OpenAI Python SDK makes of an answer: by the usual loop, by the SDK's own helper, and of a list.

The user is a developer, who reads the last line of a traceback if something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.clients.openai_python.accumulator import Accumulator
from conformance.clients.openai_python.models import Model, whole
from conformance.clients.openai_python.program import Call, Gathered, gather, run, see_names, see_text, take
from conformance.clients.openai_python.response import Elsewhere, Raised, open_answer, parsed
from conformance.clients.openai_python.streaming import Stream
from conformance.clients.reading import Listing, Moment, ReadCall, Reading, Tokens
from conformance.evidence.exchange import Exchange, shown

NOTHING = "Nothing is printed, and nothing is raised."
Streamed = Callable[[Stream, Gathered], None]


def read(exchange: Exchange) -> Reading:
    """The answer as the usual program reads it: a loop over the chunks, or the message of a completion."""
    return _read(exchange, gather)


def read_careful(exchange: Exchange) -> Reading:
    """As `read`, by a program that also checks whether a choice has a delta: Azure sends some without one."""
    return _read(exchange, lambda stream, so_far: gather(filter(_has_delta, stream), so_far))


def _has_delta(chunk: Any) -> bool:
    return not chunk.choices or bool(chunk.choices[0].delta)


def read_helper(exchange: Exchange) -> Reading:
    """The answer as `client.chat.completions.stream()` reads it, which asks for streams only."""
    return _read(exchange, lambda stream, so_far: _accumulate(exchange, stream, so_far))


def _accumulate(exchange: Exchange, stream: Stream, so_far: Gathered) -> None:
    helper = Accumulator(offered(exchange))
    for chunk in stream:
        helper.take(chunk)
        if isinstance(message := helper.message, Model):
            see_text(message.content, so_far)
            calls = message.tool_calls if isinstance(message.tool_calls, list) else []
            see_names([_name(call) for call in calls], so_far)
    take(helper.final(), so_far)


def _name(call: Any) -> Any:
    function = call.function if isinstance(call, Model) else None
    return function.name if isinstance(function, Model) else None


def _read(exchange: Exchange, streamed: Streamed) -> Reading:
    now = exchange.seconds
    so_far = Gathered(lambda: now)
    failed: Exception | None = None
    try:
        if exchange.request.streamed:
            stream = Stream(exchange)
            so_far.clock = lambda: stream.at
            streamed(stream, so_far)
        else:
            open_answer(exchange, streamed=False)
            take(parsed(exchange, "ChatCompletion"), so_far)
    except Elsewhere as redirect:
        return Reading(failure="" if redirect.kept else str(redirect), complaint=str(redirect), ended_at=so_far.clock())
    except Exception as error:
        failed = error
    return _reading(exchange, so_far, failed)


def _reading(exchange: Exchange, so_far: Gathered, failed: Exception | None) -> Reading:
    tools, end = offered(exchange), so_far.clock()
    calls = tuple(_run(call, tools, end) if failed is None else _kept(call) for call in so_far.calls)
    complaint = last_line(failed) if failed else _complaint(so_far.text, calls)
    runs = [Moment(end, f"{call.name} runs") for call in calls if call.runs is not None]
    return Reading(
        text=so_far.text,
        calls=calls,
        finish=so_far.finish if isinstance(so_far.finish, str) else None,
        tokens=tokens(so_far.usage),
        failure=failure(failed) if failed else "",
        complaint=complaint,
        retried=isinstance(failed, Raised) and failed.retried,
        used_no_tool=bool(tools and so_far.text and not calls and not failed),
        moments=(*so_far.moments, *runs, *([Moment(end, complaint)] if complaint else [])),
        ended_at=end,
    )


def offered(exchange: Exchange) -> list[Any]:
    """The tools of the request; [] when there are none."""
    tools = exchange.request.field("tools")
    return tools if isinstance(tools, list) else []


def _complaint(text: str, calls: tuple[ReadCall, ...]) -> str:
    problems = [call.problem for call in calls if call.problem]
    return problems[0] if problems else "" if text or calls else NOTHING


def _kept(call: Call) -> ReadCall:
    """A call before it runs."""
    name = call.name if isinstance(call.name, str) else shown(call.name)
    arguments = call.arguments if isinstance(call.arguments, str) else shown(call.arguments)
    return ReadCall(call.id, name, arguments, appears=call.appears)


def _run(call: Call, tools: list[Any], at: float) -> ReadCall:
    try:
        return replace(_kept(call), value=run(call, tools), runs=at)
    except Exception as error:
        return replace(_kept(call), problem=last_line(error))


def failure(error: Exception) -> str:
    """The message of an exception, without the addresses of objects; its class if it has none."""
    return re.sub(r"0x[0-9a-f]+>", "0x0>", str(error)) or type(error).__name__


def last_line(error: Exception) -> str:
    """The last line of the traceback of an exception nobody catches."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    name = error.kind if isinstance(error, Raised) else f"{module}{kind.__qualname__}"
    return ": ".join(part for part in (name, failure(error) if str(error) else "") if part)


def tokens(usage: Any) -> Tokens | None:
    """The counts of a usage; 0 for what is absent or not a number."""
    if not isinstance(usage, Model):
        return None
    return Tokens(
        prompt=_count(usage, "prompt_tokens"),
        completion=_count(usage, "completion_tokens"),
        cached=_count(usage.prompt_tokens_details, "cached_tokens"),
        reasoning=_count(usage.completion_tokens_details, "reasoning_tokens"),
    )


def _count(counts: Any, name: str) -> int | float:
    value = getattr(counts, name) if isinstance(counts, Model) else 0
    number = whole(value)
    return value if number is None and isinstance(value, float) else number or 0


def listed(exchange: Exchange) -> Listing:
    """The ids that `client.models.list()` gives, or what it raises."""
    try:
        open_answer(exchange, streamed=False)
        page = parsed(exchange, "Page")
        if not isinstance(page, Model):
            raise AttributeError(f"'{type(page).__name__}' object has no attribute '_set_private_attributes'")
        ids = [model.id for model in page.data or []]
    except Exception as error:
        return Listing(complaint=str(error) if isinstance(error, Elsewhere) else last_line(error))
    return Listing(tuple(id for id in ids if isinstance(id, str)))
