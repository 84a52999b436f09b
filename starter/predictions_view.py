"""Predictions, side by side by player, with outcomes where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean
from typing import Any

from rich.cells import set_cell_size
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from starter.temporal import Connection
from starter.warehouse import Row, select_all

LEADING = ("ensemble_v1", "xgboost_v1")
"""Whose probability and recommendation stand in the table, the first that predicted."""

SHORT = {
    "moving_average_v1": "movavg", "zone_matchup_v1": "zones", "similarity_v1": "simil",
    "xgboost_v1": "xgb", "ensemble_v1": "ensem",
}  # fmt: skip
PLAYER_WIDTH = 22
CALLED = {"OVER": "[green]OVER[/]", "UNDER": "[green]UNDER[/]", "NO_LINE": "no line"}


@dataclass
class PlayerLine:
    """A player in one game, and what each system says."""

    player: str
    team: str
    opponent: str
    line: float | None
    by_system: dict[str, Row] = field(default_factory=dict)
    outcomes: dict[str, Row] = field(default_factory=dict)

    @property
    def leading(self) -> Row:
        """The prediction that the table's call is taken from."""
        for system in LEADING:
            if system in self.by_system:
                return self.by_system[system]
        return self.by_system[min(self.by_system)]


async def fetch_predictions(connection: Connection, day: date, system: str | None = None) -> list[Row]:
    """The current predictions of a day."""
    only = " AND system_id = @system" if system else ""
    return await select_all(
        connection,
        "SELECT player_id, player_name, team_abbr, opponent_abbr, is_home, system_id, points_line, "
        "predicted_points, prob_over, confidence_score, recommendation, reason, prediction_id "
        "FROM nba_predictions.player_prop_predictions WHERE game_date = CAST(@day AS DATE) AND is_active"
        f"{only} ORDER BY prediction_id",
        day=day,
        **({"system": system} if system else {}),
    )


async def fetch_outcomes(connection: Connection, day: date) -> list[Row]:
    """How the predictions of a day came out."""
    return await select_all(
        connection,
        "SELECT prediction_id, player_name, system_id, predicted_points, actual_points, "
        "signed_error, absolute_error, outcome, prediction_correct, is_void, void_reason "
        "FROM nba_predictions.prediction_results WHERE game_date = CAST(@day AS DATE) "
        "ORDER BY prediction_id",
        day=day,
    )


def by_player(predictions: Sequence[Row], outcomes: Sequence[Row] = ()) -> list[PlayerLine]:
    """One entry a player and line: those with the highest line first, those without one last."""
    graded = {row["prediction_id"]: row for row in outcomes}
    lines: dict[tuple[Any, ...], PlayerLine] = {}
    for row in predictions:
        key = (row["player_id"], row["team_abbr"], row["opponent_abbr"], row["points_line"])
        entry = lines.setdefault(
            key,
            PlayerLine(row["player_name"], row["team_abbr"], row["opponent_abbr"], row["points_line"]),
        )
        entry.by_system[row["system_id"]] = row
        if row["prediction_id"] in graded:
            entry.outcomes[row["system_id"]] = graded[row["prediction_id"]]
    return sorted(
        lines.values(),
        key=lambda e: (e.line is None, -(e.line or 0.0), -_points(e.leading), e.player),
    )


def predictions_table(lines: Sequence[PlayerLine], title: str) -> RenderableType:
    """Player, line, each system's points, the call; below it the reason, whatever the width."""
    systems = sorted({system for entry in lines for system in entry.by_system})
    names = [SHORT.get(system, system) for system in systems]
    widths = [max(len(name), 5) for name in names]
    head = f"{'player':{PLAYER_WIDTH}} {'game':9} {'line':>5} "
    head += " ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    shown: list[RenderableType] = [Text(title, style="italic"), Text(f"{head} P(over) call", style="dim")]
    for entry in lines:
        lead = entry.leading
        call = str(lead["recommendation"])
        player, game, line = _who(entry)
        points = " ".join(
            f"{_number(entry.by_system.get(s), 'predicted_points'):>{width}}"
            for s, width in zip(systems, widths, strict=True)
        )
        over = f"{lead['prob_over']:.2f}" if lead["prob_over"] is not None else ""
        shown.append(
            Text.from_markup(
                f"{set_cell_size(player, PLAYER_WIDTH)} {game:9} {line:>5} {points} {over:>7} "
                f"{CALLED.get(call, call)}"
            )
        )
        shown.append(Padding(Text(str(lead["reason"]), style="dim"), (0, 0, 0, 4)))
    return Group(*shown)


def outcomes_table(lines: Sequence[PlayerLine], title: str) -> Table:
    """Player, line, each system's points with its error, the outcome, and whether the call was right."""
    table, systems = _table(lines, title)
    table.add_column("actual", justify="right")
    table.add_column("call")
    table.add_column("outcome", overflow="fold")
    for entry in lines:
        lead = entry.leading
        result = entry.outcomes.get(lead["system_id"]) or {}
        correct = result.get("prediction_correct")
        right = "" if correct is None else "[green]right[/]" if correct else "[red]wrong[/]"
        why = result.get("void_reason") or result.get("outcome") or "not graded"
        actual = result.get("actual_points")
        call = str(lead["recommendation"])
        table.add_row(
            *_who(entry),
            *[_with_error(entry, system) for system in systems],
            "" if actual is None else str(actual),
            CALLED.get(call, call),
            f"{escape(str(why))} {right}".strip(),
        )
    return table


def outcome_summary(outcomes: Sequence[Row]) -> dict[str, Any]:
    """How many were graded, how many void, and the mean absolute error by system, in points."""
    graded = [row for row in outcomes if row["absolute_error"] is not None]
    systems = sorted({row["system_id"] for row in graded})
    return {
        "graded": len(graded),
        "void": len(outcomes) - len(graded),
        "mae": {
            s: round(fmean(r["absolute_error"] for r in graded if r["system_id"] == s), 3) for s in systems
        },
    }


def _table(lines: Sequence[PlayerLine], title: str) -> tuple[Table, list[str]]:
    systems = sorted({system for entry in lines for system in entry.by_system})
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("player", no_wrap=True, max_width=19, overflow="ellipsis")
    table.add_column("game", no_wrap=True)
    table.add_column("line", justify="right")
    for system in systems:
        table.add_column(SHORT.get(system, system.replace("_", " ")), justify="right", max_width=10)
    return table, systems


def _who(entry: PlayerLine) -> tuple[str, str, str]:
    home = entry.leading["is_home"]
    game = f"{entry.team}{' v ' if home else ' @ '}{entry.opponent}"
    return escape(entry.player), game, "" if entry.line is None else f"{entry.line:g}"


def _points(row: Row) -> float:
    return float(row["predicted_points"])


def _number(row: Row | None, column: str) -> str:
    return "" if row is None or row[column] is None else f"{row[column]:.1f}"


def _with_error(entry: PlayerLine, system: str) -> str:
    points = _number(entry.by_system.get(system), "predicted_points")
    error = entry.outcomes.get(system, {}).get("signed_error")
    return points if error is None else f"{points} {error:+5.1f}"
