"""The kinds of exchange that a probe can name: it then judges every exchange of that kind.

So a defect is found wherever it shows: the probe for stream framing judges every stream of the run, including those
about tools, images or errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import Exchange

PASSED = "passed_trouble"  # the one kind of exchange that a talk keeps apart
CHAT = ("completion", "stream", "tool_completion", "tool_stream")


@dataclass(frozen=True)
class Kind:
    """One kind of exchange.

    `view` returns the exchange as this kind, or None when it is of another. `sources` are the kinds that a conversation
    may expect and produce this one; () means any conversation. Of a `stray` kind there may be no exchange at all: then
    there is nothing to judge.
    """

    name: str
    view: Callable[[Exchange], Any | None]
    sources: tuple[str, ...] = ()
    stray: bool = False

    def may_come_from(self, expects: str) -> bool:
        """True when a conversation that expects that kind may produce an exchange of this one."""
        return not self.sources or expects in self.sources or expects == "anything"


def as_response(exchange: Exchange) -> Exchange | None:
    """Any exchange that got an HTTP response."""
    return exchange if exchange.response is not None else None


def as_error(exchange: Exchange) -> Exchange | None:
    """A response with status 400 or above."""
    return exchange if exchange.response is not None and exchange.response.status >= 400 else None


def as_rate_limited(exchange: Exchange) -> Exchange | None:
    """A response with status 429."""
    return exchange if exchange.status == 429 else None


def as_passed(exchange: Exchange) -> Exchange | None:
    """An answer whose trouble was over when the request was sent again."""
    return exchange if exchange.passed else None


def as_completion(exchange: Exchange) -> Completion | None:
    """A 2xx answer to a chat request without `stream: true`."""
    fits = exchange.ok and exchange.request.is_chat and not exchange.request.streamed
    return exchange.views.setdefault("completion", Completion(exchange)) if fits else None


def as_stream(exchange: Exchange) -> Stream | None:
    """A 2xx answer to a chat request with `stream: true`."""
    fits = exchange.ok and exchange.request.is_chat and exchange.request.streamed
    return exchange.views.setdefault("stream", Stream(exchange)) if fits else None


def as_reply(exchange: Exchange) -> Reply | None:
    """A 2xx answer to a chat request, streamed or not."""
    return as_stream(exchange) or as_completion(exchange)


def as_answer(exchange: Exchange) -> Reply | None:
    """A reply to a plain question, without tools and without a limit on its length."""
    reply = as_reply(exchange)
    return reply if reply and not reply.tools and not reply.capped else None


def as_tool_completion(exchange: Exchange) -> Completion | None:
    """A completion with native tool calls, well-formed or not."""
    completion = as_completion(exchange)
    return completion if completion and completion.raw_calls else None


def as_tool_stream(exchange: Exchange) -> Stream | None:
    """A stream with native tool calls, well-formed or not."""
    stream = as_stream(exchange)
    return stream if stream and any(delta.value.get("tool_calls") for delta in stream.deltas) else None


def as_tool_reply(exchange: Exchange) -> Reply | None:
    """A reply with native tool calls, streamed or not."""
    return as_tool_stream(exchange) or as_tool_completion(exchange)


def as_broken_stream(exchange: Exchange) -> Stream | None:
    """A stream with an error event in it."""
    stream = as_stream(exchange)
    return stream if stream and stream.errors else None


def as_model_list(exchange: Exchange) -> Exchange | None:
    """A 2xx answer to a GET of the model list."""
    listing = exchange.request.method == "GET" and exchange.request.url.split("?")[0].rstrip("/").endswith("/models")
    return exchange if exchange.ok and listing else None


KINDS = {
    kind.name: kind
    for kind in (
        Kind("response", as_response),
        Kind("error", as_error, stray=True),
        Kind(PASSED, as_passed, stray=True),
        Kind("rate_limited", as_rate_limited, stray=True),
        Kind("completion", as_completion, ("completion", "tool_completion")),
        Kind("stream", as_stream, ("stream", "tool_stream")),
        Kind("reply", as_reply, CHAT),
        Kind("success", as_reply, stray=True),
        Kind("answer", as_answer, ("completion", "stream"), stray=True),
        Kind("tool_completion", as_tool_completion, ("tool_completion",)),
        Kind("tool_stream", as_tool_stream, ("tool_stream",)),
        Kind("tool_reply", as_tool_reply, ("tool_completion", "tool_stream")),
        Kind("broken_stream", as_broken_stream, ("stream", "tool_stream"), stray=True),
        Kind("model_list", as_model_list, ("model_list",)),
    )
}
