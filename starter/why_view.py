"""Why a player is predicted as he is: line, price, five systems, what each number is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from starter.temporal import Connection
from starter.warehouse import Row, select_all

SHOWN = 5
"""Contributions shown of each system."""


async def fetch_reasons(connection: Connection, day: date) -> list[Row]:
    """The current predictions of a day with everything that they were made of."""
    return await select_all(
        connection,
        "SELECT prediction_id, player_name, team_abbr, opponent_abbr, is_home, system_id, model_id, "
        "points_line, estimated_line, books, sportsbook, over_price, under_price, line_last_update, "
        "predicted_points, predicted_mean, predicted_std, raw_prob_over, market_prob_over, prob_over, "
        "calibration, contributions, confidence_score, feature_quality_score, recommendation, reason "
        "FROM nba_predictions.player_prop_predictions WHERE game_date = CAST(@day AS DATE) AND is_active "
        "ORDER BY prediction_id",
        day=day,
    )


def why_view(rows: Sequence[Row], day: date) -> RenderableType:
    """Every player of the rows, one system below the other."""
    shown: list[RenderableType] = []
    for player in dict.fromkeys((row["player_name"], row["team_abbr"]) for row in rows):
        own = [row for row in rows if (row["player_name"], row["team_abbr"]) == player]
        shown += _player(own, day)
    return Group(*shown)


def _player(rows: Sequence[Row], day: date) -> list[RenderableType]:
    first = rows[0]
    place = "at home to" if first["is_home"] else "at"
    game = f"{first['team_abbr']} {place} {first['opponent_abbr']}, {day}"
    head = f"[bold]{escape(first['player_name'])}[/] {game}"
    parts: list[RenderableType] = [Text.from_markup(head), Text(_line(first))]
    parts.append(Text(f"feature quality {first['feature_quality_score']:.0f} of 100", style="dim"))
    for row in sorted(rows, key=lambda r: str(r["system_id"])):
        parts += _system(row)
    parts.append(Text())
    return parts


def _line(row: Row) -> str:
    if row["points_line"] is None:
        estimate = _number(row["estimated_line"], "{:g}")
        return f"no line; estimated {estimate}, which is never bet on"
    return (
        f"line {row['points_line']:g}, the median of {row['books']} books; best prices over "
        f"{_number(row['over_price'], '{:.2f}')}, under {_number(row['under_price'], '{:.2f}')}; snapshot of "
        f"{row['line_last_update'] or 'an unknown time'}"
    )


def _system(row: Row) -> list[RenderableType]:
    model = f" ({row['model_id']})" if row["model_id"] else ""
    text = (
        f"median {row['predicted_points']:.1f}, mean {_number(row['predicted_mean'], '{:.1f}')}, standard "
        f"deviation {row['predicted_std']:.1f}, confidence {row['confidence_score']:.2f}"
    )
    said = [Text.from_markup(f"\n[bold]{row['system_id']}[/]{escape(model)}"), _indented(text)]
    if row["prob_over"] is not None:
        said.append(
            _indented(
                f"P(over) {row['prob_over']:.3f}: own {_number(row['raw_prob_over'], '{:.3f}')}, market "
                f"{_number(row['market_prob_over'], '{:.3f}')}; {row['calibration'] or 'not calibrated'}"
            )
        )
    made = json.loads(row["contributions"] or "{}")
    if made:
        parts = ", ".join(f"{name} {points:+.2f}" for name, points in list(made.items())[:SHOWN])
        said.append(_indented(f"made of {parts}"))
    book = f" at {row['sportsbook']}" if row["sportsbook"] else ""
    said.append(_indented(f"{row['recommendation']}{book}: {row['reason']}"))
    return said


def _indented(text: str) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, 2))


def _number(value: Any, written: str) -> str:
    return "-" if value is None else written.format(value)
