"""A whole morning for tests: schedule, rosters and lines of a recorded date, and its phases 3 and 4."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd

from activities.analytics import upcoming_player_game_context, upcoming_team_game_context
from activities.precompute import (
    ml_feature_store_v2,
    player_composite_factors,
    player_daily_cache,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
)
from shared.ids import player_lookup
from tests.analytics.raw_frames import DATA, before, empty, run, stored

_BOOKS_THAT_ARE_DFS = {"PrizePicks", "Underdog", "prizepicks", "underdog"}
A_SEASON, THREE_YEARS = 400, 1_100


def schedule_of(day: date) -> pd.DataFrame:
    games = pd.read_parquet(DATA / "schedule_2018-19_to_2025-26.parquet")
    near = (games["game_date"] - pd.Timestamp(day)).abs() <= pd.Timedelta(days=3)
    games = games.loc[near & (games["season_type"] == "regular")].reset_index(drop=True)
    key = games["game_date"].dt.strftime("%Y%m%d") + "_" + games["away"] + "_" + games["home"]
    return pd.DataFrame({
        "snapshot_date": pd.Timestamp(day), "game_id": key, "nba_game_id": None,
        "game_date": games["game_date"], "season": games["season"],
        "away_team_abbr": games["away"], "home_team_abbr": games["home"],
        "tip_time": pd.Timestamp(datetime(day.year, day.month, day.day, tzinfo=UTC))
        + timedelta(hours=24),
        "tip_assumed": True, "game_status": 1, "is_postponed": False,
        "season_type": games["season_type"], "home_score": None, "away_score": None,
    })  # fmt: skip


def props_of(day: date, schedule: pd.DataFrame, player_games: pd.DataFrame) -> pd.DataFrame:
    """Recorded lines as `nba_raw.player_points_props`; names resolve by lookup only, no aliases."""
    files = sorted((DATA / "points_lines").glob("*.parquet"))
    lines = pd.concat([pd.read_parquet(f) for f in files], ignore_index=True)
    lines = lines.loc[lines["game_date"] == pd.Timestamp(day)]
    names = pd.read_parquet(DATA / "schedule_2018-19_to_2025-26.parquet")
    abbr = dict(zip(names["home_team"], names["home"], strict=True))
    abbr["Los Angeles Clippers"] = "LAC"
    home = lines["home_team"].map(abbr)
    away = lines["away_team"].map(abbr)
    ids = player_games.drop_duplicates("player_lookup", keep="last").set_index("player_lookup")
    lookup = lines["player_name"].map(player_lookup)
    props = pd.DataFrame({
        "game_date": lines["game_date"], "game_id": f"{day:%Y%m%d}_" + away + "_" + home,
        "player_id": lookup.map(ids["player_id"]).astype("Int64"), "player_lookup": lookup,
        "player_name": lines["player_name"], "team_abbr": lookup.map(ids["team_abbr"]),
        "bookmaker": lines["bookmaker"], "points_line": lines["line"],
        "over_price": 1.9, "under_price": 1.9,
        "imbalance": (lines["over_odds"] - lines["under_odds"]).abs(),
        "is_dfs": lines["bookmaker"].isin(_BOOKS_THAT_ARE_DFS), "event_id": lines["event_id"],
        "commence_time": lines["commence_time"], "last_update": lines["commence_time"],
        "resolution": "name",
    })  # fmt: skip
    props = props.loc[props["player_id"].notna()].astype({"player_id": "int64"})
    props = props.sort_values("imbalance", kind="stable")
    props["is_main"] = ~props.duplicated(["player_id", "bookmaker"])
    props = props.drop(columns="imbalance").drop_duplicates(
        ["game_id", "player_id", "bookmaker", "points_line"]
    )
    return props.sort_values(["game_id", "player_id", "bookmaker", "points_line"], ignore_index=True)


def morning(
    day: date,
    summaries: dict[str, pd.DataFrame],
    *,
    props: pd.DataFrame | None = None,
    rosters: pd.DataFrame | None = None,
    injuries: pd.DataFrame | None = None,
    schedule: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Phases 3 (the context) and 4 of a date, each processor fed as the registry says."""
    games, offense, defense = (summaries[name] for name in ("player_games", "team_offense", "team_defense"))
    frames = {
        "schedule": schedule_of(day) if schedule is None else schedule,
        "props": empty("nba_raw.player_points_props") if props is None else props,
        "openings": empty("nba_raw.player_points_openings"),
        "rosters": empty("nba_raw.rosters") if rosters is None else rosters,
        "injuries": empty("nba_raw.injury_report") if injuries is None else injuries,
        "players": empty("nba_reference.players"),
        "standing": empty("nba_analytics.upcoming_player_game_context"),
        "recent_team_boxes": empty("nba_raw.team_box_scores"),
        "player_games": before(games, day, A_SEASON),
        "team_offense": before(offense, day, A_SEASON),
        "team_defense": before(defense, day, A_SEASON),
    }
    frames["upcoming_teams"] = stored(
        upcoming_team_game_context, run(upcoming_team_game_context.process, day, frames)
    )
    frames["upcoming_players"] = stored(
        upcoming_player_game_context, run(upcoming_player_game_context.process, day, frames)
    )
    frames["defense_zones"] = stored(
        team_defense_zone_analysis, run(team_defense_zone_analysis.process, day, frames)
    )
    frames["shot_zones"] = stored(
        player_shot_zone_analysis, run(player_shot_zone_analysis.process, day, frames)
    )
    three_years = {**frames, "player_games": before(games, day, THREE_YEARS)}
    frames["player_cache"] = stored(player_daily_cache, run(player_daily_cache.process, day, three_years))
    frames["composite"] = stored(player_composite_factors, run(player_composite_factors.process, day, frames))
    frames["features"] = stored(ml_feature_store_v2, run(ml_feature_store_v2.process, day, frames))
    return frames
