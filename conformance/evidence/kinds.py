"""The kinds of exchange a probe can ask for: a probe that names one is judged on every exchange of that kind.

That is how a defect is found wherever it shows: the probe for stream framing looks at every stream of the run, also
those that were asked for tools, images or errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import Exchange

CHAT = ("completion", "stream", "tool_completion", "tool_stream")


@dataclass(frozen=True)
class Kind:
    """One kind: how an exchange is viewed as it (None when it is not), and which conversations may leave it.

    `sources` are the kinds a conversation may expect for this one to turn up; () means any conversation. Of a `stray`
    kind nobody expects an example: where none is seen there is simply nothing to judge.
    """

    name: str
    view: Callable[[Exchange], Any | None]
    sources: tuple[str, ...] = ()
    stray: bool = False

    def may_come_from(self, expects: str) -> bool:
        """True when a conversation that expects that kind may leave an exchange of this one."""
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


def as_completion(exchange: Exchange) -> Completion | None:
    """A 2xx answer to a chat request that asked for no stream."""
    fits = exchange.ok and exchange.request.is_chat and not exchange.request.streamed
    return exchange.views.setdefault("completion", Completion(exchange)) if fits else None


def as_stream(exchange: Exchange) -> Stream | None:
    """A 2xx answer to a chat request that asked for a stream."""
    fits = exchange.ok and exchange.request.is_chat and exchange.request.streamed
    return exchange.views.setdefault("stream", Stream(exchange)) if fits else None


def as_reply(exchange: Exchange) -> Reply | None:
    """A 2xx answer to a chat request, streamed or not."""
    return as_stream(exchange) or as_completion(exchange)


def as_answer(exchange: Exchange) -> Reply | None:
    """A reply to a plain question: no tools offered, no cap on its length."""
    reply = as_reply(exchange)
    return reply if reply and not reply.tools and not reply.capped else None


def as_tool_completion(exchange: Exchange) -> Completion | None:
    """A completion that holds native tool calls, well-formed or not."""
    completion = as_completion(exchange)
    return completion if completion and completion.raw_calls else None


def as_tool_stream(exchange: Exchange) -> Stream | None:
    """A stream that holds native tool calls, well-formed or not."""
    stream = as_stream(exchange)
    return stream if stream and any(delta.value.get("tool_calls") for delta in stream.deltas) else None


def as_tool_reply(exchange: Exchange) -> Reply | None:
    """A reply that holds native tool calls, streamed or not."""
    return as_tool_stream(exchange) or as_tool_completion(exchange)


def as_broken_stream(exchange: Exchange) -> Stream | None:
    """A stream with an error event in it."""
    stream = as_stream(exchange)
    return stream if stream and stream.errors else None


def as_model_list(exchange: Exchange) -> Exchange | None:
    """A 2xx answer to a GET of the model list."""
    listing = exchange.request.method == "GET" and exchange.request.url.split("?")[0].rstrip("/").endswith(
        "/models"
    )
    return exchange if exchange.ok and listing else None


KINDS = {
    kind.name: kind
    for kind in (
        Kind("response", as_response),
        Kind("error", as_error, stray=True),
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
