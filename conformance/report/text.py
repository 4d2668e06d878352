"""What several formats say in the same words: hostile text made visible, failures, names, counts and costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

OUTCOMES = ("failed", "error", "blocked", "passed", "not-applicable")  # in the order in which readers see them
_ANSWERS = {  # by verdict
    "works": "works with",
    "degraded": "partly works with",
    "unknown": "could not be judged for",
    "fails": "does not work with",
}
_WHO_ACTS = {
    "settings": "you can fix it in the settings",
    "provider": "the provider must fix it",
    "model": "the model is the cause",
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
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def line(text: str, most: int = 300) -> str:
    """The text on one line of at most `most` characters: runs of blanks and line breaks become one blank."""
    flat = visible(re.sub(r"[ \t\r\n]+", " ", text[: most * 4]).strip())
    return flat if len(flat) <= most and len(text) <= most * 4 else flat[: max(most - 1, 0)] + "…"


def chosen(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The clients that the run judged for; all of them when it names none."""
    clients: Mapping[str, Mapping[str, Any]] = report["clients"]
    return {key: c for key, c in clients.items() if c["chosen"]} or dict(clients)


def answers(clients: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, list[Any]]]:
    """For each verdict that occurs: the verdict, a phrase for it, and the clients that have it, as (id, client)."""
    groups = {v: [(id, c) for id, c in clients.items() if c["verdict"] == v] for v in _ANSWERS}
    return [(verdict, _ANSWERS[verdict], found) for verdict, found in groups.items() if found]


def headline(report: Mapping[str, Any], probe: str) -> str:
    """What happens when a requirement is not met; the requirement itself where a report does not say that."""
    facts = report["probes"].get(probe, {})
    return str(facts.get("failure") or facts.get("requirement") or probe)


def failure(report: Mapping[str, Any], probe: str, actual: str) -> str:
    """What happens, and the evidence: "Tool-call deltas have no `index` (delta 0 has no index)"."""
    what = headline(report, probe).rstrip(".")
    return f"{what} ({actual})" if actual else what


def affected(severity: Mapping[str, str], report: Mapping[str, Any]) -> str:
    """The clients that a failure affects, by its severity for each: `breaks Roo Code, Kilo Code; degrades AI SDK`."""
    names = {id: report["clients"].get(id, {}).get("name", id) for id in severity}
    groups = {how: [names[id] for id in names if severity[id] == how] for how in ("breaks", "degrades")}
    return "; ".join(f"{how} {', '.join(clients)}" for how, clients in groups.items() if clients)


def who_acts(blame: str) -> str:
    """Who has to change something."""
    return _WHO_ACTS.get(blame, blame)


def documented(report: Mapping[str, Any], probe: str) -> Mapping[str, str] | None:
    """What the provider documents about a requirement that failed; None when it documents nothing."""
    notes = (o.get("documented") for o in report["observations"] if o["probe"] == probe)
    return next(filter(None, notes), None)


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def quoted(text: str) -> str:
    """The text in quotation marks as the end of a sentence: `“It failed.”`, `“failed”.`."""
    return f"“{text}”" if text.endswith((".", "!", "?")) else f"“{text}”."


def arrival(report: Mapping[str, Any]) -> str:
    """How the arguments of the one long call arrived, in a few sentences; "" when there was none."""
    came = report["arguments"]
    if not came:
        return ""
    parts = [f"A call with {came['characters']:,} characters of arguments arrived in {_pieces(came)}."]
    if came["bursts"] > 1:
        half, most = _share(came["by_half_time"]), _share(came["largest_burst"])
        parts.append(f"After half of that time {half} had arrived; the largest piece held {most}.")
    return " ".join([*parts, f"The arguments are {'complete' if came['intact'] else 'damaged'}."])


def _pieces(came: Mapping[str, Any]) -> str:
    spread = "one piece" if came["bursts"] == 1 else f"{came['bursts']:,} pieces over {came['took']:.2f} s"
    return f"{spread}, after a wait of {came['waited']:.2f} s"


def _share(part: float) -> str:
    return "less than 0.1 %" if 0 < part < 0.001 else f"{100 * part:.{0 if part >= 0.1 else 1}f} %"


def counts(report: Mapping[str, Any]) -> dict[str, int]:
    """How many observations have each outcome, failures first, without those that do not occur."""
    found = Counter(o["outcome"] for o in report["observations"])
    return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}


def totals(report: Mapping[str, Any]) -> str:
    """`2 failed, 1 blocked, 140 passed`."""
    found = counts(report)
    return ", ".join(f"{n:,} {o.replace('-', ' ')}" for o, n in found.items()) or "nothing was judged"


def cost(report: Mapping[str, Any]) -> str:
    """`61 requests in 41 s, about 18,400 + 5,210 tokens, price about 0.0173`."""
    used, took = report["cost"], report["seconds"]
    about = "about " if used["estimated"] else ""
    parts = [
        f"{used['requests']:,} request{'' if used['requests'] == 1 else 's'}",
        f" in {took:.0f} s" if took is not None else "",
        f", {about}{used['prompt_tokens']:,} + {used['completion_tokens']:,} tokens",
        f", price {about}{used['price']:.4f}" if used["price"] is not None else "",
    ]
    return "".join(parts)


def seconds(took: float) -> str:
    """`1.25 s`, and `35 ms` for what is shorter than a tenth of a second."""
    return f"{took:.2f} s" if took >= 0.1 else f"{1000 * took:.0f} ms"


def worst(outcomes: Sequence[str]) -> str:
    """The outcome shown for several cases of one requirement."""
    return min(outcomes, key=OUTCOMES.index)


def cut(text: str, most: int) -> str:
    """The text made visible and cut in the middle to `most` characters, line breaks kept."""
    if len(text) > most:
        head, tail = most * 3 // 4, most // 4
        text = f"{text[:head]}\n[… {len(text) - head - tail:,} characters more …]\n{text[len(text) - tail :]}"
    return visible(text, keep="\n")
