"""Two series over games, drawn with the marks and scales of the evaluation's charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from activities.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, value_range

LABELS = 6


@dataclass(frozen=True)
class Series:
    """Points by game; None where there is none."""

    name: str
    style: str
    """`first`, drawn as circles, or `second`, drawn as squares joined by a line."""
    values: Sequence[float | None]


def history_plot(kind: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Points over games, from left to right; empty where there are none."""
    known = [v for one in series for v in one.values if v is not None]
    if not known:
        return ""
    x = Scale(-0.5, max(len(labels), 2) - 0.5, LEFT, RIGHT)
    y = Scale(*value_range(known, zero=True), BOTTOM, TOP)
    parts = ['<text class="axis" x="4" y="16">points</text>']
    for value in y.ticks():
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y(value)}" x2="{RIGHT}" y2="{y(value)}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{value:g}</text>'
        )
    every = ceil(len(labels) / LABELS)
    for i in range(0, len(labels), every):
        parts.append(
            f'<text class="tick" x="{x(i)}" y="{BOTTOM + 16}" text-anchor="middle">{escape(labels[i])}</text>'
        )
    for number, one in enumerate(series):
        held = [(x(i), y(v), labels[i], v) for i, v in enumerate(one.values) if v is not None]
        if one.style == "second" and len(held) > 1:
            path = " ".join(f"{a},{b}" for a, b, _, _ in held)
            parts.append(f'<polyline class="second stroke" points="{path}"/>')
        parts += [_mark(one, a, b, f"{label}: {one.name} {v:g}") for a, b, label, v in held]
        place = RIGHT - 90 * (len(series) - number)
        parts.append(_mark(one, place, 12, one.name))
        parts.append(f'<text class="tick" x="{place + 9}" y="16">{escape(one.name)}</text>')
    names = " and ".join(one.name for one in series)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT - 16}" role="img" aria-labelledby="{kind}-title {kind}-desc">'
        f'<title id="{kind}-title">{escape(title)}</title>'
        f'<desc id="{kind}-desc">{escape(f"Points by game over {len(labels)} games: {names}.")}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _mark(one: Series, x: float, y: float, said: str) -> str:
    named = f"<title>{escape(said)}</title>"
    if one.style == "first":
        return f'<circle class="first" cx="{x}" cy="{y}" r="4">{named}</circle>'
    return f'<rect class="second" x="{x - 3}" y="{y - 3}" width="6" height="6">{named}</rect>'
