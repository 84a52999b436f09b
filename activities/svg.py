"""Charts as inline SVG, without a dependency: colours come from the page's style sheet by class.

The one place that draws them, for the evaluation's page, the brief and the console; `activities.figures` puts
each beside its table.

Errors are in points; probabilities and rates are between 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10, sqrt
from typing import Any

WIDTH, HEIGHT = 360, 260
LEFT, RIGHT, TOP, BOTTOM = 40, 348, 34, 214
"""Edges of the plotting area, in the chart's own units."""

PANEL, BETWEEN = 100, 40
"""Height of each of two panels above one another, and what is between them."""

LARGEST_DOT = 9.0
LARGEST_SQUARE = 6.0
SMALLEST_DOT = 2.5

Entry = Mapping[str, Any]
Range = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """A straight line from values to places in the chart."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Four to eight round values in the range."""
        step = _step(self.high - self.low)
        first = ceil(round(self.low / step, 6))
        last = floor(round(self.high / step, 6))
        return [round(i * step, 6) for i in range(first, last + 1)]


def value_range(values: Iterable[float | None], *, zero: bool = False) -> Range:
    """The range that holds all values, out to round numbers; with `zero`, zero as well."""
    known = [float(value) for value in values if value is not None] + ([0.0] if zero else [])
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    step = _step(high - low or abs(high) or 1.0)
    low, high = floor(round(low / step, 6)) * step, ceil(round(high / step, 6)) * step
    return round(low, 6), round(high if high > low else low + step, 6)


def calibration_plot(system: str, bins: Sequence[Entry], span: Range) -> str:
    """Predicted probability against observed rate, with the diagonal; a dot's area is its bin's size."""
    shown = [b for b in bins if b.get("p") is not None and b.get("observed") is not None]
    x, y = Scale(*span, LEFT, RIGHT), Scale(*span, BOTTOM, TOP)
    largest = max((b.get("n") or 0 for b in shown), default=0) or 1
    parts = [
        _axes(x, y, "predicted probability of over", "observed rate of over"),
        f'<line class="reference" x1="{LEFT}" y1="{BOTTOM}" x2="{RIGHT}" y2="{TOP}"/>',
        _path([(x(b["p"]), y(b["observed"])) for b in shown], "first"),
    ]
    for b in shown:
        size = b.get("n") or 0
        radius = max(LARGEST_DOT * sqrt(size / largest), SMALLEST_DOT)
        said = f"predicted {b['p']:.3f}, observed {b['observed']:.3f}, {size} rows"
        parts.append(_dot(x(b["p"]), y(b["observed"]), "first", said, radius))
    total = sum(b.get("n") or 0 for b in shown)
    return _chart(
        "calibration",
        system,
        f"Calibration of {system}",
        f"{len(shown)} bins of {total} rows: observed rate of over by predicted probability. "
        "On the dashed diagonal the two agree; a larger dot is a larger bin.",
        parts,
    )


def residual_plot(system: str, bins: Sequence[Entry], across: Range, span: Range) -> str:
    """Mean error and mean absolute error by predicted points."""
    shown = [b for b in bins if b.get("predicted") is not None]
    x, y = Scale(*across, LEFT, RIGHT), Scale(*span, BOTTOM, TOP)
    parts = [_axes(x, y, "predicted points", "points"), _zero(y)]
    for column, style, name in (("bias", "first", "mean error"), ("mae", "second", "MAE")):
        held = [b for b in shown if b.get(column) is not None]
        parts.append(_path([(x(b["predicted"]), y(b[column])) for b in held], style))
        for b in held:
            said = f"predicted {b['predicted']:g}: {name} {b[column]:.2f} points, {b.get('n') or 0} rows"
            parts.append(_dot(x(b["predicted"]), y(b[column]), style, said))
    parts.append(_legend((("first", "mean error"), ("second", "MAE"))))
    return _chart(
        "residuals",
        system,
        f"Errors of {system} by predicted points",
        f"Mean error (circles) and mean absolute error (squares) in points, {len(shown)} bins of "
        "predicted points. The dashed line is no error.",
        parts,
    )


def month_plot(system: str, months: Sequence[Entry], span: Range) -> str:
    """Mean absolute error by month, with its interval and the error of a `line` where there are any."""
    x, y = Scale(-0.5, max(len(months), 1) - 0.5, LEFT, RIGHT), Scale(*span, BOTTOM, TOP)
    parts = [_axes(None, y, "month", "MAE, points")]
    every = ceil(len(months) / 6) or 1
    held = [(x(i), month) for i, month in enumerate(months) if month.get("mae") is not None]
    for i, month in enumerate(months):
        if i % every == 0:
            parts.append(_text(x(i), BOTTOM + 16, str(month.get("month", "")), "middle"))
    for place, month in held:
        low, high = month.get("mae_low"), month.get("mae_high")
        if low is not None and high is not None:
            parts.append(_whisker(place, y(low), y(high)))
    lines = [(x(i), month) for i, month in enumerate(months) if month.get("line") is not None]
    parts.append(_path([(place, y(month["line"])) for place, month in lines], "first"))
    for place, month in lines:
        said = f"{month.get('month', '')}: the line's MAE {month['line']:.2f} points"
        parts.append(_dot(place, y(month["line"]), "first", said, 3.0))
    if lines:
        parts.append(_legend((("first", "line"), ("second", "system"))))
    parts.append(_path([(place, y(month["mae"])) for place, month in held], "second"))
    for place, month in held:
        said = f"{month.get('month', '')}: MAE {month['mae']:.2f} points, {month.get('n') or 0} rows"
        parts.append(_dot(place, y(month["mae"]), "second", said))
    return _chart(
        "months",
        system,
        f"MAE of {system} by month",
        f"Mean absolute error in points over {len(months)} months; bars are 95% intervals where known. "
        "The axis does not start at zero.",
        parts,
    )


def bets_plot(system: str, across: str, groups: Sequence[Entry], rates: Range, returns: Range) -> str:
    """Hit rate over return per unit by `group`, with intervals; beside the rate the one that breaks even."""
    x = Scale(-0.5, max(len(groups), 1) - 0.5, LEFT, RIGHT)
    panels = (
        ("hit rate", Scale(*rates, TOP + PANEL, TOP), ("hit_rate", "hit_rate_low", "hit_rate_high")),
        (
            "return a unit",
            Scale(*returns, TOP + 2 * PANEL + BETWEEN, TOP + PANEL + BETWEEN),
            ("return", "return_low", "return_high"),
        ),
    )
    largest = max((group.get("n") or 0 for group in groups), default=0) or 1
    parts = [_legend((("first", "breaks even"), ("second", "bets")))]
    for name, y, (column, low, high) in panels:
        parts.append(_text(4, y.end - TOP + 16, name, "start", "axis") + _levels(y))
        if column == "return":
            parts.append(_zero(y))
        needed = [(x(i), g["needed"]) for i, g in enumerate(groups) if g.get("needed") is not None]
        for place, value in needed if column == "hit_rate" else ():
            parts.append(_dot(place, y(value), "first", f"prices break even at {value:.1%}", 3.0))
        for i, group in enumerate(groups):
            if group.get(column) is None:
                continue
            if group.get(low) is not None and group.get(high) is not None:
                parts.append(_whisker(x(i), y(group[low]), y(group[high])))
            told = f"{group[column]:+.3f}" if column == "return" else f"{group[column]:.1%}"
            said = f"{group.get('group', '')}: {name} {told}, {group.get('n') or 0} bets"
            radius = max(LARGEST_SQUARE * sqrt((group.get("n") or 0) / largest), SMALLEST_DOT)
            parts.append(_dot(x(i), y(group[column]), "second", said, radius))
    bottom = TOP + 2 * PANEL + BETWEEN
    every = ceil(len(groups) / 6) or 1
    parts += [
        _text(x(i), bottom + 16, str(group.get("group", "")), "middle")
        for i, group in enumerate(groups)
        if i % every == 0
    ]
    parts.append(_text((LEFT + RIGHT) / 2, bottom + 38, across, "middle", "axis"))
    return _chart(
        f"bets-by-{across}",
        system,
        f"Bets of {system} by {across}",
        f"Hit rate and return a unit staked over {len(groups)} groups of bets; bars are 95% intervals where "
        "known, circles the hit rate at which the prices break even, a larger square is more bets.",
        parts,
        bottom + 46,
    )


def _step(width: float) -> float:
    """A round step that divides a width into four to eight."""
    rough = width / 5
    base = 10.0 ** floor(log10(rough))
    return float(next(base * m for m in (1, 2, 5, 10) if base * m >= rough * 0.8))


def _axes(x: Scale | None, y: Scale, across: str, up: str) -> str:
    """Grid, ticks and names; without `x` the caller writes what stands under the axis."""
    parts = [_text(4, 16, up, "start", "axis"), _levels(y)]
    for value in x.ticks() if x else ():
        parts.append(_text(x(value) if x else 0, BOTTOM + 16, f"{value:g}", "middle"))
    parts.append(_text((LEFT + RIGHT) / 2, HEIGHT - 8, across, "middle", "axis"))
    return "".join(parts)


def _levels(y: Scale) -> str:
    """A line across at each round value, and the value."""
    parts = []
    for value in y.ticks():
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y(value)}" x2="{RIGHT}" y2="{y(value)}"/>')
        parts.append(_text(LEFT - 6, y(value) + 4, f"{value:g}", "end"))
    return "".join(parts)


def _whisker(x: float, low: float, high: float) -> str:
    return f'<line class="whisker" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>'


def _zero(y: Scale) -> str:
    return f'<line class="reference" x1="{LEFT}" y1="{y(0.0)}" x2="{RIGHT}" y2="{y(0.0)}"/>'


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    """Named marks at the upper right."""
    parts = []
    for i, (style, name) in enumerate(entries):
        place = RIGHT - 96 * (len(entries) - i)
        parts.append(_dot(place, 12, style, name) + _text(place + 9, 16, name, "start"))
    return "".join(parts)


def _path(points: Sequence[tuple[float, float]], style: str) -> str:
    if len(points) < 2:
        return ""
    return f'<polyline class="{style} stroke" points="{" ".join(f"{a},{b}" for a, b in points)}"/>'


def _dot(x: float, y: float, style: str, said: str, radius: float = 4.0) -> str:
    """A circle for the first series, a square for the second: not told apart by colour only."""
    named = f"<title>{escape(said)}</title>"
    if style == "first":
        return f'<circle class="{style}" cx="{x}" cy="{y}" r="{radius:.1f}">{named}</circle>'
    edge = radius * 1.8
    at = f'x="{x - edge / 2:.1f}" y="{y - edge / 2:.1f}"'
    return f'<rect class="{style}" {at} width="{edge:.1f}" height="{edge:.1f}">{named}</rect>'


def _text(x: float, y: float, words: str, anchor: str, style: str = "tick") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _chart(
    kind: str, system: str, title: str, described: str, parts: Sequence[str], height: int = HEIGHT
) -> str:
    name = f"{kind}-{re.sub(r'[^A-Za-z0-9]+', '-', system)}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(described)}</desc>{"".join(parts)}</svg>'
    )
