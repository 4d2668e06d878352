"""What a prompt asks for: an echo, a count, a sum, a word, JSON, or just an answer.

This is not a language model, but it must behave like a competent one for any prompt of a probe. So it knows kinds
of requests instead of single prompts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from conformance.reference.schema import values_in
from conformance.reference.text import dump

_ECHO = re.compile(
    r"\b(?:exactly|verbatim|word for word|following|only|just|nothing else|with|words?|repeat|echo)\b[^:\n]{0,200}:"
    r"(?:[ \t]*\r?\n)*[ \t]?(?=\S|\Z)",
    re.IGNORECASE,
)
_ECHO_VERB = re.compile(
    r"\b(repeat|reply|answer|respond|say|write|output|print|return|echo|copy|type|call|use|invoke|run)\b", re.IGNORECASE
)
_COUNT = re.compile(
    r"\b(?:count|numbers|integers)\b[^.\n]*?\b(?:from\s+)?(\d+)\s*(?:up\s+)?(?:to|through|-|until)\s*(\d+)",
    re.IGNORECASE,
)
_COUNT_TO = re.compile(r"\bcount\s+(?:up\s+)?to\s+(\d+)", re.IGNORECASE)
_SUM = re.compile(
    r"(?<![\w.])(-?\d+)\s*(\+|(?<=\s)-(?=\s)|\*|x|×|plus|minus|times)\s*(-?\d+)(?![\w.]*\w)", re.IGNORECASE
)
_WORD = re.compile(
    r"\b(?:say|(?:reply|answer|respond|write|output)\s+(?:with|only|just|exactly))\s+"
    r"(?:(?:with|only|just|exactly|the|one|single|word|words|number|text|string|two|letters)\s+)*"
    r"(?:\"([^\"\n]+)\"|“([^”\n]+)”|`([^`\n]+)`|'([^'\n]+)'|([\w-]+)\b(?!\s+in\b))",
    re.IGNORECASE,
)
_NOT_A_WORD = {
    "a",
    "an",
    "your",
    "some",
    "something",
    "in",
    "json",
    "yes",
    "valid",
    "any",
    "this",
    "that",
    "it",
    "what",
}
_LENGTH = re.compile(r"\b(\d+)[ -](words?|sentences?|paragraphs?|lines?)\b", re.IGNORECASE)
_LONG = re.compile(r"\b(long|story|essay|poem|detailed|several paragraphs|at length)\b", re.IGNORECASE)
_JSON = re.compile(r"\b(?:in|as|with|only|valid|a|one|output|return|reply)\s+(?:\w+\s+){0,2}json\b", re.IGNORECASE)
_FENCES = (("<<<", ">>>"), ("```", "```"), ("'''", "'''"), ('"""', '"""'), ("---\n", "\n---"))
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "«": "»"}
_SENTENCE = "The quick brown fox jumps over the lazy dog while the river runs slowly past the old stone mill."
ANSWER = "Hello! Here is a short and friendly answer: everything works as it should."


def echoed(prompt: str) -> tuple[str, str] | None:
    """The instruction and the text to repeat, when the prompt has that form."""
    found = _ECHO.search(prompt)
    if found is None or _ECHO_VERB.search(prompt, 0, found.end()) is None:
        return None
    payload = prompt[found.end() :]
    return (prompt[: found.end()], unfenced(payload)) if payload.strip() else None


def unfenced(text: str) -> str:
    """The text inside its delimiters, or the text itself without delimiters."""
    for start, end in _FENCES:
        if text.startswith(start) and text.rstrip().endswith(end) and len(text.rstrip()) >= len(start + end):
            inner = text.rstrip()[len(start) : -len(end)]
            return _without_fence_lines(inner, code=start == "```")
    bare = text.rstrip()
    close = _QUOTES.get(bare[:1])
    quoted = bare[:-1] if close and bare[-2:-1] == close and bare[-1] in ".!" else bare
    if close and len(quoted) > 1 and quoted.endswith(close) and close not in quoted[1:-1]:
        return quoted[1:-1]
    return text


def _without_fence_lines(inner: str, code: bool) -> str:
    if code:
        inner = re.sub(r"\A[\w+-]*\n", "\n", inner)
    return re.sub(r"\r?\n\Z", "", re.sub(r"\A\r?\n", "", inner))


def _echo(prompt: str) -> str | None:
    echo = echoed(prompt)
    return echo[1] if echo else None


def _count(prompt: str) -> str | None:
    found = _COUNT.search(prompt)
    to = _COUNT_TO.search(prompt)
    if found is None and to is None:
        return None
    first, last = (int(found[1]), int(found[2])) if found else (1, int(to[1]) if to else 1)
    last = min(last, first + 20_000)
    separator = ", " if "comma" in prompt.lower() else "\n" if " line" in prompt.lower() else " "
    return separator.join(str(number) for number in range(first, last + 1))


def _sum(prompt: str) -> str | None:
    found = _SUM.search(prompt)
    if found is None:
        return None
    left, sign, right = int(found[1]), found[2].lower(), int(found[3])
    if sign in ("+", "plus"):
        return str(left + right)
    return str(left - right) if sign in ("-", "minus") else str(left * right)


def _json(prompt: str) -> str | None:
    return dump(json_answer(prompt)) if _JSON.search(prompt) else None


def _word(prompt: str) -> str | None:
    for found in _WORD.finditer(prompt):
        word = next(group for group in found.groups() if group is not None)
        if found[5] is None or word.lower() not in _NOT_A_WORD:
            return word
    return None


def _length(prompt: str) -> str | None:
    found = _LENGTH.search(prompt)
    if found is None:
        return " ".join([_SENTENCE] * 12) if _LONG.search(prompt) else None
    count, unit = min(int(found[1]), 4000), found[2].lower()
    if unit.startswith("word"):
        words = (_SENTENCE.split() * (count // 18 + 1))[:count]
        return " ".join(words)
    separator = {"s": " ", "p": "\n\n", "l": "\n"}[unit[0]]
    return separator.join([_SENTENCE] * count)


_WISHES: tuple[Callable[[str], str | None], ...] = (_echo, _count, _json, _length, _sum, _word)


@lru_cache(maxsize=64)  # a prompt is looked at several times for one answer, and is long
def wished_text(prompt: str) -> str | None:
    """The text that a prompt clearly asks for; None when the prompt leaves the wording to the model."""
    return next((text for text in (wish(prompt) for wish in _WISHES) if text is not None), None)


def json_objects(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The start, the end and the value of every JSON object in a text."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at != -1:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield at, end, value
        at = text.find("{", end)


def json_answer(prompt: str) -> dict[str, Any]:
    """A JSON object for the prompt: the one it shows, one with the keys it names, or a plain answer."""
    shown = next((value for _, _, value in json_objects(prompt)), None)
    if shown is not None:
        return shown
    keys = [key for key in values_in(prompt) if re.fullmatch(r"[A-Za-z_]\w*", key)]
    if re.search(r"\b(keys?|fields?|propert)", prompt, re.IGNORECASE) and keys:
        return {key: f"example {key}" for key in keys}
    return {"answer": _sum(prompt) or ANSWER}
