"""One refusal is one cause: what requests that are refused with the same words have in common, and no accepted one has. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from conformance.clients.fields import refused
from conformance.evidence.calls import object_or_empty
from conformance.evidence.exchange import Exchange, Request, same_words

LONG_DESCRIPTION = 4_000  # characters


def words_of(exchange: Exchange) -> str:
    """The words by which two refusals, or two troubles that may pass, are compared; "" for another answer."""
    return same_words(exchange.summary) if refused(exchange) or exchange.passing else ""


@dataclass(frozen=True)
class Feature:
    """Something that a request may have, in words that go after "requests with".

    `of_clients`: the profile of a client shows whether its requests have it; sizes depend on the user's task.
    """

    words: str
    is_in: Callable[[Request], bool]
    of_clients: bool = True


def _messages(request: Request) -> list[Mapping[str, object]]:
    found = request.field("messages")
    return [object_or_empty(one) for one in found] if isinstance(found, list) else []


def _functions(request: Request) -> list[Mapping[str, object]]:
    found = request.field("tools")
    return [object_or_empty(object_or_empty(one).get("function")) for one in found] if isinstance(found, list) else []


def _field(name: str) -> Feature:
    return Feature(f"`{name}`", lambda request: request.field(name) is not None)


def _role(name: str, words: str) -> Feature:
    return Feature(words, lambda request: any(message.get("role") == name for message in _messages(request)))


FEATURES = (  # of several that explain a refusal alike, the first that the refusal names counts, else the first
    *map(_field, ("max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "response_format")),
    *map(_field, ("stream_options", "parallel_tool_calls", "reasoning_effort")),
    Feature("`tool_choice` as a text", lambda request: isinstance(request.field("tool_choice"), str)),
    Feature(
        "a `tool_choice` that forces a call", lambda request: request.field("tool_choice") not in (None, "auto", "none")
    ),
    Feature(
        "a very long tool description",
        lambda request: any(len(str(f.get("description"))) > LONG_DESCRIPTION for f in _functions(request)),
        of_clients=False,
    ),
    Feature("`strict` in tools", lambda request: any("strict" in function for function in _functions(request))),
    Feature("tools", lambda request: bool(request.field("tools"))),
    Feature(
        "calls in the history (`tool_calls` of assistant messages)",
        lambda request: any(message.get("tool_calls") for message in _messages(request)),
    ),
    _role("tool", "tool results (messages of the role `tool`)"),
    _role("developer", "the role `developer`"),
    Feature(
        "content as an array of parts",
        lambda request: any(isinstance(message.get("content"), list) for message in _messages(request)),
    ),
    Feature("`stream: true`", lambda request: request.streamed),
    Feature("no `stream: true`", lambda request: not request.streamed),
)


def culprits(exchanges: Iterable[Exchange]) -> dict[str, Feature]:
    """What each refusal is about, by the words of the refusal: what only the refused requests have.

    A refusal whose requests have nothing of the kind in common is left out.
    """
    chats = [
        e for e in exchanges if e.request.is_chat and isinstance(e.request.field("messages"), list) and not e.passed
    ]
    chats = [e for e in chats if e.request.field("model") == chats[0].request.field("model")]  # not an unknown one
    accepted = [frozenset(f.words for f in FEATURES if f.is_in(e.request)) for e in chats if e.ok]
    by_words: dict[str, list[Exchange]] = {}
    for exchange in chats:
        if said := words_of(exchange):
            by_words.setdefault(said, []).append(exchange)
    found = {said: _common(said, group, accepted) for said, group in by_words.items() if len(group) > 1}
    return {said: feature for said, feature in found.items() if feature}


def _common(said: str, group: Iterable[Exchange], accepted: Iterable[frozenset[str]]) -> Feature | None:
    requests = [exchange.request for exchange in group]
    common = [feature for feature in FEATURES if all(map(feature.is_in, requests))]
    guilty = [feature for feature in common if not any(feature.words in one for one in accepted)]
    named = [one for one in guilty if any(name in said for name in re.findall("`(\\w+)", one.words))]
    return next(iter([*named, *guilty]), None)


def remedy(culprit: Feature) -> str:
    """What whoever runs the server can do about it."""
    return f"Accept requests with {culprit.words}, or ignore what is not supported: every one of them is refused."
