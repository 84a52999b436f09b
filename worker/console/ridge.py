"""Predicted distributions as small inline drawings: the density between quantiles, and the line across it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from markupsafe import Markup

WIDTH, HEIGHT = 280, 30
BASE = 26
LEVEL_STEP = 0.05
"""Between two of the stored quantiles, 0.05 … 0.95."""

TICK = 10
"""Points between two marks of the axis."""


def reach(quantiles: Iterable[Sequence[float]], line: float | None) -> float:
    """How many points the drawings of one player reach to, so that all have one axis."""
    highest = max([values[-1] for values in quantiles if values] + [line or 0.0, 1.0])
    return float(highest) * 1.12


def ridge(quantiles: Sequence[float], line: float | None, median: float, top: float, said: str) -> Markup:
    """One system's distribution.

    Args:
        quantiles: points at the levels 0.05 … 0.95.
        line: the betting line in points, if there is one.
        median: the predicted points.
        top: points at the right edge.
        said: what a screen reader says.
    """

    def x(points: float) -> float:
        return round(points / top * WIDTH, 1)

    middles, heights = [], []
    for low, high in pairwise(quantiles):
        middles.append((low + high) / 2)
        heights.append(LEVEL_STEP / max(high - low, 0.05))
    parts = [f'<line class="base" x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}"/>']
    for tick in range(TICK, int(top) + 1, TICK):
        parts.append(f'<line class="base" x1="{x(tick)}" y1="{BASE}" x2="{x(tick)}" y2="{BASE + 3}"/>')
    if heights:
        tallest = max(heights)
        inner = " ".join(
            f"{x(points)},{BASE - height / tallest * (BASE - 4):.1f}"
            for points, height in zip(middles, heights, strict=True)
        )
        parts.append(
            f'<polygon class="density" points="{x(quantiles[0])},{BASE} {inner} {x(quantiles[-1])},{BASE}"/>'
        )
    parts.append(f'<line class="median" x1="{x(median)}" y1="8" x2="{x(median)}" y2="{BASE}"/>')
    if line is not None:
        parts.append(f'<line class="line" x1="{x(line)}" y1="1" x2="{x(line)}" y2="{HEIGHT - 1}"/>')
    return Markup(  # noqa: S704 - numbers, and one escaped sentence
        f'<svg class="ridge" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">'
        f"{''.join(parts)}</svg>"
    )
