"""A small made-up league in a real warehouse: four teams that play every day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from warehouse.protocol import Warehouse
from warehouse.schema import TableSchema
from warehouse.writer import Fence, Writer

FIRST = date(2025, 10, 22)
PAIRS = (("ATL", "BOS"), ("DEN", "LAL"))
ROSTER = 8
NEUTRAL: dict[str, Any] = {"STRING": "x", "INT64": 5, "FLOAT64": 1.0, "BOOL": True}


def write_games(warehouse: Warehouse, writer: Writer, days: int, first: date = FIRST) -> None:
    """Brings in the summaries of the games of so many days, 32 player-games a day."""
    random = np.random.default_rng(11)
    players: list[dict[str, Any]] = []
    teams: list[dict[str, Any]] = []
    for day in (first + timedelta(days=n) for n in range(days)):
        for away, home in PAIRS:
            for team, opponent, at_home in ((away, home, False), (home, away, True)):
                game = {
                    "game_date": pd.Timestamp(day), "game_id": f"{day:%Y%m%d}_{away}_{home}",
                    "season": "2025-26", "team_abbr": team, "opponent_abbr": opponent, "is_home": at_home,
                }  # fmt: skip
                teams.append({**game, "pace": 99.0, "possessions": 99.0, "game_minutes": 48})
                for number in range(ROSTER):
                    # The first five of a team are its rotation; points follow the player.
                    points = max(0, round(random.normal(16 - 1.8 * number, 4)))
                    player = 100 * [t for pair in PAIRS for t in pair].index(team) + number
                    players.append(
                        {
                            **game, "player_id": player, "player_lookup": f"player{player}",
                            "player_name": f"Player {player}", "minutes_played": 36 - 4 * number,
                            "points": points, "usage_rate": 20.0,
                        }
                    )  # fmt: skip
    for name, rows in (
        ("player_game_summary", players), ("team_offense_game_summary", teams),
        ("team_defense_game_summary", teams),
    ):  # fmt: skip
        table = f"nba_analytics.{name}"
        frame = _filled(rows, warehouse.schemas[table])
        writer.merge(table, frame, write_key=f"test/{first}/{table}", fence=Fence(1), run_id="test")


def write_prediction(warehouse: Warehouse, writer: Writer, day: date) -> None:
    """A date that has predictions already."""
    table = "nba_predictions.player_prop_predictions"
    frame = _filled(
        [{"game_date": pd.Timestamp(day), "game_id": f"{day:%Y%m%d}_ATL_BOS"}], warehouse.schemas[table]
    )
    writer.merge(table, frame, write_key=f"test/{day}/{table}", fence=Fence(1), run_id="test")


def _filled(rows: list[dict[str, Any]], schema: TableSchema) -> pd.DataFrame:
    """The rows with something neutral in every other column."""
    frame = pd.DataFrame(rows)
    for column in schema.columns:
        if column.name not in frame:
            neutral = pd.Timestamp("2025-11-01", tz="UTC") if column.type == "TIMESTAMP" else None
            frame[column.name] = NEUTRAL.get(column.type, neutral)
        if column.type == "DATE":
            frame[column.name] = frame[column.name].astype("datetime64[us]")
        if column.type == "TIMESTAMP":
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype("datetime64[us, UTC]")
    return frame[list(schema.column_names)]
