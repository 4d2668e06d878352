"""A badge as SVG, for a README: the worst verdict among the clients of the run. It loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from conformance.report.states import look, rank
from conformance.report.text import chosen, line

_LETTER, _PAD = 6.5, 12  # pixels: width of a letter, room beside each text


def render(report: Mapping[str, Any]) -> str:
    """The badge; its title names the model and the day."""
    label, verdict = label_and_verdict(report)
    left, right = (int(len(text) * _LETTER + _PAD) for text in (label, verdict))
    about = f"{line(report['endpoint']['model'])}, {line(report['started'][:10])}: {label}: {verdict}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" \
font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<title>{escape(about)}</title>
<path fill="#444" d="M0 0h{left}v20H0z"/>
<path fill="{look(verdict).colour}" d="M{left} 0h{right}v20H{left}z"/>
<g fill="#fff">
{_text(left / 2, left - _PAD, label)}
{_text(left + right / 2, right - _PAD, verdict)}
</g>
</svg>
"""


def label_and_verdict(report: Mapping[str, Any]) -> tuple[str, str]:
    """The names of the chosen clients (or how many), and the worst of their verdicts."""
    clients = list(chosen(report).values())
    verdict = max((c["verdict"] for c in clients), key=rank, default="unknown")
    names = ", ".join(line(c["name"], 30) for c in clients)
    return names if 0 < len(clients) < 3 else f"{len(clients)} clients", verdict


def _text(middle: float, width: int, text: str) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width}">{escape(text)}</text>'
