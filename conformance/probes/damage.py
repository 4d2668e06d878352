"""Whether a server damaged a dictated text, or the model wrote a different one. Pure.

A model that errs changes words and leaves out lines. A server that parses badly replaces one character by another
everywhere, loses punctuation between the letters, or loses (or repeats) one run of characters, wherever it begins.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from conformance.probes.readable import is_part

REWRITINGS: dict[str, Callable[[str], str]] = {  # what a server does to a text, by the words for it
    "HTML entities decoded": html.unescape,
    "CR LF instead of line feeds": lambda text: text.replace("\n", "\r\n"),
    "JSON escapes": lambda text: json.dumps(text)[1:-1],
    "JSON escapes of punctuation": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "percent-encoding": quote,
    "characters taken apart (NFD)": lambda text: unicodedata.normalize("NFD", text),
    "only its ASCII characters": lambda text: text.encode("ascii", "ignore").decode(),
}


def damage(text: str, wanted: str) -> str:
    """How the text was damaged, in words; "" when it was not, or when a model may have written it like this."""
    if text.strip() == wanted.strip():
        return ""
    if _escaped(text, wanted):
        return "the text came with HTML entities instead of punctuation"
    for words, change in REWRITINGS.items():
        if text.strip() == change(wanted).strip():
            return f"the text came with {words}"
    run = _runs(text, wanted)
    if not any(map(_whole_lines(wanted), run)) and (run or _only_punctuation(text, wanted)):
        n = _differs(text, wanted)
        return f"from character {n} on, the text is {text[n : n + 30]!r}, not {wanted[n : n + 30]!r}"
    return ""


def _escaped(text: str, wanted: str) -> bool:
    """True when only HTML entities differ, for characters that are gone. `&` counts either way: entities contain it."""
    gone = {ord(sign): html.escape(sign) for sign in "<>\"'" if sign not in text}
    forms = (wanted.translate(gone), wanted.translate(gone | {ord("&"): "&amp;"}))
    return text.strip() in {form.strip() for form in forms if form != wanted}


def _only_punctuation(text: str, wanted: str) -> bool:
    """True when only punctuation changed, or characters are missing within lines: no model errs like that."""
    here, there = ("".join(each.split()) for each in (text, wanted))
    lines = text.strip().count("\n") == wanted.strip().count("\n")
    return here != there and (_letters(here) == _letters(there) or (lines and is_part(here, there)))


def _letters(text: str) -> str:
    return "".join(re.findall("[A-Za-z0-9]", text))


def _runs(text: str, wanted: str) -> list[str]:
    """The one run of characters that is missing or repeated, in every way to read it; none when more differs."""
    short, long = sorted((text.rstrip(), wanted.rstrip()), key=len)
    gap = len(long) - len(short)
    head, tail = _differs(short, long), _differs(short[::-1], long[::-1])
    starts = range(len(short) - tail, head + 1)  # where it may begin: the text before it may look the same
    runs = [long[n : n + gap] for n in starts if gap]
    twice = [run for n, run in zip(starts, runs, strict=False) if long[:n].endswith(run)]
    return twice if short == wanted.rstrip() else runs


def _whole_lines(wanted: str) -> Callable[[str], bool]:
    """True of runs that are whole lines of the text, which a model may leave out or write twice."""
    return lambda run: run.endswith("\n") and f"\n{run}" in f"\n{wanted}"


def _differs(text: str, wanted: str) -> int:
    """Where the two texts begin to differ."""
    pairs = zip(text, wanted, strict=False)
    return next((n for n, (got, due) in enumerate(pairs) if got != due), min(len(text), len(wanted)))
