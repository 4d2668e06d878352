"""One screen that answers "will it work with my client, and if not, what do I do first".

At 80 columns it takes no more than 23 lines, so that a line saying where the report is still fits below.
Nothing that a provider said reaches the terminal as anything but printable characters.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.report.text import chosen, documented, line, reason, spent, tally

_LINES = 23
_STEPS = 3  # what to do first; more would not be "first"
_ROOM = (
    (2, 2),
    (2, 1),
    (1, 2),
    (1, 1),
)  # most lines for a client and for anything else: the first that leaves room for a step
_LABEL, _STATE = 20, 10  # columns
_STYLES = {
    **dict.fromkeys(("works", "complete", "ok"), "green"),
    **dict.fromkeys(("degraded", "partial"), "bold yellow"),
    **dict.fromkeys(("fails", "none", "problem"), "bold red"),
    "unknown": "bold magenta",
}


def render(report: Mapping[str, Any], *, width: int = 80, colour: bool = False) -> str:
    """The report on one screen of `width` columns; with colour only when told so."""
    out = io.StringIO()
    console = _console(out, width, colour)
    for row in _screen(report, console):
        row.truncate(width, overflow="ellipsis")
        console.print(row, no_wrap=True, crop=False)
    return "".join(f"{row.rstrip()}\n" for row in out.getvalue().split("\n")[:-1])


def _screen(report: Mapping[str, Any], console: Console) -> list[Text]:
    """All rows: texts take less room when a step of what to do first would not fit below them."""
    below = [Text(), *_incomplete(report), Text(f"{tally(report)}."), Text(f"{spent(report)}.")]
    wanted = 2 + len(_step(1, report["first"][0], report, console, 4)) if report["first"] else 0
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
    """A console that looks at nothing around it, so that the same report gives the same text everywhere."""
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
    """What was tested, and below it the first thing that will not have been meant by it."""
    endpoint = report["endpoint"]
    advice = [row for a in endpoint["advice"][:1] for row in _wrapped(f"As typed: {a}", console, 0, most)]
    for row in advice:
        row.stylize("bold yellow")
    return [Text(f"{line(endpoint['model'], 100)} at {line(endpoint['base_url'])}", style="bold"), *advice]


def _clients(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    clients = list(chosen(report).values())
    if len(clients) > 1 and len(set(map(_told, clients))) == 1:
        return _rows(console, f"All {len(clients)} clients", *_told(clients[0]), 3)
    rows = [row for n, c in enumerate(clients) for row in _client(console, clients[: n + 1], c, most)]
    return rows + _others(report)


def _told(client: Mapping[str, Any]) -> tuple[str, str]:
    """The verdict; what its user reads, then why."""
    why = reason(client)
    return client["verdict"], f"says “{client['sees']}” ({why})" if client["sees"] else why


def _others(report: Mapping[str, Any]) -> list[Text]:
    """The clients that the run was not about, in one line: a verdict and who has it."""
    others = [c for c in report["clients"].values() if c not in chosen(report).values()]
    names = {
        c["verdict"]: ", ".join(line(o["name"], 30) for o in others if o["verdict"] == c["verdict"])
        for c in others
    }
    told = [Text.assemble((f"{state}: ", _STYLES[state]), who) for state, who in names.items()]
    return [Text.assemble(f"{'Others':<{_LABEL}}", Text("; ").join(told))] if others else []


def _client(
    console: Console, so_far: Sequence[Mapping[str, Any]], client: Mapping[str, Any], most: int
) -> list[Text]:
    """One client's line; a sentence that stood above already is not said again."""
    first = next(c for c in so_far if _told(c) == _told(client))
    verdict, told = _told(client)
    return _rows(
        console, client["name"], verdict, told if first is client else f"as for {first['name']}", most
    )


def _tool_calling(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    tools = report["tool_calling"]
    whose = f"{tools['blame']}: " if tools["blame"] else ""
    return _rows(console, "Native tool calling", tools["level"], f"{whose}{tools['summary']}", most)


def _headings(report: Mapping[str, Any], console: Console, most: int) -> list[Text]:
    """At most so many headings with a problem get their advice; all others share one line for each state."""
    headings = report["categories"].values()
    problems = [h for h in headings if h["status"] == "problem"]
    told = problems if len(problems) <= most else []
    each = most if len(told) == 1 else 1
    rows = [row for h in told for row in _rows(console, h["heading"], "problem", h["advice"], each)]
    for state, words in (("problem", "Problems"), ("unknown", "Not judged"), ("ok", "Fine")):
        names = [line(h["heading"], 30) for h in headings if h["status"] == state and h not in told]
        listed = "all the troubleshooting headings" if len(names) == len(headings) else ", ".join(names)
        rows += [Text.assemble((f"{words}: ", _STYLES[state]), listed)] if names else []
    return rows


def _first(report: Mapping[str, Any], console: Console, room: int) -> list[Text]:
    """A title and as many steps as fit into `room` lines, at least one."""
    blocks = [_step(n, step, report, console, room - 2) for n, step in enumerate(report["first"][:_STEPS], 1)]
    fitting = sum(length + 2 <= room for length in accumulate(map(len, blocks)))
    shown = blocks[: max(fitting, 1)]
    left = len(report["first"]) - len(shown)
    title = Text.assemble(("What to do first", "bold"), f" ({left} more in the report)" if left else "")
    return [Text(), title, *(row for block in shown for row in block)] if shown else []


def _step(
    number: int, step: Mapping[str, Any], report: Mapping[str, Any], console: Console, room: int
) -> list[Text]:
    """The remedy, and below it whose it is to apply and what was seen, each on two lines if there are any left.

    What the provider documents is said in place of whose it is, and the last line is where it does.
    """
    note = documented(step, report)
    link = _wrapped(note["source"], console, 3, 1) if note else []
    remedy = _wrapped(step["remedy"], console, 3, min(max(room - len(link) - 1, 1), 2))
    remedy[0] = Text.assemble(f"{number}. ", (remedy[0].plain[3:], "bold"))
    whose = "documented by the provider" if note else step["blame"]
    left = room - len(link) - len(remedy) if number == 1 else 1
    seen = _wrapped(f"{whose}, {step['probe']}: {step['actual']}", console, 3, min(max(left, 1), 2))
    return [*remedy, *seen, *link]


def _rows(console: Console, name: str, state: str, text: str, most: int) -> list[Text]:
    """A name, its state, and a text beside them in at most `most` lines."""
    label = (f"{line(name, _LABEL - 1):<{_LABEL}}", (f"{state:<{_STATE}}", _STYLES[state]))
    rows = _wrapped(text, console, _LABEL + _STATE, most)
    return [Text.assemble(*label, rows[0].plain.strip()), *rows[1:]]


def _wrapped(text: str, console: Console, indent: int, most: int) -> list[Text]:
    """The text in at most `most` indented lines, the last one cut."""
    width = max(console.width - indent, 10)
    rows = list(Text(line(text)).wrap(console, width))
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
