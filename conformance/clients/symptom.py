"""A text that users read, what it shows, and which requirements it points to. `conformance explain` looks texts up."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The requirements that are broken most often when neither text nor a call comes out of an answer.
DROPPED = "url.unknown-path toolstream.first-id tools.answers chat.answers stream.delta tools.declared-names"


@dataclass(frozen=True)
class Symptom:
    """`pattern` is searched in the text; `probes` are ids of requirements, the likeliest first.

    `author` is the program that says the text, `shows` says in one line what happened, `source` is where a server's message
    is known from.
    """

    pattern: re.Pattern[str]
    author: str
    shows: str
    probes: tuple[str, ...]
    source: str = ""


def symptom(pattern: str, author: str, shows: str, probes: str, source: str = "") -> Symptom:
    """A symptom whose pattern ignores case and matches across lines; `probes` are separated by blanks."""
    return Symptom(re.compile(pattern, re.IGNORECASE | re.DOTALL), author, shows, tuple(probes.split()), source)
