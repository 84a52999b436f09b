"""Small hand-made tables for phases 5 to 7, and a check against the DDL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from activities.exports import FolderExports
from activities.predictions.calibration import Calibration
from activities.predictions.lines import quotes
from activities.predictions.prediction_chunk import feature_matrix, market_of, predictable, system_rows
from activities.predictions.systems.moving_average import MovingAverage
from activities.processor import ProcessorContext, Upstreams
from shared.features import FEATURE_NAMES, FEATURE_VERSION, FEATURES
from tests.analytics.raw_frames import _NoObjects
from warehouse.frames import validated
from warehouse.schema import TableSchema, load_schemas

DAY = date(2025, 11, 7)
GAME = "20251107_LAC_PHX"
TIP = pd.Timestamp("2025-11-08T02:00:00Z").as_unit("us")
AS_OF = datetime(2025, 11, 7, 18, 1, tzinfo=UTC)


@cache
def schemas() -> dict[str, TableSchema]:
    return load_schemas()


def fits(frame: pd.DataFrame, table: str) -> bool:
    """The frame has exactly the table's columns, and values of its types; raises otherwise."""
    schema = schemas()[table]
    assert list(frame.columns) == list(schema.column_names)
    validated(frame, schema)
    return True


def context(tmp: Path = Path("nowhere"), **changes: Any) -> ProcessorContext:
    plain = ProcessorContext(
        game_date=DAY, as_of=AS_OF, now=AS_OF, dates=(DAY,), objects=_NoObjects(),
        models=tmp / "models", exports=FolderExports(tmp / "exports"), upstreams=Upstreams(None, "recorded"),
    )  # fmt: skip
    return replace(plain, **changes)


def silent(_done: int, _total: int, _note: str = "") -> None:
    """A progress that nobody watches."""


def vector(**values: float) -> list[float]:
    usual = {
        "points_avg_last_5": 24.0, "points_avg_last_10": 23.0, "points_avg_season": 22.0,
        "points_std_last_10": 5.5, "fatigue_score": 90.0, "home_away": 1.0,
    }  # fmt: skip
    return [float({**usual, **values}.get(spec.name, spec.default)) for spec in FEATURES]


def feature_row(player: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "game_date": pd.Timestamp(DAY), "player_id": player, "player_lookup": f"player{player}",
        "game_id": GAME, "team_abbr": "PHX", "opponent_abbr": "LAC", "is_home": True,
        "features": vector(), "feature_names": list(FEATURE_NAMES),
        "feature_sources": ["computed"] * len(FEATURE_NAMES), "feature_count": len(FEATURE_NAMES),
        "feature_version": FEATURE_VERSION, "feature_quality_score": 93.0, "quality_tier": "silver",
        "early_season": False, "games_in_sample": 20, "insufficient_data_reason": None,
        "as_of": pd.Timestamp(AS_OF), "partial_games": [], **changes,
    }  # fmt: skip


def cache_row(player: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "cache_date": pd.Timestamp(DAY), "player_id": player, "games_in_sample": 10, "games_played_season": 8,
        "points_ewma": 22.5, "minutes_ewma": 33.0, "shots_ewma": 16.0, "minutes_last_game": 34.0,
        "minutes_std_last_10": 3.0, "last_game_date": pd.Timestamp("2025-11-05"), **changes,
    }  # fmt: skip


def similar_row(player: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "game_date": pd.Timestamp(DAY), "player_id": player, "similar_games": 10, "similar_score": 80.0,
        "similar_margin": 1.5, **changes,
    }  # fmt: skip


def defense_row(team: str = "LAC", **changes: Any) -> dict[str, Any]:
    return {
        "analysis_date": pd.Timestamp(DAY), "team_abbr": team, "two_pt_vs_league_avg": 1.0,
        "three_pt_vs_league_avg": -1.0, "ft_rate_vs_league_avg": 0.0, **changes,
    }  # fmt: skip


def inputs_row(**values: float) -> pd.DataFrame:
    """One row of what a system reads: the usual vector and declared inputs."""
    usual = {
        "points_ewma": 22.5, "minutes_ewma": 33.0, "shots_ewma": 16.0, "minutes_last_game": 34.0,
        "minutes_std_last_10": 3.0, "days_since_last_game": 2.0, "games_played_season": 8.0,
        "two_pt_vs_league_avg": 0.0, "three_pt_vs_league_avg": 0.0, "ft_rate_vs_league_avg": 0.0,
        "similar_games": 10.0, "similar_score": 80.0, "similar_margin": 1.5, "market_points": np.nan,
    }  # fmt: skip
    declared = {name: values.get(name, value) for name, value in usual.items()}
    features = dict(zip(FEATURE_NAMES, vector(**values), strict=True))
    return pd.DataFrame([features | declared])


def upcoming_row(player: int = 1, line: float | None = 24.5, **changes: Any) -> dict[str, Any]:
    return {
        "game_date": pd.Timestamp(DAY), "game_id": GAME, "season": "2025-26", "player_id": player,
        "player_lookup": f"player{player}", "player_name": f"Player {player}", "team_abbr": "PHX",
        "opponent_abbr": "LAC", "is_home": True, "tip_time": TIP, "has_prop_line": line is not None,
        "points_line": float("nan") if line is None else line, "books": 0 if line is None else 2,
        "injury_status": "unknown", "eligible": True, "ineligible_reason": None, **changes,
    }  # fmt: skip


def prop_row(
    player: int = 1, book: str = "fanduel", line: float = 24.5, over: float | None = 1.87,
    under: float | None = 1.95, **changes: Any,
) -> dict[str, Any]:  # fmt: skip
    return {
        "game_date": pd.Timestamp(DAY), "game_id": GAME, "player_id": player,
        "player_lookup": f"player{player}", "player_name": f"Player {player}", "team_abbr": "PHX",
        "bookmaker": book, "points_line": line, "over_price": over, "under_price": under,
        "is_main": True, "is_dfs": False, "event_id": "e", "commence_time": TIP,
        "last_update": pd.Timestamp("2025-11-07T17:30:00Z"), "resolution": "name", **changes,
    }  # fmt: skip


def frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame with a table's columns, dates and instants typed; missing columns are left out."""
    names = [c.name for c in schemas()[table].columns]
    made = pd.DataFrame(rows, columns=names if not rows else [n for n in names if n in rows[0]])
    for column in schemas()[table].columns:
        if column.name in made and column.type == "DATE":
            made[column.name] = made[column.name].astype("datetime64[us]")
        if column.name in made and column.type == "TIMESTAMP":
            made[column.name] = made[column.name].astype("datetime64[us, UTC]")
        if column.name in made and column.type == "BOOL" and made[column.name].notna().all():
            made[column.name] = made[column.name].astype(bool)
        if column.name in made and column.type == "FLOAT64":
            made[column.name] = made[column.name].astype("float64")
    return made


CACHE = "nba_precompute.player_daily_cache"
SIMILAR = "nba_precompute.player_similar_games"
DEFENSE = "nba_precompute.team_defense_zone_analysis"
CALIBRATION = "nba_predictions.system_calibration"
PREDICTIONS = "nba_predictions.player_prop_predictions"
FEATURE_STORE = "nba_predictions.ml_feature_store_v2"
UPCOMING = "nba_analytics.upcoming_player_game_context"
PROPS = "nba_raw.player_points_props"


def predictions(
    upcoming: list[dict[str, Any]], props: list[dict[str, Any]] | None = None, **changes: Any
) -> pd.DataFrame:
    """Moving-average predictions of these players, in the table's columns."""
    from activities.analytics.windows import shaped  # noqa: PLC0415
    from activities.predictions.table import COLUMNS  # noqa: PLC0415

    features = frame(FEATURE_STORE, [feature_row(int(u["player_id"])) for u in upcoming])
    players = predictable(features, frame(UPCOMING, upcoming))
    market = market_of(players, quotes(frame(PROPS, props or []), players))
    system = MovingAverage()
    own = system.predict(feature_matrix(players), {})
    described = players.assign(points_ewma=22.5)
    rows = system_rows(system, described, own, market, Calibration(0.1), context())
    return shaped(rows.assign(**changes), COLUMNS)
