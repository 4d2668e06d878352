"""Rows of a chart with a column for each run: inline SVG on a page, characters in every other form. Pure.

Every cell has a letter and every point its value, so that nothing depends on colour alone. Widths are pixels, so that the
columns of all rows are aligned; a long history scrolls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from conformance.report.tables import Drawn, measured

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"  # a run without a value
WIDE, HIGH, TALL = 22, 20, 60  # pixels of a column, of a row of cells, of a row with a line
_EDGE = 5  # pixels above and below a line, so that its points are whole


def cells(name: str, states: Sequence[str], runs: Sequence[str]) -> Drawn:
    """One cell for each run with the first letter of its state, none for ""; `runs` are their names."""
    letters = [state[:1].upper() or NOTHING for state in states]
    drawn = [
        _cell(n, letter, state, f"{run}: {state}")
        for n, (letter, state, run) in enumerate(zip(letters, states, runs, strict=True))
        if state
    ]
    return Drawn("".join(letters), _svg(name, len(states), HIGH, drawn))


def _cell(n: int, letter: str, state: str, tooltip: str) -> Markup:
    return Markup(
        '<g class="{}"><title>{}</title><rect x="{}" y="0" width="{}" height="{}"/><text x="{}" y="{}">{}</text></g>'
    ).format(state, tooltip, n * WIDE + 1, WIDE - 2, HIGH, n * WIDE + WIDE // 2, HIGH - 5, letter)


def ruler(numbers: Sequence[int]) -> Drawn:
    """The numbers of the runs; as characters, the last digit of each."""
    text = Markup('<text x="{}" y="{}">{}</text>')
    drawn = [text.format(n * WIDE + WIDE // 2, HIGH - 5, number) for n, number in enumerate(numbers)]
    return Drawn("".join(str(number % 10) for number in numbers), _svg("run", len(numbers), HIGH, drawn))


def line(name: str, values: Sequence[float | None], runs: Sequence[str]) -> Drawn:
    """The values as a line on a scale from 0 to the largest, interrupted at runs without a value."""
    most = max((value for value in values if value is not None), default=0) or 1
    points = [None if v is None else _point(n, v / most) for n, v in enumerate(values)]
    dots = [
        Markup('<circle cx="{}" cy="{:.1f}" r="3"><title>{}: {}</title></circle>').format(*at, run, measured(value))
        for at, value, run in zip(points, values, runs, strict=True)
        if at and value is not None
    ]
    ends = (_point(0, share)[1] for share in (0, 1))
    grid = [Markup('<path class="grid" d="M0 {:.1f}H{}"/>').format(y, len(values) * WIDE) for y in ends]
    path = Markup('<path d="{}"/>').format("".join(_strokes(points)))
    return Drawn(bars(values), _svg(name, len(values), TALL, [*grid, path, *dots]))


def _point(n: int, share: float) -> tuple[float, float]:
    return n * WIDE + WIDE / 2, TALL - _EDGE - share * (TALL - 2 * _EDGE)


def _strokes(points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    """The line is interrupted at a run without a value."""
    lifted = True
    for at in points:
        if at:
            yield f"{'M' if lifted else 'L'}{at[0]:g} {at[1]:.1f}"
        lifted = at is None


def bars(values: Sequence[float | None]) -> str:
    """One bar for each value, on a scale from 0 to the largest."""
    most = max((value for value in values if value is not None), default=0) or 1
    return "".join(NOTHING if v is None else BARS[min(int(v / most * len(BARS)), len(BARS) - 1)] for v in values)


def _svg(name: str, columns: int, height: int, inner: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" role="img" width="{}" height="{}"><title>{}</title>{}</svg>').format(
        columns * WIDE, height, name, Markup("").join(inner)
    )
