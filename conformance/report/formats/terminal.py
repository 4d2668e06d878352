"""One screen that answers "does it work with my client, and if not, what do I fix first?".

It takes at most 23 lines, so that one that names the report still fits below on a terminal of 24. A provider's text reaches
the terminal as printable characters only.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.report.states import look
from conformance.report.text import chosen, cost, documented, failure, line, quoted, sentence, totals, who_acts

_LINES = 23
_STEPS = 3  # shown at most of what to fix first
_ROOM = ((2, 2), (2, 1), (1, 2), (1, 1))  # most lines for a client and for other texts; the first that fits
_WANTED = 6  # lines for the first step, if it needs them
_LABEL, _STATE = 20, 10  # columns
_LONGEST = 1_000  # characters of a text before it is wrapped


def render(report: Mapping[str, Any], *, width: int = 80, colour: bool = False) -> str:
    """The report on one screen of `width` columns; with colour only if wanted."""
    out = io.StringIO()
    console = _console(out, width, colour)
    for row in _screen(report, console):
        row.truncate(width, overflow="ellipsis")
        console.print(row, no_wrap=True, crop=False)
    return "".join(f"{row.rstrip()}\n" for row in out.getvalue().split("\n")[:-1])


def _screen(report: Mapping[str, Any], console: Console) -> list[Text]:
    """All rows: texts get fewer lines when the first step would not fit below them."""
    below = [Text(), *_incomplete(report), Text(f"{totals(report)}."), Text(f"{cost(report)}.")]
    wanted = 2 + len(_step(1, report["first"][0], report, console, _WANTED)) if report["first"] else 0
    for of_client, of_others in _ROOM:
        above = [
            *(*_endpoint(report, console, of_others), Text()),
            *(*_clients(report, console, of_client), Text()),
            *(*_tool_calling(report, console, of_others), Text()),
            *_headings(report, console, of_others),
        ]
        room = _LINES - len(above) - len(below)
        if room >= wanted:
            break
    return [*above, *_first(report, console, room), *below]


def _console(out: io.StringIO, width: int, colour: bool) -> Console:
    """A console that ignores the environment, so that the same report gives the same text everywhere."""
    return Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def _endpoint(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    """What was tested, and below it the first advice on what the user typed."""
    endpoint = report["endpoint"]
    advice = [row for a in endpoint["advice"][:1] for row in _wrapped(f"Check what you typed: {a}", console, 0, most)]
    for row in advice:
        row.stylize("bold yellow")
    return [Text(f"{line(endpoint['model'], 100)} at {line(endpoint['base_url'])}", style="bold"), *advice]


def _clients(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    """A line for each chosen client; a text that is above already is not repeated."""
    texts = {client["name"]: (client["verdict"], _why(client)) for client in chosen(report).values()}
    if len(texts) > 1 and len(set(texts.values())) == 1:
        return _rows(console, f"All {len(texts)} clients", *next(iter(texts.values())), 3)
    firsts: dict[tuple[str, str], str] = {}
    rows = []
    for name, (verdict, why) in texts.items():
        first = firsts.setdefault((verdict, why), name)
        rows += _rows(console, name, verdict, why if first == name else f"same as {first}", most)
    return rows + _others(report)


def _why(client: Mapping[str, Any]) -> str:
    """What its user sees, then the reason of the verdict."""
    why = sentence(client["summary"])
    return f"shows {quoted(client['sees'])} {why}" if client["sees"] else why


def _others(report: Mapping[str, Any]) -> list[Text]:
    """The clients that were not chosen, in one line: each verdict and who has it."""
    others = [c for c in report["clients"].values() if c not in chosen(report).values()]
    names = {
        c["verdict"]: ", ".join(line(o["name"], 30) for o in others if o["verdict"] == c["verdict"]) for c in others
    }
    parts = [Text.assemble((f"{state}: ", look(state).style), who) for state, who in names.items()]
    return [Text.assemble(f"{'Others':<{_LABEL}}", Text("; ").join(parts))] if others else []


def _tool_calling(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    tools = report["tool_calling"]
    who = f"{sentence(who_acts(tools['blame']))} " if tools["blame"] else ""
    return _rows(console, "Native tool calling", tools["level"], f"{who}{sentence(tools['summary'])}", most)


def _headings(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    """At most `most` headings with a problem show their advice; the others share a line for each state."""
    headings = report["categories"].values()
    problems = [h for h in headings if h["status"] == "problem"]
    advised = problems if len(problems) <= most else []
    each = most if len(advised) == 1 else 1
    rows = [row for h in advised for row in _rows(console, h["heading"], "problem", h["advice"], each)]
    for state, words in (("problem", "Problems"), ("unknown", "Not judged"), ("ok", "No problem")):
        names = [line(h["heading"], 30) for h in headings if h["status"] == state and h not in advised]
        listed = "all troubleshooting headings" if len(names) == len(headings) else ", ".join(names)
        rows += [Text.assemble((f"{words}: ", look(state).style), listed)] if names else []
    return rows


def _first(report: Mapping[str, Any], console: Console, room: int) -> list[Text]:
    """A title and the steps that fit into `room` lines, at least one."""
    blocks = [_step(n, step, report, console, room - 2) for n, step in enumerate(report["first"][:_STEPS], 1)]
    fitting = sum(length + 2 <= room for length in accumulate(map(len, blocks)))
    shown = blocks[: max(fitting, 1)]
    left = len(report["first"]) - len(shown)
    title = Text.assemble(("What to fix first", "bold"), f" ({left} more in the report)" if left else "")
    return [Text(), title, *(row for block in shown for row in block)] if shown else []


def _step(number: int, step: Mapping[str, Any], report: Mapping[str, Any], console: Console, room: int) -> list[Text]:
    """The remedy, which is not cut while there is room; then who acts, the requirement's id, what happens and the evidence.

    Where the provider documents the failure, that is said instead of who acts, and the last line is the link.
    """
    note = documented(report, step["probe"])
    link = _wrapped(note["source"], console, 3, 1) if note else []
    remedy = _wrapped(step["remedy"], console, 3, max(room - len(link) - 1, 1))
    remedy[0] = Text.assemble(f"{number}. ", (remedy[0].plain[3:], "bold"))
    who = "documented by the provider" if note else who_acts(step["blame"])
    text = f"{step['probe']}, {who}: {failure(report, step['probe'], step['actual'])}"
    left = room - len(link) - len(remedy) if number == 1 else 1
    return [*remedy, *_wrapped(text, console, 3, min(max(left, 1), 2)), *link]


def _rows(console: Console, name: str, state: str, text: str, most: int) -> list[Text]:
    """A name, its state, and a text beside them in at most `most` lines."""
    label = (f"{line(name, _LABEL - 1):<{_LABEL}}", (f"{state:<{_STATE}}", look(state).style))
    rows = _wrapped(text, console, _LABEL + _STATE, most)
    return [Text.assemble(*label, rows[0].plain.strip()), *rows[1:]]


def _wrapped(text: str, console: Console, indent: int, most: int) -> list[Text]:
    """The text in at most `most` indented lines; the last is cut where there is more."""
    width = max(console.width - indent, 10)
    rows = list(Text(line(text, _LONGEST)).wrap(console, width))
    kept = [row.plain.rstrip() for row in rows[:most]] or [""]
    if len(rows) > most:
        kept[-1] = _cut(f"{kept[-1]} {rows[most].plain.rstrip()} …", width)
    return [Text(" " * indent + row) for row in kept]


def _cut(text: str, width: int) -> str:
    cut = Text(text)
    cut.truncate(width, overflow="ellipsis")
    return cut.plain


def _incomplete(report: Mapping[str, Any]) -> list[Text]:
    reason = report["incomplete"]
    return [Text(f"Incomplete: {line(reason)}", style="bold magenta")] if reason else []
