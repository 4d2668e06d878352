"""How an answer arrived, as an inline SVG. Pure.

Widths are percentages, so that text keeps its size on every screen. Colours are classes, so that they follow the page.
"""

from __future__ import annotations

from markupsafe import Markup

from conformance.report.page.arrivals import Arrival
from conformance.report.text import line, seconds

_POINTS = 200  # corners of one curve; no screen shows more


def curve(arrival: Arrival) -> Markup:
    """How much of the text, and of the arguments of tool calls, had arrived at each moment."""
    span = arrival.points[-1].at or 1.0
    ends = {"text": arrival.points[-1].text, "arguments": arrival.points[-1].arguments}
    paths = [
        Markup('<path class="{}" d="{}"/>').format(name, _path(arrival, name, span, most))
        for name, most in ends.items()
        if most
    ]
    inner = Markup(
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="120">{}{}{}</svg>'
        '<text x="0" y="134">0 s</text><text class="end" x="100%" y="134">{}</text>'
    ).format(_gap(arrival, span), _grid(arrival.first, span), Markup("").join(paths), seconds(span))
    return _svg("curve", f"Arrival of {line(arrival.id, 40)}: {arrival.text}", 138, inner)


def _grid(first: float, span: float) -> Markup:
    return Markup(
        '<path class="grid" d="M0 0H100M0 50H100M0 100H100"/><path class="first" d="M{0:.2f} 0V100"/>'
    ).format(100 * first / span)


def _gap(arrival: Arrival, span: float) -> Markup:
    """The time that the report left out."""
    if not arrival.gap or arrival.gap >= len(arrival.points):
        return Markup("")
    begins, ends = (100 * arrival.points[n].at / span for n in (arrival.gap - 1, arrival.gap))
    return Markup('<rect class="gap" x="{:.2f}" y="0" width="{:.2f}" height="100"/>').format(begins, ends - begins)


def _path(arrival: Arrival, name: str, span: float, most: int) -> str:
    """A line of steps, interrupted at the gap."""
    points = arrival.points
    step = max(len(points) // _POINTS, 1)
    kept = {*range(0, len(points), step), len(points) - 1, arrival.gap or 0}
    drawn = "M0 100"
    for n in sorted(kept & set(range(len(points)))):
        x, y = 100 * points[n].at / span, 100 - 100 * getattr(points[n], name) / most
        drawn += f"M{x:.2f} {y:.2f}" if n and n == arrival.gap else f"H{x:.2f}V{y:.2f}"
    return drawn


def _svg(name: str, title: str, height: int, inner: Markup) -> Markup:
    return Markup('<svg class="picture {}" role="img" width="100%" height="{}"><title>{}</title>{}</svg>').format(
        name, height, title, inner
    )
