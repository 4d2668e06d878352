"""A badge as SVG, for a README: whom the endpoint was judged for, and the worst of their verdicts. It loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from conformance.report.formats._badge import badge
from conformance.report.text import line

_COLOURS = {"brightgreen": "#3a7d0a", "yellow": "#8a6100", "red": "#c0362c", "lightgrey": "#6b6b6b"}
_LETTER, _PAD = 6.5, 12  # pixels: width of a letter, room beside each text


def render(report: Mapping[str, Any]) -> str:
    """The badge; its title names the model and the day."""
    label, message, colour = badge(report)
    left, right = (int(len(text) * _LETTER + _PAD) for text in (label, message))
    endpoint = report["endpoint"]
    about = f"{line(endpoint['model'])}, {line(report['started'][:10])}: {label}: {message}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" \
font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<title>{escape(about)}</title>
<path fill="#444" d="M0 0h{left}v20H0z"/>
<path fill="{_COLOURS[colour]}" d="M{left} 0h{right}v20H{left}z"/>
<g fill="#fff">
{_text(left / 2, left - _PAD, label)}
{_text(left + right / 2, right - _PAD, message)}
</g>
</svg>
"""


def _text(middle: float, width: int, text: str) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width}">{escape(text)}</text>'
