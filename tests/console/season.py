"""A season of data: the lived days' rows, repeated over half a year of dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from tests.operations.lived_days import DAYS

DATES = 163
FIRST = date(2025, 10, 21)

TABLES = {
    "nba_orchestration.phase_status": "game_date",
    "nba_orchestration.phase_execution_log": "game_date",
    "nba_orchestration.processor_run_history": "data_date",
    "nba_orchestration.quality_results": "game_date",
    "nba_raw.scrape_log": "game_date",
    "nba_raw.player_points_props": "game_date",
    "nba_raw.team_box_scores": "game_date",
    "nba_analytics.player_game_summary": "game_date",
    "nba_precompute.player_daily_cache": "cache_date",
    "nba_predictions.ml_feature_store_v2": "game_date",
    "nba_predictions.player_prop_predictions": "game_date",
    "nba_predictions.prediction_results": "game_date",
    "nba_predictions.system_daily_performance": "game_date",
}


def plant_season(home: Path) -> None:
    """Repeats the middle day's rows over a season's dates; its own stay."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        for table, column in TABLES.items():
            warehouse.execute(
                f"INSERT INTO {table} SELECT held.* REPLACE ((DATE '{FIRST}' + n::INTEGER)::DATE "
                f"AS {column}) "
                f"FROM {table} AS held, range({DATES}) AS dates(n) WHERE {column} = DATE '{DAYS[1]}' "
                f"AND (DATE '{FIRST}' + n::INTEGER) NOT IN (SELECT DISTINCT {column} FROM {table})"
            )
