"""What to type into each client, and what to avoid: plain text for a terminal, with the client's own form to paste.

A value found to work is told apart from one that only stands there: by its reason, and by the verdict above it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.text import chosen, line, reason, sentence, visible

_WIDTH = 80
_SHORT = 14  # columns of a value that leaves room for its reason beside it
_WORDS = {
    "works": "Use:",
    "degraded": "Use, with the loss that is told above:",
    "fails": "None of this is known to mend that, unless its reason says so:",
    "unknown": "Not judged to the end, so none of this is known to work:",
}


def render(report: Mapping[str, Any]) -> str:
    """The settings of the clients that the run was about."""
    blocks = [_block(client, report["settings"].get(id)) for id, client in chosen(report).items()]
    return "\n\n".join(blocks) + "\n"


def _block(client: Mapping[str, Any], settings: Mapping[str, Any] | None) -> str:
    head = textwrap.wrap(
        f"{line(client['name'])} {line(client['version'])}: {client['verdict']}. {line(sentence(reason(client)))}",
        _WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not settings:
        return "\n".join([*head, "No settings were found."])
    return "\n".join([*head, *_told(client, settings)])


def _told(client: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    rows = [*settings["use"], *settings["avoid"]]
    width = max((len(line(row["name"], 40)) for row in rows), default=0)
    paste = [visible(row) for row in settings["paste"].split("\n")]  # not indented: it is to be copied
    return [
        *_section(_WORDS[client["verdict"]], settings["use"], width),
        *_section("Avoid:", settings["avoid"], width),
        "",
        *(
            ["  To paste:", "", *paste]
            if settings["paste"]
            else ["  Nothing to paste: no base URL leads there."]
        ),
    ]


def _section(title: str, rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    return ["", f"  {title}", *(told for row in rows for told in _row(row, width))] if rows else []


def _row(row: Mapping[str, str], width: int) -> list[str]:
    """Name, value and reason; the reason goes below a long value, which stays whole so that it can be copied."""
    name, value, why = line(row["name"], 40), line(row["value"], 2_000), line(row["why"], 400)
    short = len(value) <= _SHORT
    beside = f"    {name:<{width}}  {f'{value:<{_SHORT}}  ' if short else value}"
    indent = " " * (width + 6 + (_SHORT + 2 if short else 0))
    room = max(_WIDTH - len(indent), 30)
    whys = textwrap.wrap(why, room, break_long_words=False, break_on_hyphens=False) or [""]
    if not short:
        return [beside, *(f"{indent}{told}" for told in whys)]
    return [f"{beside}{whys[0]}".rstrip(), *(f"{indent}{told}" for told in whys[1:])]
