"""What several reporters say alike: hostile text made visible, names, counts, the cost of a run in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

OUTCOMES = ("failed", "error", "blocked", "passed", "not-applicable")  # what a reader must see first

_SAID = {
    "works": "works with",
    "degraded": "works with losses in",
    "fails": "does not work with",
    "unknown": "could not be judged for",
}


def visible(text: str, keep: str = "") -> str:
    r"""The text with everything that is not plainly printable spelled out (`\x1b`, `\u202e`), but for `keep`.

    That covers escape sequences, line breaks, text that runs backwards, and characters that cannot be seen.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _spelled(c) for c in text)


def _spelled(character: str) -> str:
    short = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(character)
    code = ord(character)
    return short or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def line(text: str, most: int = 300) -> str:
    """The text on one line of at most `most` characters: runs of blanks and line breaks become one blank."""
    flat = visible(re.sub(r"[ \t\r\n]+", " ", text[: most * 4]).strip())
    return flat if len(flat) <= most and len(text) <= most * 4 else flat[: max(most - 1, 0)] + "…"


def chosen(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The clients the run was about; all of them when it was about none."""
    clients: Mapping[str, Mapping[str, Any]] = report["clients"]
    return {key: c for key, c in clients.items() if c["chosen"]} or dict(clients)


def answers(clients: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, list[Any]]]:
    """Whether it can be used, a line for each verdict: the verdict, what it says, and the clients that got it, by id."""
    groups = {v: [(id, c) for id, c in clients.items() if c["verdict"] == v] for v in _SAID}
    return [(verdict, _SAID[verdict], found) for verdict, found in groups.items() if found]


def hurt(step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """Which chosen clients a failed probe hurts: `breaks Roo Code, Kilo Code; degrades AI SDK`."""
    felt = {how: [c for c, s in step["clients"].items() if s == how] for how in ("breaks", "degrades")}
    return "; ".join(f"{how} {_names(clients, report)}" for how, clients in felt.items() if clients)


def documented(step: Mapping[str, Any], report: Mapping[str, Any]) -> Mapping[str, str] | None:
    """What the provider documents about the requirement of a step; None when it documents nothing."""
    told = (o.get("documented") for o in report["observations"] if o["probe"] == step["probe"])
    return next(filter(None, told), None)


def _names(clients: Sequence[str], report: Mapping[str, Any]) -> str:
    return ", ".join(report["clients"].get(client, {}).get("name", client) for client in clients)


def reason(client: Mapping[str, Any]) -> str:
    """Why a client's verdict is what it is, without what its user reads: that is shown beside it."""
    sees, told = str(client["sees"]), str(client["summary"])
    if sees and told.startswith(lead := f"its user reads: {sees} ("):
        told = told.removeprefix(lead).removesuffix(")").removesuffix(f" ({sees})")
    return told


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def arrival(report: Mapping[str, Any]) -> str:
    """How the arguments of the one long call arrived, in a sentence or two; "" when there was none."""
    came = report["arguments"]
    if not came:
        return ""
    told = [f"A call with {came['characters']:,} characters of arguments arrived in {_pieces(came)}."]
    if came["bursts"] > 1:
        half, most = _share(came["by_half_time"]), _share(came["largest_burst"])
        told.append(f"At half time {half} was there; the largest piece held {most}.")
    return " ".join([*told, f"It is {'intact to the last character' if came['intact'] else 'not intact'}."])


def _pieces(came: Mapping[str, Any]) -> str:
    spread = "one piece" if came["bursts"] == 1 else f"{came['bursts']:,} pieces over {came['took']:.2f} s"
    return f"{spread}, after a wait of {came['waited']:.2f} s"


def _share(part: float) -> str:
    return "less than 0.1 %" if 0 < part < 0.001 else f"{100 * part:.{0 if part >= 0.1 else 1}f} %"


def counts(report: Mapping[str, Any]) -> dict[str, int]:
    """How many observations came to each outcome, the bad ones first, without those that did not occur."""
    found = Counter(o["outcome"] for o in report["observations"])
    return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}


def tally(report: Mapping[str, Any]) -> str:
    """`2 failed, 1 blocked, 140 passed`."""
    found = counts(report)
    return (
        ", ".join(f"{n:,} {outcome.replace('-', ' ')}" for outcome, n in found.items())
        or "nothing was judged"
    )


def spent(report: Mapping[str, Any]) -> str:
    """`61 requests in 41 s, about 18,400 + 5,210 tokens, price about 0.0173`."""
    cost, seconds = report["cost"], report["seconds"]
    about = "about " if cost["estimated"] else ""
    parts = [
        f"{cost['requests']:,} request{'' if cost['requests'] == 1 else 's'}",
        f" in {seconds:.0f} s" if seconds is not None else "",
        f", {about}{cost['prompt_tokens']:,} + {cost['completion_tokens']:,} tokens",
        f", price {about}{cost['price']:.4f}" if cost["price"] is not None else "",
    ]
    return "".join(parts)


def seconds(took: float) -> str:
    """`1.25 s`, and `35 ms` for what is shorter than a tenth of a second."""
    return f"{took:.2f} s" if took >= 0.1 else f"{1000 * took:.0f} ms"


def worst(outcomes: Sequence[str]) -> str:
    """The outcome that stands for several cases of one probe."""
    return min(outcomes, key=OUTCOMES.index)
