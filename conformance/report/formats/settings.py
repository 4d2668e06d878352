"""What to type into each client and what to avoid: plain text for a terminal, with the client's own form to paste.

The reason beside each value, and the verdict above it, say whether the value was found to work.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.text import chosen, line, sentence, visible

_WIDTH = 80
_SHORT = 14  # columns of a value that leaves room for its reason beside it
_TITLES = {  # by verdict
    "works": "Use:",
    "degraded": "Use; the problem above remains:",
    "fails": "Use; these do not fix the failure above unless the reason says so:",
    "unknown": "Not fully judged, so these are not known to work:",
}


def render(report: Mapping[str, Any]) -> str:
    """The settings of the chosen clients."""
    blocks = [_block(client, report["settings"].get(id)) for id, client in chosen(report).items()]
    return "\n\n".join(blocks) + "\n"


def _block(client: Mapping[str, Any], settings: Mapping[str, Any] | None) -> str:
    head = textwrap.wrap(
        f"{line(client['name'])} {line(client['version'])}: {client['verdict']}. {line(sentence(client['summary']))}",
        _WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not settings:
        return "\n".join([*head, "No settings were found."])
    return "\n".join([*head, *_lines(client, settings)])


def _lines(client: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    rows = [*settings["use"], *settings["avoid"]]
    width = max((len(line(row["name"], 40)) for row in rows), default=0)
    paste = [visible(row) for row in settings["paste"].split("\n")]  # not indented, so that it can be copied
    return [
        *_section(_TITLES[client["verdict"]], settings["use"], width),
        *_section("Avoid:", settings["avoid"], width),
        "",
        *(
            ["  To paste:", "", *paste]
            if settings["paste"]
            else ["  Nothing to paste: no base URL makes this client reach the endpoint."]
        ),
    ]


def _section(title: str, rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    return ["", f"  {title}", *(text for row in rows for text in _row(row, width))] if rows else []


def _row(row: Mapping[str, str], width: int) -> list[str]:
    """Name, value and reason. A long value is not cut, so that it can be copied; its reason goes below it."""
    name, value, why = line(row["name"], 40), line(row["value"], 2_000), line(row["why"], 400)
    short = len(value) <= _SHORT
    beside = f"    {name:<{width}}  {f'{value:<{_SHORT}}  ' if short else value}"
    indent = " " * (width + 6 + (_SHORT + 2 if short else 0))
    room = max(_WIDTH - len(indent), 30)
    whys = textwrap.wrap(why, room, break_long_words=False, break_on_hyphens=False) or [""]
    if not short:
        return [beside, *(f"{indent}{text}" for text in whys)]
    return [f"{beside}{whys[0]}".rstrip(), *(f"{indent}{text}" for text in whys[1:])]
