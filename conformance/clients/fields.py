"""The parts of a client's request that can be left out, one at a time, to find the one that a server refuses. Pure.

Each part is a function that gives the same request without it. Several parts are left out one after the other,
so that halving narrows a refused request down.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.evidence.exchange import Exchange

Json = dict[str, Any]
LONG = 600  # characters of a description
FEW = 8  # tools
PASSED_OVER = {401, 402, 408, 429}  # the key, the account, time and rate: nothing in the body causes them


@dataclass(frozen=True)
class Sent:
    """A request: its body, and the headers that only this client sends."""

    body: Json
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """A part of a request: its name, and the request without it."""

    name: str
    without: Callable[[Sent], Sent]

    def is_in(self, sent: Sent) -> bool:
        """True if leaving it out changes the request."""
        return self.without(sent) != sent


def refused(exchange: Exchange) -> bool:
    """True for a request that was refused because of its content, also by a crash of the server."""
    return (exchange.status or 0) >= 400 and exchange.status not in PASSED_OVER


def parts_of(sent: Sent) -> tuple[Part, ...]:
    """The parts that a request has."""
    return tuple(part for part in PARTS if part.is_in(sent))


def suspects_of(sent: Sent, message: str, parts: Sequence[Part] | None = None) -> tuple[Part, ...]:
    """Those of the parts that a request has, first those that the server's message names, then those that it may mean."""
    found = parts_of(sent) if parts is None else [part for part in parts if part.is_in(sent)]
    return tuple(sorted(found, key=lambda part: _rank(part, message)))


def likely(suspects: Sequence[Part], message: str) -> int:
    """How many of the first suspects the server's message names or may mean; 0 if it says nothing."""
    ranks = [_rank(part, message) for part in suspects]
    return next((n for rank in (0, 1) if 0 < (n := sum(r <= rank for r in ranks)) < len(ranks)), 0)


def _rank(part: Part, message: str) -> int:
    """0 for a part that a message calls by its name, 1 for one of the things it speaks of, 2 for others."""
    said = message.lower()
    named = re.findall("`([^`]+)`", part.name)
    if part.name == TOOLS or not said:
        return 2
    if any(name.lower() in said for name in named):
        return 0
    things = re.findall("schema|name|content|message|role|header|description|tools", re.sub("`[^`]+`", "", part.name))
    return 1 if any(thing in said for thing in things) else 2


def without(sent: Sent, parts: Sequence[Part]) -> Sent:
    """The request without all of these parts."""
    for part in parts:
        sent = part.without(sent)
    return sent


def left_out(whole: Sent, reduced: Sent) -> tuple[Part, ...] | None:
    """The fewest parts that a request lacks of another; None if it is not that request without some parts."""
    missing = [part for part in parts_of(whole) if not part.is_in(reduced)]
    if without(whole, missing) != reduced:
        return None
    for part in tuple(missing):  # without those that go with another, as a keyword of tools with hyphens
        others = [other for other in missing if other is not part]
        missing = others if without(whole, others) == reduced else missing
    return tuple(missing)


def _field(name: str) -> Part:
    def drop(sent: Sent) -> Sent:
        return replace(sent, body={key: value for key, value in sent.body.items() if key != name})

    return Part(f"`{name}`", drop)


def _in_body(name: str, change: Callable[[Json], None]) -> Part:
    """A part that `change` takes out of a copy of the body."""

    def changed(sent: Sent) -> Sent:
        body = copy.deepcopy(sent.body)
        change(body)
        return replace(sent, body=body)

    return Part(name, changed)


def _functions(body: Json) -> Iterator[Json]:
    yield from (tool["function"] for tool in body.get("tools", ()))


def _schemas(value: Any) -> Iterator[Json]:
    """Every object of a JSON schema, the innermost first."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _schemas(inner)
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _schemas(inner)


def _in_functions(name: str, change: Callable[[Json], object]) -> Part:
    def change_all(body: Json) -> None:
        for function in _functions(body):
            change(function)

    return _in_body(name, change_all)


def _in_schemas(name: str, change: Callable[[Json], None]) -> Part:
    def all_of(function: Json) -> None:
        for schema in _schemas(function.get("parameters")):
            change(schema)

    return _in_functions(name, all_of)


def _in_messages(name: str, change: Callable[[Json], object]) -> Part:
    def change_all(body: Json) -> None:
        for message in body["messages"]:
            change(message)

    return _in_body(name, change_all)


def _keyword(name: str) -> Part:
    def drop(schema: Json) -> None:
        if "type" in schema or "anyOf" in schema:
            schema.pop(name, None)

    return _in_schemas(f"`{name}` in schemas", drop)


def _plain_type(schema: Json) -> None:
    """A type of several becomes the first that is not null."""
    if isinstance(kinds := schema.get("type"), list):
        schema["type"] = next((kind for kind in kinds if kind != "null"), "string")


def _one_branch(schema: Json) -> None:
    """`anyOf` becomes its first branch that is not null."""
    if isinstance(branches := schema.pop("anyOf", None), list):
        schema.update(next((b for b in branches if b.get("type") != "null"), {}))


def _shorten(function: Json) -> None:
    for text in _schemas(function):
        if isinstance(said := text.get("description"), str):
            text["description"] = said[:LONG]


def _joined(message: Json) -> None:
    """Content that is nothing but text parts becomes one text."""
    parts = message.get("content")
    if isinstance(parts, list) and all(part.get("type") == "text" for part in parts):
        message["content"] = "\n".join(part["text"] for part in parts)


def _worded(message: Json) -> None:
    if message.get("tool_calls") and not message.get("content"):
        message["content"] = "I will look."


def _no_cache_marks(message: Json) -> None:
    for place in _schemas(message):
        place.pop("cache_control", None)


def _as_system(message: Json) -> None:
    if message["role"] == "developer":
        message["role"] = "system"


def _few_tools(body: Json) -> None:
    """Tools that the messages speak of are kept, and others up to FEW."""
    said = json.dumps(body["messages"])
    if len(body.get("tools", ())) > FEW:
        body["tools"] = sorted(body["tools"], key=lambda tool: tool["function"]["name"] not in said)[:FEW]


def _no_bridged(body: Json) -> None:
    if "tools" in body:
        body["tools"] = [tool for tool in body["tools"] if "-" not in tool["function"]["name"]]


def _no_users_after_results(body: Json) -> None:
    said = body["messages"]
    body["messages"] = [
        m for n, m in enumerate(said) if not (n and m["role"] == "user" and said[n - 1]["role"] == "tool")
    ]


def _without_names(sent: Sent) -> Sent:
    return replace(sent, headers={n: v for n, v in sent.headers.items() if not NAMING.match(n)})


def _streamed(sent: Sent) -> Sent:
    return replace(sent, body={**sent.body, "stream": True})


TOOLS = "`tools`"
NAMING = re.compile("user-agent|accept|http-referer|sec-|x-(title|stainless|kilocode|session|parent)", re.IGNORECASE)
PARTS: tuple[Part, ...] = (
    Part("the client's own headers", _without_names),
    *map(_field, ("parallel_tool_calls", "stream_options", "max_tokens", "max_completion_tokens")),
    *map(_field, ("temperature", "top_p", "reasoning_effort", "tool_choice")),
    _in_functions("`strict` in tools", lambda function: function.pop("strict", None)),
    _keyword("$schema"),
    _in_schemas("`anyOf` in schemas", _one_branch),
    _in_schemas("a type of several in schemas", _plain_type),
    _keyword("additionalProperties"),
    *map(_keyword, ("format", "default", "nullable", "minItems", "maxItems", "minimum", "maximum")),
    _in_functions(f"a description of more than {LONG} characters", _shorten),
    _in_body(f"a list of more than {FEW} tools", _few_tools),
    _in_body("a tool name with hyphens", _no_bridged),
    _in_messages("`cache_control`", _no_cache_marks),
    _in_messages("`reasoning_content`", lambda message: message.pop("reasoning_content", None)),
    _in_messages("the role `developer`", _as_system),
    _in_messages("content as an array of parts", _joined),
    _in_messages("an assistant message without text", _worded),
    _in_body("a user message right after tool results", _no_users_after_results),
    _field("tools"),
)
# What a conversation can do without, or in another form, when an endpoint does not take it.
DIALECT: tuple[Part, ...] = (
    *(
        part
        for part in PARTS
        if part.name
        in {
            f"`{name}`"
            for name in (
                "parallel_tool_calls",
                "stream_options",
                "max_tokens",
                "max_completion_tokens",
                "temperature",
                "tool_choice",
            )
        }
    ),
    *(part for part in PARTS if part.name in ("`strict` in tools", "content as an array of parts")),
    Part("a request without `stream`", _streamed),
)
