"""Each client's own requests and answers as timelines, with one scale for each client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from conformance.report.page.evidence import Room
from conformance.report.text import line, seconds

_ENDINGS = {
    "answer": "shows the answer",
    "calls": "runs the calls",
    "broken": "cannot run the call",
    "empty": "shows nothing",
    "failed": "gives up",
    "refused": "refused",
}
_FINE = ("answer", "calls")


def clients_with_turns(report: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> list[dict[str, Any]]:
    """The clients whose own requests were sent, each with its turns by conversation."""
    by_client: dict[str, list[Any]] = {}
    for turn in report["turns"]:
        by_client.setdefault(turn["client"], []).append(turn)
    asked = {talk["name"]: talk["asks"] for talk in report["conversations"]}
    return [
        {
            "id": id,
            "name": report["clients"].get(id, {"name": id})["name"],
            "elsewhere": _fails_elsewhere(turns, report["clients"].get(id, {})),
            **_client(turns, asked, anchors, room),
        }
        for id, turns in by_client.items()
    ]


def _client(
    turns: Sequence[Mapping[str, Any]], asked: Mapping[str, str], anchors: Mapping[str, str], room: Room
) -> dict[str, Any]:
    shown = _those_to_show(turns, room.turns)
    span = max((moment["at"] for turn in shown for moment in turn["moments"]), default=0.0)
    talks = [
        {"asks": asked.get(name) or name, "turns": [_turn(turn, span or 1.0, anchors, room) for turn in group]}
        for name, group in groupby(shown, key=lambda turn: turn["conversation"])
    ]
    return {
        "talks": talks,
        "span": seconds(span),
        "wrong": (wrong := sum(map(_goes_wrong, turns))),
        "outcome": _outcome(len(turns), wrong),
        "left": len(turns) - len(shown),
    }


def _fails_elsewhere(turns: Sequence[Mapping[str, Any]], client: Mapping[str, Any]) -> list[str]:
    """The failed requirements of a client whose own requests all went well, since a reader would wonder why it fails."""
    return list(client["because"]) if client.get("verdict") == "fails" and not any(map(_goes_wrong, turns)) else []


def _outcome(count: int, wrong: int) -> str:
    return f"{wrong} of {_counted(count, 'answer')} wrong" if wrong else f"{_counted(count, 'answer')}, no problem"


def _those_to_show(turns: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """At most `most` turns in their order; those without a problem are left out first."""
    first = sorted(range(len(turns)), key=lambda n: not _goes_wrong(turns[n]))[:most]
    return [turns[n] for n in sorted(first)]


def _goes_wrong(turn: Mapping[str, Any]) -> bool:
    return bool(turn["complaint"]) or turn["ending"] not in _FINE


def _turn(turn: Mapping[str, Any], span: float, anchors: Mapping[str, str], room: Room) -> dict[str, Any]:
    """One answer: its steps, its error message, and their places on a bar (percent)."""
    steps, error_at = _without_error(turn)
    at = [moment["at"] for moment in turn["moments"]] or [0.0]
    return {
        "title": f"Answer {line(turn['exchange'].rpartition('#')[2], 20)}{_priced(turn.get('price'))}",
        "anchor": anchors.get(turn["exchange"]),
        "state": "failed" if _goes_wrong(turn) else "passed",
        "ending": _ENDINGS.get(turn["ending"], turn["ending"]),
        "error": line(turn["complaint"], room.message),
        "error_at": error_at,
        "moments": [_moment(moment, span, room) for moment in steps[: room.moments]],
        "more": max(len(steps) - room.moments, 0),
        "begins": _place(at[0], span),
        "ends": _place(at[-1], span),
        "label": _label(len(steps), at[-1], turn["complaint"]),
    }


def _priced(price: float | None) -> str:
    return "" if price is None else f", price {price:.4f}"


def _without_error(turn: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    """The steps, and when the error message appears: it is the last moment, unless there were too many of them."""
    steps = list(turn["moments"])
    if turn["complaint"] and steps and steps[-1]["what"] == turn["complaint"]:
        return steps[:-1], seconds(steps[-1]["at"])
    return steps, "then"


def _moment(moment: Mapping[str, Any], span: float, room: Room) -> dict[str, Any]:
    return {"at": seconds(moment["at"]), "what": line(moment["what"], room.header), "x": _place(moment["at"], span)}


def _label(steps: int, end: float, error: str) -> str:
    """The bar for screen readers; the steps themselves follow as text."""
    label = f"Timeline of {seconds(end)} with {_counted(steps, 'step')}"
    return f"{label} and an error message" if error else label


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _place(at: float, span: float) -> str:
    return f"{100 * at / span:.1f}"
