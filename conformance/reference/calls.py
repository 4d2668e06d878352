"""Which tools the model calls, and with which arguments.

The rules are those of a competent model: it calls the tool that the user names, with the JSON in the prompt as
arguments. Without JSON it fills the arguments from the schema and from what the prompt mentions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reference.schema import Hints, fill, properties_of, values_in
from conformance.reference.text import dump
from conformance.reference.wishes import echoed, json_objects

_REFUSED = re.compile(
    r"\b(?:do not|don't|never|without)\s+(?:use|call|using|calling)\s+(?:any\s+|the\s+|a\s+)?tools?\b", re.IGNORECASE
)
_NOT_THIS = re.compile(r"(?:\bnot|n't|\bnever|\bwithout|\binstead of)\s+(?:[\w`\"']+\s+){0,3}[`\"']?\Z", re.IGNORECASE)
_ANY_TOOL = re.compile(r"\b(?:use|call|invoke|run)\s+(?:\w+\s+){0,3}(?:tools?|functions?)\b", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:(twice|two|both|each|parallel|separately|pair)|(thrice|three)|(\d+) (?:times|calls))\b", re.IGNORECASE
)
_WEAK = {
    "get",
    "do",
    "run",
    "fetch",
    "make",
    "the",
    "a",
    "an",
    "tool",
    "mcp",
    "function",
    "of",
    "to",
    "execute",
    "use",
    "call",
}
_COMMON = _WEAK | {
    "at",
    "in",
    "and",
    "or",
    "for",
    "with",
    "from",
    "on",
    "by",
    "this",
    "that",
    "it",
    "given",
    "what",
    "is",
    "are",
}
MOST_CALLS = 16


@dataclass(frozen=True)
class Tool:
    """A function tool as the request offers it."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    def accepts(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a JSON object in the prompt can be the arguments of this tool."""
        known = properties_of(self.parameters)
        return any(key in known for key in arguments) if known else not self.is_bare or not arguments

    @property
    def is_bare(self) -> bool:
        """Whether the tool takes no arguments."""
        return not properties_of(self.parameters) and self.parameters.get("additionalProperties") is not True


@dataclass(frozen=True)
class Call:
    """One function call; its arguments are JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Choice:
    """What the request says about using tools."""

    tools: tuple[Tool, ...]
    forced: bool
    single: bool


def offered_tools(body: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The function tools of a request."""
    functions = (tool.get("function") for tool in body.get("tools") or () if tool.get("type") == "function")
    return tuple(
        Tool(function["name"], function.get("description") or "", function.get("parameters") or {})
        for function in functions
        if isinstance(function, Mapping)
    )


def choice_of(body: Mapping[str, Any]) -> Choice:
    """Read tool_choice and parallel_tool_calls."""
    tools, wanted = offered_tools(body), body.get("tool_choice")
    single = body.get("parallel_tool_calls") is False
    if wanted == "none":
        return Choice((), forced=False, single=single)
    if not isinstance(wanted, Mapping):
        return Choice(tools, forced=wanted == "required", single=single)
    allowed = wanted.get("allowed_tools")
    if isinstance(allowed, Mapping):
        names = {entry.get("function", {}).get("name") for entry in allowed.get("tools") or ()}
        return Choice(_named(tools, names), forced=allowed.get("mode") == "required", single=single)
    return Choice(_named(tools, {wanted.get("function", {}).get("name")}), forced=True, single=single)


def _named(tools: Sequence[Tool], names: set[Any]) -> tuple[Tool, ...]:
    return tuple(tool for tool in tools if tool.name in names)


def wanted_calls(prompt: str, choice: Choice) -> tuple[Call, ...]:
    """The calls that a prompt leads to; none when it asks for text and no call is forced."""
    if not choice.tools or (_REFUSED.search(prompt) and not choice.forced):
        return ()
    mentions = _mentions(prompt, choice.tools)
    if not mentions:
        needed = _needed(prompt, choice)
        mentions = [(0, needed)] if needed else []
    calls = [call for n in range(len(mentions)) for call in _calls_of(prompt, mentions, n)]
    return tuple(calls[: 1 if choice.single else MOST_CALLS])


def _mentions(prompt: str, tools: Sequence[Tool]) -> list[tuple[int, Tool]]:
    """The tools named by the user, each once, in the order of their first mention."""
    instruction = _instruction(prompt)
    places = ((_first_mention(instruction, tool.name), tool) for tool in tools)
    return sorted(((at, tool) for at, tool in places if at is not None), key=lambda mention: mention[0])


def _instruction(prompt: str) -> str:
    """The prompt with its data (a text to repeat, JSON) replaced by spaces, so that positions stay the same."""
    objects = list(json_objects(prompt))
    echo = echoed(prompt)
    if echo and not objects:
        return echo[0]
    for start, end, _ in objects:
        prompt = prompt[:start] + " " * (end - start) + prompt[end:]
    return prompt


def _first_mention(text: str, name: str) -> int | None:
    for found in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
        if not _NOT_THIS.search(text, 0, found.start()):
            return found.start()
    return None


def _needed(prompt: str, choice: Choice) -> Tool | None:
    """The tool a prompt needs without naming it."""
    asked = bool(_ANY_TOOL.search(prompt))
    if echoed(prompt) and not (asked or choice.forced):
        return None
    words = _words(prompt)
    best = max(choice.tools, key=lambda tool: _likeness(tool, words))
    return best if choice.forced or asked or _likeness(best, words) >= 1 else None


def _words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return {re.sub(r"(?<=\w\w\w)s\Z", "", word) for word in re.findall(r"[a-z]+", spaced.lower())}


def _likeness(tool: Tool, words: set[str]) -> float:
    """1 or more when the prompt needs the tool: it has all significant words of its name, or half of its description."""
    name = _words(tool.name) - _WEAK
    described = _words(tool.description.partition(".")[0]) - _COMMON
    by_name = 1.0 if name and name <= words else len(name & words) / (len(name) + 1)
    shared = described & words
    by_description = 1.0 if len(shared) >= 2 and 2 * len(shared) >= len(described) else 0.0
    return by_name + by_description + len(shared) / 100


def _calls_of(prompt: str, mentions: Sequence[tuple[int, Tool]], n: int) -> list[Call]:
    """The calls of the n-th mentioned tool: one per JSON object that follows a mention of it."""
    tool = mentions[n][1]
    given = [
        value for at, _, value in json_objects(prompt) if _owner(prompt, at, mentions) is tool and tool.accepts(value)
    ]
    if given:
        return [Call(tool.name, dump(value)) for value in given]
    if tool.is_bare:
        return [Call(tool.name, "{}")]
    return [Call(tool.name, dump(value)) for value in _filled(_share(prompt, mentions, n), tool, len(mentions) == 1)]


def _share(prompt: str, mentions: Sequence[tuple[int, Tool]], n: int) -> str:
    """The part of the prompt that is about the n-th tool, if it contains any value; else the whole prompt."""
    ends = [at for at, _ in mentions[n + 1 :]] or [len(prompt)]
    own = prompt[mentions[n][0] : ends[0]] if len(mentions) > 1 else prompt
    return own if values_in(own.replace(mentions[n][1].name, "")) else prompt


def _owner(prompt: str, at: int, mentions: Sequence[tuple[int, Tool]]) -> Tool:
    """The tool mentioned last before a position; without one, the first tool mentioned."""
    before = [(prompt.rfind(tool.name, 0, at), tool) for _, tool in mentions]
    place, tool = max(before, key=lambda mention: (mention[0], len(mention[1].name)))
    return tool if place >= 0 else mentions[0][1]


def _filled(prompt: str, tool: Tool, alone: bool) -> list[dict[str, Any]]:
    echo = echoed(prompt)
    hints = Hints.of(echo[0], echo[1]) if echo else Hints.of(prompt)
    hints.strings = [text for text in hints.strings if text != tool.name]
    required = tool.parameters.get("required") or ()
    count = _times(prompt, len(hints.strings)) if alone and len(required) == 1 else 1
    return [fill(tool.parameters, hints) for _ in range(count)]


def _times(prompt: str, candidates: int) -> int:
    """How many calls of one tool the prompt asks for when it gives no JSON for each."""
    found = _TIMES.search(prompt)
    if found is None:
        return 1
    if found[3]:
        return min(int(found[3]), MOST_CALLS)
    return 3 if found[2] else max(2, min(candidates, MOST_CALLS))
