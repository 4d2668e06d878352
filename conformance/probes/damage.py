"""Whether a text that was dictated was damaged on its way, or written otherwise by the model. Pure.

A model that errs changes words and leaves out lines. A server that parses badly takes one sign for another everywhere,
loses signs between the letters, or loses (or repeats) one run of characters wherever it happens to begin.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from conformance.probes.readable import is_part

OTHERWISE: dict[str, Callable[[str], str]] = {
    "HTML entities taken for signs": html.unescape,
    "CR LF in place of line ends": lambda text: text.replace("\n", "\r\n"),
    "JSON escapes in it": lambda text: json.dumps(text)[1:-1],
    "JSON escapes of signs in it": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "percent signs and numbers in place of signs": quote,
    "characters in pieces": lambda text: unicodedata.normalize("NFD", text),
    "nothing but ASCII": lambda text: text.encode("ascii", "ignore").decode(),
}


def damage(text: str, wanted: str) -> str:
    """How the text was damaged, in words; "" when it was not, or when a model may have written it so."""
    if text.strip() == wanted.strip():
        return ""
    if _escaped(text, wanted):
        return "it came with HTML entities in place of signs"
    for words, change in OTHERWISE.items():
        if text.strip() == change(wanted).strip():
            return f"it came with {words}"
    run = _runs(text, wanted)
    if not any(map(_whole_lines(wanted), run)) and (run or _signs_alone(text, wanted)):
        n = _differs(text, wanted)
        return f"from character {n} on {text[n : n + 30]!r}, not {wanted[n : n + 30]!r}"
    return ""


def _escaped(text: str, wanted: str) -> bool:
    """True when all that differs are entities in place of the signs that are gone; of `&` nobody knows, as entities hold it."""
    gone = {ord(sign): html.escape(sign) for sign in "<>\"'" if sign not in text}
    forms = (wanted.translate(gone), wanted.translate(gone | {ord("&"): "&amp;"}))
    return text.strip() in {form.strip() for form in forms if form != wanted}


def _signs_alone(text: str, wanted: str) -> bool:
    """True when signs changed between the letters, or characters are missing within lines: no model errs like that."""
    here, there = ("".join(each.split()) for each in (text, wanted))
    lines = text.strip().count("\n") == wanted.strip().count("\n")
    return here != there and (_letters(here) == _letters(there) or (lines and is_part(here, there)))


def _letters(text: str) -> str:
    return "".join(re.findall("[A-Za-z0-9]", text))


def _runs(text: str, wanted: str) -> list[str]:
    """The one run of characters that is missing, or came twice, in every way to read it; none when more differs."""
    short, long = sorted((text.rstrip(), wanted.rstrip()), key=len)
    gap = len(long) - len(short)
    head, tail = _differs(short, long), _differs(short[::-1], long[::-1])
    starts = range(len(short) - tail, head + 1)  # where it may begin: what stands before it may look alike
    runs = [long[n : n + gap] for n in starts if gap]
    twice = [run for n, run in zip(starts, runs, strict=False) if long[:n].endswith(run)]
    return twice if short == wanted.rstrip() else runs


def _whole_lines(wanted: str) -> Callable[[str], bool]:
    """Tells the runs that are lines of the text, which a model may leave out or write twice."""
    return lambda run: run.endswith("\n") and f"\n{run}" in f"\n{wanted}"


def _differs(text: str, wanted: str) -> int:
    """Where the one begins to differ from the other."""
    pairs = zip(text, wanted, strict=False)
    return next((n for n, (got, due) in enumerate(pairs) if got != due), min(len(text), len(wanted)))
