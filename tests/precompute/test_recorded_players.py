"""Players out of the ordinary on recorded days: real cases, against the box scores themselves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from shared.features import FEATURE_NAMES
from tests.analytics.raw_frames import needs_data, raw_season, summaries
from tests.analytics.slates import morning, props_of, schedule_of

pytestmark = needs_data

LEONARD, DAVIS, DONCIC, JAMES, KLINTMAN = 202695, 203076, 1629029, 2544, 1641752
WINDOWED = (
    "points_avg_last_5", "points_avg_last_10", "points_std_last_10", "recent_trend", "minutes_change",
    "minutes_avg_last_10", "ppm_avg_last_10", "pct_three", "pct_free_throw", "usage_spike_score",
)  # fmt: skip
WORKLOAD = {"games_in_last_7_days", "fatigue_score", "rest_advantage", "back_to_back"}


def seasons() -> dict[str, pd.DataFrame]:
    return summaries("2022-23", "2023-24", "2024-25")


class Day:
    """A recorded morning on which who played is the roster, and each of them has a line."""

    def __init__(self, day: date, made: dict[str, pd.DataFrame] | None = None) -> None:
        made = made or seasons()
        games = made["player_games"]
        rosters = games.loc[games["game_date"] == pd.Timestamp(day)]
        props = rosters.assign(
            bookmaker="any",
            points_line=9.5,
            is_main=True,
            is_dfs=False,
            last_update=pd.Timestamp(day, tz="UTC"),
        )
        self.frames = morning(day, made, rosters=rosters, props=props)
        self.stored = self.frames["features"].set_index("player_id")
        columns = list(FEATURE_NAMES)
        self.values = pd.DataFrame(
            np.vstack(self.stored["features"]), columns=columns, index=self.stored.index
        )
        self.sources = pd.DataFrame(
            self.stored["feature_sources"].to_list(), columns=columns, index=self.stored.index
        )


def points_before(player: int, day: date) -> pd.DataFrame:
    """A player's recorded games before a day, latest last, under half a minute left out."""
    boxes = pd.concat([raw_season(s)[0] for s in ("2022-23", "2023-24", "2024-25")])
    own = boxes.loc[(boxes["player_id"] == player) & (boxes["game_date"] < pd.Timestamp(day))]
    return own.loc[own["minutes"] >= 1].sort_values("game_date")


def test_kawhi_leonard_is_back_after_nine_months() -> None:
    day = Day(date(2025, 1, 4))
    values, sources = day.values.loc[LEONARD], day.sources.loc[LEONARD]
    games = points_before(LEONARD, date(2025, 1, 4))
    assert games["game_date"].max() < pd.Timestamp("2024-05-01")
    assert values["points_avg_last_5"] == pytest.approx(games["points"].tail(5).mean())
    assert values["points_avg_season"] == pytest.approx(games["points"].tail(20).mean())
    assert set(sources[list(WINDOWED)]) == {"proxy"}
    assert sources["points_avg_season"] == "proxy"
    assert (values["rest_advantage"], sources["rest_advantage"]) == (2.0, "computed")
    assert pd.isna(day.stored.loc[LEONARD, "insufficient_data_reason"])
    regulars = day.stored.loc[~day.stored["early_season"].astype(bool), "feature_quality_score"]
    assert day.stored.loc[LEONARD, "feature_quality_score"] < regulars.median() - 4


def test_anthony_davis_is_back_after_six_weeks_of_the_same_season() -> None:
    day = Day(date(2025, 3, 24))
    sources = day.sources.loc[DAVIS]
    assert day.stored.loc[DAVIS, "team_abbr"] == "DAL"
    assert set(sources[list(WINDOWED)]) == {"proxy"}
    assert sources["points_avg_season"] == "computed"
    games = points_before(DAVIS, date(2025, 3, 24))
    assert day.values.loc[DAVIS, "points_avg_last_10"] == pytest.approx(games["points"].tail(10).mean())


def test_luka_doncic_brings_his_dallas_form_to_los_angeles() -> None:
    day = Day(date(2025, 2, 10))
    him, mate = day.values.loc[DONCIC], day.values.loc[JAMES]
    games = points_before(DONCIC, date(2025, 2, 10))
    assert set(games["team_abbr"]) == {"DAL"}
    assert day.stored.loc[DONCIC, "team_abbr"] == "LAL"
    assert him["points_avg_last_5"] == pytest.approx(games["points"].tail(5).mean())
    this_season = games.loc[games["game_date"] >= pd.Timestamp("2024-10-01"), "points"]
    assert him["points_avg_season"] == pytest.approx(this_season.mean())
    for name in ("team_pace", "team_off_rating", "team_win_pct", "opponent_pace", "opponent_def_rating"):
        assert him[name] == mate[name]
    utah = games.loc[games["opponent_abbr"] == "UTA", "points"]
    assert him["games_vs_opponent"] == len(utah) > 0
    assert him["avg_points_vs_opponent"] == pytest.approx(utah.mean())
    # Out since Christmas.
    assert set(day.sources.loc[DONCIC, list(WINDOWED)]) == {"proxy"}


def test_bobi_klintman_with_three_games_is_marked_and_needs_a_line() -> None:
    games = points_before(KLINTMAN, date(2025, 4, 14))
    on = games["game_date"].iloc[3].date()
    day = Day(on)
    values, sources, stored = day.values.loc[KLINTMAN], day.sources.loc[KLINTMAN], day.stored.loc[KLINTMAN]
    assert stored["games_in_sample"] == 3
    for name in ("points_avg_last_5", "points_avg_last_10", "points_avg_season"):
        assert values[name] == pytest.approx(games["points"].head(3).mean())
    assert set(sources[["points_avg_last_5", "points_avg_last_10", "pct_three"]]) == {"proxy"}
    assert set(sources[["recent_trend", "minutes_change", "pct_free_throw"]]) == {"default"}
    assert pd.isna(stored["insufficient_data_reason"])
    assert stored["feature_quality_score"] < day.stored["feature_quality_score"].median() - 5
    rosters = day.frames["upcoming_players"][["player_id", "team_abbr", "player_lookup", "player_name"]]
    unlined = morning(on, seasons(), rosters=rosters)["upcoming_players"].set_index("player_id")
    assert unlined.loc[KLINTMAN, "ineligible_reason"] == "fewer than 5 games in 60 days and no line"


def test_back_to_backs_of_a_recorded_day_are_the_players_own() -> None:
    on = date(2024, 12, 21)
    day = Day(on)
    boxes = raw_season("2024-25")[0]
    yesterday = boxes.loc[(boxes["game_date"] == pd.Timestamp("2024-12-20")) & (boxes["minutes"] >= 1)]
    expected = day.values.index.isin(yesterday["player_id"])
    assert (day.values["back_to_back"] == expected).all()
    team_played = day.stored["team_abbr"].isin(yesterday["team_abbr"])
    rested = day.values.loc[(team_played & ~expected).to_numpy()]
    assert len(rested) > 0
    assert (rested["back_to_back"] == 0).all()
    assert expected.any()


def test_the_day_of_the_cup_final_has_lines_and_no_recorded_game() -> None:
    on = date(2024, 12, 17)
    made = seasons()
    props = props_of(on, schedule_of(on), made["player_games"])
    assert props["player_id"].nunique() > 10
    frames = morning(on, made, props=props)
    assert frames["upcoming_players"].empty
    assert frames["features"].empty


def test_a_recorded_morning_after_a_cup_final_differs_in_workload_alone() -> None:
    on = date(2024, 12, 20)
    made = seasons()
    without = Day(on, made)
    # The final itself is not recorded; the finalists' rows of 14 December stand in for it.
    final = {}
    for name, frame in made.items():
        rows = frame.loc[
            (frame["game_date"] == pd.Timestamp("2024-12-14")) & frame["team_abbr"].isin(["MIL", "OKC"])
        ]
        planted = rows.assign(
            game_date=pd.Timestamp("2024-12-17"), game_id="20241217_MIL_OKC", season_type="cup_final",
            opponent_abbr=rows["team_abbr"].map({"MIL": "OKC", "OKC": "MIL"}),
        )  # fmt: skip
        both = pd.concat([frame, planted.astype({"game_date": frame["game_date"].dtype})], ignore_index=True)
        final[name] = both.sort_values("game_date", kind="stable", ignore_index=True)
    with_it = Day(on, final)
    assert list(with_it.values.index) == list(without.values.index)
    changed = (with_it.values != without.values).any()
    assert set(changed.index[changed]) == WORKLOAD - {"back_to_back"}
    differ = (with_it.values != without.values).any(axis=1)
    finalists = without.stored["team_abbr"].isin(["MIL", "OKC"]) | without.stored["opponent_abbr"].isin(
        ["MIL", "OKC"]
    )
    assert not (differ & ~finalists).any()


def test_on_the_seasons_second_day_last_seasons_figures_are_marked_and_rookies_withheld() -> None:
    on = date(2024, 10, 23)
    day = Day(on)
    stored, sources = day.stored, day.sources
    assert stored["early_season"].all()
    assert set(sources["team_win_pct"]) == {"default"}
    for name in ("team_pace", "team_off_rating", "opponent_pace", "opponent_def_rating", "pace_score"):
        assert set(sources[name]) == {"proxy"}
    veterans = [p for p in stored.index if len(points_before(p, on)) >= 20]
    assert len(veterans) > 150
    assert set(sources.loc[veterans, "points_avg_season"]) == {"proxy"}
    for player in veterans[:20]:
        last_20 = points_before(player, on)["points"].tail(20).mean()
        assert day.values.loc[player, "points_avg_season"] == pytest.approx(last_20)
    rookies = [p for p in stored.index if points_before(p, on).empty]
    assert len(rookies) > 10
    assert set(stored.loc[rookies, "insufficient_data_reason"]) == {"no games on record"}
    assert (
        stored.loc[rookies, "feature_quality_score"].max()
        < stored.loc[veterans, "feature_quality_score"].min()
    )
