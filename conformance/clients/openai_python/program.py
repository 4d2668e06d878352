"""The program that a developer writes around the SDK: gathers text and calls, then runs the calls as Python functions.

It is the loop of OpenAI's documentation with the two guards that most programs have, against chunks without choices
and against absent fields. Nothing is checked: what does not fit raises an exception where it is first used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.clients.reading import Moment


@dataclass
class Call:
    """One call so far; `appears` is when its name arrived, in seconds after the request was sent."""

    id: Any = None
    name: Any = None
    arguments: Any = ""
    appears: float = 0.0


@dataclass
class Gathered:
    """What the program has so far. The clock counts the seconds since the request was sent."""

    clock: Callable[[], float]
    text: str = ""
    calls: list[Call] = field(default_factory=list)
    finish: Any = None
    usage: Any = None
    moments: list[Moment] = field(default_factory=list)

    def see(self, what: str) -> None:
        """Records something that the user of the program sees."""
        self.moments.append(Moment(self.clock(), what))

    def say(self, text: Any) -> None:
        """More text."""
        if text:
            began = bool(self.text)
            self.text += text
            if not began:
                self.see("the text begins")

    def named(self, call: Call, name: Any) -> None:
        """The name of a call; the first one counts."""
        if name and not call.name:
            call.name, call.appears = name, self.clock()
            self.see(f"{name} appears")


def gather(chunks: Iterable[Any], so_far: Gathered) -> None:
    """The loop over the chunks of a stream: a call is identified by its index; the first id and name count."""
    calls: dict[Any, Call] = {}
    for chunk in chunks:
        if chunk.choices:
            choice = chunk.choices[0]
            so_far.say(choice.delta.content)
            for piece in choice.delta.tool_calls or []:
                if piece.index not in calls:
                    calls[piece.index] = Call(appears=so_far.clock())
                    so_far.calls.append(calls[piece.index])
                _extend(calls[piece.index], piece, so_far)
            so_far.finish = choice.finish_reason or so_far.finish
        so_far.usage = chunk.usage or so_far.usage


def _extend(call: Call, piece: Any, so_far: Gathered) -> None:
    call.id = call.id or piece.id
    if piece.function:
        so_far.named(call, piece.function.name)
        call.arguments += piece.function.arguments or ""


def take(completion: Any, so_far: Gathered) -> None:
    """The whole answer at once, from a completion or from the helper's end of a stream."""
    message = completion.choices[0].message
    see_text(message.content, so_far)
    so_far.text = message.content if isinstance(message.content, str) else str(message.content or "")
    calls = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or []]
    see_names([name for _, name, _ in calls], so_far)
    seen = [call.appears for call in so_far.calls]
    so_far.calls = [Call(*call, at) for call, at in zip(calls, seen, strict=False)]
    so_far.finish, so_far.usage = completion.choices[0].finish_reason, completion.usage


def see_text(text: Any, so_far: Gathered) -> None:
    """Records the text so far."""
    if text and not so_far.text:
        so_far.see("the text begins")
    so_far.text = text if isinstance(text, str) else so_far.text


def see_names(names: list[Any], so_far: Gathered) -> None:
    """Records the calls so far, in their order."""
    so_far.calls += [Call(appears=so_far.clock()) for _ in names[len(so_far.calls) :]]
    for call, name in zip(so_far.calls, names, strict=False):
        so_far.named(call, name)


def run(call: Call, tools: list[Any]) -> dict[str, Any]:
    """The arguments with which the function runs; raises what Python raises if there is no such function or parameter.

    The functions have the parameters of the offered tools' schemas; a nullable one has a default.
    """
    arguments = json.loads(call.arguments)
    schema = _functions(tools)[call.name]
    if not isinstance(arguments, dict):
        raise TypeError(f"{call.name}() argument after ** must be a mapping, not {type(arguments).__name__}")
    known = properties if isinstance(properties := schema.get("properties"), dict) else {}
    foreign = [name for name in arguments if name not in known]
    if foreign and schema.get("additionalProperties") is False:
        raise TypeError(f"{call.name}() got an unexpected keyword argument '{foreign[0]}'")
    if absent := [name for name in _needed(schema, known) if name not in arguments]:
        raise TypeError(f"{call.name}() missing {len(absent)} required positional {_listed(absent)}")
    return arguments


def _functions(tools: list[Any]) -> dict[Any, dict[str, Any]]:
    """The parameters of every offered function, by name."""
    declared = [tool.get("function") for tool in tools if isinstance(tool, dict)]
    return {
        str(function.get("name")): schema if isinstance(schema := function.get("parameters"), dict) else {}
        for function in declared
        if isinstance(function, dict)
    }


def _needed(schema: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if isinstance(name, str) and not _may_be_null(known.get(name)):
            yield name


def _may_be_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    types, options = schema.get("type"), schema.get("anyOf")
    return (
        types == "null"
        or (isinstance(types, list) and "null" in types)
        or (isinstance(options, list) and any(_may_be_null(option) for option in options))
    )


def _listed(names: list[str]) -> str:
    """The end of Python's sentence on missing arguments."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) == 1:
        return f"argument: {quoted[0]}"
    comma = "," if len(quoted) > 2 else ""
    return f"arguments: {', '.join(quoted[:-1])}{comma} and {quoted[-1]}"
