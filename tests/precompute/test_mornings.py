"""Phase 3's context and phase 4 on recorded slates: no leak, no drift between training and serving."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from activities.analytics import (
    player_game_summary,
    team_defense_game_summary,
    team_offense_game_summary,
    upcoming_player_game_context,
    upcoming_team_game_context,
)
from activities.precompute import (
    ml_feature_store_v2,
    player_composite_factors,
    player_daily_cache,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
)
from activities.precompute.training_features import training_features
from activities.precompute.vectors import quality_scores, quality_tier
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, FEATURES
from shared.inputs import INPUT_NAMES
from tests.analytics.raw_frames import ddl_columns, empty, needs_data, run, summaries
from tests.analytics.slates import morning, props_of, schedule_of

SLATE = date(2024, 12, 19)
WITHOUT_LINES = (
    "vegas_points_line",
    "vegas_opening_line",
    "vegas_line_move",
    "has_vegas_line",
    "injury_risk",
)
TABLES = {
    "nba_analytics": (
        player_game_summary, team_offense_game_summary, team_defense_game_summary,
        upcoming_team_game_context, upcoming_player_game_context,
    ),
    "nba_precompute": (
        team_defense_zone_analysis, player_shot_zone_analysis, player_daily_cache, player_composite_factors,
    ),
    "nba_predictions": (ml_feature_store_v2,),
}  # fmt: skip


def _two_seasons() -> dict[str, pd.DataFrame]:
    return summaries("2022-23", "2023-24", "2024-25")


def _values(features: pd.DataFrame) -> pd.DataFrame:
    values = pd.DataFrame(np.vstack(features["features"].to_list()), columns=list(FEATURE_NAMES))
    return values.assign(player_id=features["player_id"].to_numpy()).set_index("player_id")


def test_every_processor_writes_exactly_its_tables_columns() -> None:
    schemas = Path(__file__).parents[2] / "schemas" / "bigquery"
    for dataset, modules in TABLES.items():
        for module in modules:
            table = module.__name__.rsplit(".", 1)[1]
            assert list(module.COLUMNS) == ddl_columns(schemas / dataset / f"{table}.sql"), table


def test_gold_is_reachable_with_everything_known_but_the_opening_line() -> None:
    sources = pd.DataFrame([{spec.name: "computed" for spec in FEATURES}])
    assert quality_scores(sources).tolist() == [100.0]
    for name in ("pct_paint", "pct_mid_range", "shot_zone_mismatch_score"):
        sources[name] = "proxy"
    for name in ("vegas_opening_line", "vegas_line_move"):
        sources[name] = "unavailable"
    assert quality_scores(sources).tolist() == [95.0]
    assert quality_tier(95.0) == "gold"


def test_a_default_costs_quality_whatever_it_is_called() -> None:
    sources = pd.DataFrame([{spec.name: "default" for spec in FEATURES}])
    assert quality_scores(sources).tolist() == [40.0]
    assert quality_tier(40.0) == "poor"


@needs_data
def test_features_do_not_change_when_the_target_day_changes() -> None:
    made = _two_seasons()
    props = props_of(SLATE, schedule_of(SLATE), made["player_games"])
    before = morning(SLATE, made, props=props)["features"]
    changed = {}
    for name, frame in made.items():
        numbers = frame.select_dtypes(["int64", "float64"]).columns.difference(["player_id"])
        later = frame["game_date"] >= pd.Timestamp(SLATE)
        new = frame.copy()
        new.loc[later, numbers] = new.loc[later, numbers] * 3 + 7
        changed[name] = new
    after = morning(SLATE, changed, props=props)["features"]
    assert _values(before).to_numpy().tobytes() == _values(after).to_numpy().tobytes()
    pd.testing.assert_frame_equal(before.drop(columns="features"), after.drop(columns="features"))


@needs_data
def test_features_do_not_change_even_if_a_window_lets_the_target_day_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = _two_seasons()
    strict = morning(SLATE, made)["features"]
    monkeypatch.setattr("tests.analytics.slates.before", lambda frame, _day, _days: frame)
    leaky = morning(SLATE, made)["features"]
    assert _values(strict).to_numpy().tobytes() == _values(leaky).to_numpy().tobytes()


@needs_data
@pytest.mark.parametrize("day", [date(2024, 10, 24), SLATE, date(2025, 4, 13)])
def test_training_features_are_the_daily_vectors_exactly(day: date) -> None:
    made = _two_seasons()
    trained = training_features(made["player_games"], made["team_offense"], made["team_defense"], day, day)
    trained = trained.set_index("player_id")[list(FEATURE_NAMES)]
    # Who played for whom that day is the morning's roster, and everyone has a line: nobody is missing.
    games = made["player_games"]
    rosters = games.loc[games["game_date"] == pd.Timestamp(day)]
    props = rosters.assign(
        bookmaker="any", points_line=9.5, is_main=True, is_dfs=False, last_update=pd.Timestamp(day, tz="UTC")
    )
    stored = _values(morning(day, made, rosters=rosters, props=props)["features"])
    assert len(trained) > 80
    pd.testing.assert_frame_equal(
        stored.loc[trained.index].drop(columns=list(WITHOUT_LINES)),
        trained.drop(columns=list(WITHOUT_LINES)),
        check_exact=True,
    )


@needs_data
def test_training_rows_of_many_days_equal_those_of_each_day() -> None:
    made = _two_seasons()
    frames = (made["player_games"], made["team_offense"], made["team_defense"])
    first, last = date(2024, 12, 19), date(2024, 12, 21)
    at_once = training_features(*frames, first, last)
    daily = [training_features(*frames, date(2024, 12, n), date(2024, 12, n)) for n in (19, 20, 21)]
    pd.testing.assert_frame_equal(at_once, pd.concat(daily, ignore_index=True), check_exact=True)
    assert list(at_once.columns[8:]) == [*FEATURE_NAMES, *INPUT_NAMES]
    assert (at_once["minutes_played"] >= 1).all()


@needs_data
def test_a_december_slate_has_no_constant_features_but_the_documented_ones() -> None:
    made = _two_seasons()
    day = date(2024, 12, 21)
    values = _values(
        morning(day, made, props=props_of(day, schedule_of(day), made["player_games"]))["features"]
    )
    constant = {name for name in FEATURE_NAMES if values[name].nunique() == 1}
    # Recorded data is the regular season, without injury reports and opening lines.
    assert constant == {"injury_risk", "playoff_game", "vegas_line_move"}


@needs_data
def test_a_recorded_slate_is_silver_because_injuries_and_openings_are_unknown() -> None:
    made = _two_seasons()
    frames = morning(SLATE, made, props=props_of(SLATE, schedule_of(SLATE), made["player_games"]))
    features, players = frames["features"], frames["upcoming_players"]
    assert players["has_prop_line"].sum() >= 165
    lined = features.loc[features["player_id"].isin(players.loc[players["has_prop_line"], "player_id"])]
    assert lined["insufficient_data_reason"].isna().mean() > 0.97
    assert (features["quality_tier"] == "silver").mean() > 0.95
    injury = FEATURE_NAMES.index("injury_risk")
    assert {row[injury] for row in features["feature_sources"]} == {"unavailable"}
    shares = _values(features)[["pct_paint", "pct_mid_range", "pct_three"]].sum(axis=1)
    assert shares.to_numpy() == pytest.approx(1.0)


@needs_data
def test_known_injuries_make_the_best_recorded_vectors_gold() -> None:
    made = _two_seasons()
    injuries = pd.DataFrame({"player_id": [2544], "status": ["questionable"]})
    day = date(2024, 12, 19)
    props = props_of(day, schedule_of(day), made["player_games"])
    frames = morning(day, made, props=props, injuries=injuries)
    assert (frames["features"]["quality_tier"] == "gold").mean() > 0.3
    lebron = _values(frames["features"]).loc[2544]
    assert lebron["injury_risk"] == 2.0


@needs_data
def test_a_line_that_is_missing_is_the_season_average_and_marked() -> None:
    features = morning(SLATE, _two_seasons())["features"]
    values = _values(features)
    assert (values["vegas_points_line"] == values["points_avg_season"]).all()
    assert (values["has_vegas_line"] == 0).all()
    line = FEATURE_NAMES.index("vegas_points_line")
    assert {row[line] for row in features["feature_sources"]} == {"default"}


@needs_data
def test_phase_4_refuses_to_write_a_vector_outside_the_contract() -> None:
    features = morning(SLATE, _two_seasons())["features"]
    spoiled = features.copy()
    spoiled.at[3, "features"] = np.append(spoiled.at[3, "features"], 1.0)
    with pytest.raises(FeatureContractViolation, match=f"{spoiled.at[3, 'player_lookup']} in .*34 values"):
        ml_feature_store_v2.check_rows(spoiled)


@needs_data
def test_a_player_with_two_games_on_record_is_withheld_with_that_reason() -> None:
    made = dict(_two_seasons())
    games = made["player_games"]
    lebron = games["player_id"] == 2544
    recent = games.loc[lebron & (games["game_date"] < pd.Timestamp(SLATE))].index[-2:]
    made["player_games"] = games.loc[~lebron | games.index.isin(recent)]
    props = props_of(SLATE, schedule_of(SLATE), made["player_games"])
    features = morning(SLATE, made, props=props)["features"].set_index("player_id")
    assert features.loc[2544, "insufficient_data_reason"] == "only 2 games on record"


@needs_data
def test_a_day_without_games_writes_nothing_and_does_not_fail() -> None:
    made = _two_seasons()
    frames = morning(date(2024, 12, 24), made)
    assert frames["upcoming_players"].empty
    assert frames["features"].empty
    assert len(frames["defense_zones"]) == 30


@needs_data
def test_the_first_day_on_record_has_no_history_and_does_not_fail() -> None:
    made = {name: frame.iloc[:0] for name, frame in _two_seasons().items()}
    frames = morning(SLATE, made)
    assert len(frames["upcoming_teams"]) > 0
    assert frames["features"].empty


def test_tables_without_a_row_or_a_type_give_empty_tables() -> None:
    day = date(2024, 12, 19)
    frames = {
        name: empty(table)
        for name, table in {
            "schedule": "nba_raw.schedule", "props": "nba_raw.player_points_props",
            "openings": "nba_raw.player_points_openings",
            "rosters": "nba_raw.rosters", "injuries": "nba_raw.injury_report",
            "players": "nba_reference.players", "standing": "nba_analytics.upcoming_player_game_context",
            "player_box_scores": "nba_raw.player_box_scores", "team_box_scores": "nba_raw.team_box_scores",
            "recent_team_boxes": "nba_raw.team_box_scores",
            "player_games": "nba_analytics.player_game_summary",
            "team_offense": "nba_analytics.team_offense_game_summary",
            "team_defense": "nba_analytics.team_defense_game_summary",
            "upcoming_teams": "nba_analytics.upcoming_team_game_context",
            "upcoming_players": "nba_analytics.upcoming_player_game_context",
            "player_cache": "nba_precompute.player_daily_cache",
            "shot_zones": "nba_precompute.player_shot_zone_analysis",
            "defense_zones": "nba_precompute.team_defense_zone_analysis",
            "composite": "nba_precompute.player_composite_factors",
        }.items()
    }  # fmt: skip
    for modules in TABLES.values():
        for module in modules:
            output = run(module.process, day, frames, [day])
            assert output.frame.empty, module.__name__
            assert dict(output.frame.dtypes.astype(str)) == module.COLUMNS, module.__name__
            assert output.partitions == (day,)
