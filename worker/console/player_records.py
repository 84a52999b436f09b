"""What is known of a player: games, form as a day's model saw it, predictions with outcomes, lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from activities.operations.status import latest_date
from shared.features import FEATURES, FeatureSpec
from warehouse.protocol import Warehouse
from worker.console.prediction_rows import LEADING, PREDICTIONS
from worker.console.rows import Row, plain

GAMES_SHOWN = 15
LOOKED_BACK = timedelta(days=400)
GRADED_SHOWN = 40
"""Graded games in the plots."""

LISTED_FROM = timedelta(days=14)

_GAMES = (
    "SELECT game_date, game_id, player_name, team_abbr, opponent_abbr, is_home, is_win, minutes_played, "
    "points, fgm, fga, fg3m, fg3a, ftm, fta, usage_rate, ts_pct FROM nba_analytics.player_game_summary "
    "WHERE player_id = @player AND game_date >= @since AND game_date < @day "
    f"ORDER BY game_date DESC, game_id LIMIT {GAMES_SHOWN}"
)
_RESULTS = (
    "SELECT game_date, game_id, player_name, system_id, predicted_points, prob_over, recommendation, "
    "points_line, sportsbook, actual_points, signed_error, outcome, prediction_correct, is_void, void_reason "
    "FROM nba_predictions.prediction_results "
    "WHERE player_id = @player AND game_date >= @since AND game_date <= @day ORDER BY game_date, system_id"
)
_LINES = (
    "SELECT bookmaker, points_line, over_price, under_price, is_main, is_dfs, last_update "
    "FROM nba_raw.player_points_props WHERE player_id = @player AND game_date = @day "
    "ORDER BY is_main DESC, bookmaker, points_line"
)
_LISTED = (
    "SELECT player_id, player_name, team_abbr, MAX(game_date) AS latest, COUNT(DISTINCT game_id) AS games "
    f"FROM {PREDICTIONS} WHERE game_date >= @since AND is_active GROUP BY player_id, player_name, team_abbr "
    "ORDER BY player_name, player_id, team_abbr"
)
_FORM = (
    "points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "points_ewma",
    "minutes_avg_last_10", "minutes_avg_season", "usage_rate_last_10", "ts_pct_last_10",
    "avg_points_vs_opponent", "games_vs_opponent", "games_in_sample", "season_source", "last_game_date",
)  # fmt: skip


@dataclass(frozen=True)
class FeatureSeen:
    """One feature of the vector that the day's models were given."""

    spec: FeatureSpec
    value: float
    source: str


@dataclass(frozen=True)
class PlayerRecords:
    """Everything on a player's page."""

    player_id: int
    name: str
    day: date
    games: tuple[Row, ...]
    form: tuple[tuple[str, Any], ...]
    """The day's rolling averages, by name."""
    features: tuple[FeatureSeen, ...]
    today: tuple[Row, ...]
    """The day's active predictions, a row a system."""
    graded: tuple[Row, ...]
    """By game, the latest last: the leading system's prediction, line and outcome; all systems' points."""
    lines: tuple[Row, ...]
    """The day's lines by book."""


def read_player(warehouse: Warehouse, player_id: int, day: date | None) -> PlayerRecords | None:
    """A player as of a date, without one as of the latest predicted; None if nothing is known of him."""
    chosen = day or latest_date(warehouse, PREDICTIONS)
    if chosen is None:
        return None
    asked: dict[str, object] = {"player": player_id, "day": chosen, "since": chosen - LOOKED_BACK}
    games = plain(warehouse.query(_GAMES, asked))
    results = plain(warehouse.query(_RESULTS, asked))
    today = plain(
        warehouse.query(
            "SELECT player_name, system_id, predicted_points, prob_over, points_line, recommendation, reason "
            f"FROM {PREDICTIONS} WHERE player_id = @player AND game_date = @day AND is_active "
            "ORDER BY system_id",
            {"player": player_id, "day": chosen},
        )
    )
    named = [*today, *games, *results[-1:]]
    if not named:
        return None
    return PlayerRecords(
        player_id=player_id,
        name=str(named[0]["player_name"]),
        day=chosen,
        games=tuple(games),
        form=tuple(_form(warehouse, player_id, chosen)),
        features=tuple(_features(warehouse, player_id, chosen)),
        today=tuple(today),
        graded=tuple(_by_game(results)[-GRADED_SHOWN:]),
        lines=tuple(plain(warehouse.query(_LINES, {"player": player_id, "day": chosen}))),
    )


def _form(warehouse: Warehouse, player_id: int, day: date) -> list[tuple[str, Any]]:
    rows = plain(
        warehouse.query(
            f"SELECT {', '.join(_FORM)} FROM nba_precompute.player_daily_cache "
            "WHERE player_id = @player AND cache_date = @day",
            {"player": player_id, "day": day},
        )
    )
    return list(rows[0].items()) if rows else []


def _features(warehouse: Warehouse, player_id: int, day: date) -> list[FeatureSeen]:
    rows = plain(
        warehouse.query(
            "SELECT features, feature_names, feature_sources FROM nba_predictions.ml_feature_store_v2 "
            "WHERE player_id = @player AND game_date = @day",
            {"player": player_id, "day": day},
        )
    )
    if not rows:
        return []
    specs = {spec.name: spec for spec in FEATURES}
    held = zip(rows[0]["feature_names"], rows[0]["features"], rows[0]["feature_sources"], strict=True)
    return [
        FeatureSeen(specs[name], float(value), str(source)) for name, value, source in held if name in specs
    ]


def _by_game(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    games: dict[tuple[date, str], dict[str, Mapping[str, Any]]] = {}
    for row in results:
        games.setdefault((row["game_date"], row["game_id"]), {})[row["system_id"]] = row
    found = []
    for systems in games.values():
        lead = next((systems[s] for s in LEADING if s in systems), systems[min(systems)])
        points = {system: row["predicted_points"] for system, row in sorted(systems.items())}
        found.append({**lead, "systems": points})
    return found


def read_listed(warehouse: Warehouse, search: str) -> tuple[Row, ...]:
    """Who was predicted in the two weeks up to the latest date, and matches the search."""
    latest = latest_date(warehouse, PREDICTIONS)
    if latest is None:
        return ()
    rows = plain(warehouse.query(_LISTED, {"since": latest - LISTED_FROM}))
    wanted = search.casefold()
    return tuple(r for r in rows if wanted in f"{r['player_name']} {r['team_abbr']}".casefold())
