"""Players out of the ordinary: their features and the marks on them, on tables one can check by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from activities.precompute.training_features import training_features
from shared.features import FEATURE_NAMES
from tests.analytics.hand_slate import D, hand_props, hand_roster, hand_schedule
from tests.analytics.raw_frames import hand_frame, hand_player, summaries_of, team_box_scores
from tests.analytics.slates import morning

HIM = 1
_OTHERS = {"BOS": 801, "CHI": 802, "MIA": 803, "NYK": 804}
"""The rest of each team, as one player: he takes the shots and makes the points that the others leave."""

_SHOTS = {"BOS": 90, "MIA": 110}
"""Field goal attempts a game, and without anything else the pace; of any other team 100."""


def ago(days: int) -> date:
    return D - timedelta(days=days)


def game(
    back: int,
    team: str,
    other: str,
    points: dict[int, int],
    *,
    won: bool = False,
    season_type: str = "regular",
) -> list[dict[str, Any]]:
    """One game so many days ago: these players' points for a team of 90, against 80 or 95."""
    day = ago(back)
    about = {
        "game_id": f"{day:%Y%m%d}_{other}_{team}", "minutes": 30.0, "season_type": season_type,
    }  # fmt: skip
    rows = [
        hand_player(day, player, team, other, points=scored, fga=10, fg3a=4, **about)
        for player, scored in points.items()
    ]
    for side, against, scored, shots in (
        (team, other, 90 - sum(points.values()), _SHOTS.get(team, 100) - 10 * len(points)),
        (other, team, 80 if won else 95, _SHOTS.get(other, 100)),
    ):
        rows.append(
            hand_player(
                day, _OTHERS[side], side, against, points=scored, fga=shots, is_home=side == team, **about
            )
        )
    return rows


def played(
    days: list[int], points: int = 10, *, player: int = HIM, team: str = "BOS", other: str = "MIA"
) -> list[dict[str, Any]]:
    """A player's games so many days ago, all of them lost."""
    return [row for back in days for row in game(back, team, other, {player: points})]


def together(days: list[int], *players: int, points: int = 10) -> list[dict[str, Any]]:
    """Games of several players in Boston."""
    return [row for back in days for row in game(back, "BOS", "MIA", dict.fromkeys(players, points))]


class Slate:
    """The morning of New York at Boston on 2024-12-20 after these games."""

    def __init__(
        self,
        rows: list[dict[str, Any]],
        *,
        roster: tuple[tuple[int, str], ...] = ((HIM, "BOS"),),
        lines: tuple[int, ...] = (HIM,),
        team: str | None = None,
        season_type: str = "regular",
    ) -> None:
        players = hand_frame(rows)
        self.summaries = summaries_of(players, team_box_scores(players, tolerance=0.0))
        props = hand_props(*((player, "fanduel", 12.5, False) for player in lines), team=team)
        self.frames = morning(
            D, self.summaries, schedule=hand_schedule(season_type=season_type),
            rosters=hand_roster(*roster), props=props if lines else None,
        )  # fmt: skip
        stored = self.frames["features"].set_index("player_id")
        self.stored = stored
        self.values = {p: dict(zip(FEATURE_NAMES, v, strict=True)) for p, v in stored["features"].items()}
        self.sources = {
            p: dict(zip(FEATURE_NAMES, v, strict=True)) for p, v in stored["feature_sources"].items()
        }

    def quality(self, player: int = HIM) -> float:
        return float(self.stored.loc[player, "feature_quality_score"])

    def reason(self, player: int = HIM) -> str | None:
        found = self.stored["insufficient_data_reason"][player]
        return None if pd.isna(found) else str(found)


REGULAR = list(range(2, 42, 2))
"""Twenty games, every other day, the latest two days ago."""

WINDOWED = (
    "points_avg_last_5", "points_avg_last_10", "points_std_last_10", "minutes_avg_last_10", "ppm_avg_last_10",
    "recent_trend", "minutes_change", "pct_three", "pct_free_throw", "usage_spike_score",
)  # fmt: skip


def marks(slate: Slate, names: tuple[str, ...], player: int = HIM) -> set[str]:
    return {slate.sources[player][name] for name in names}


def test_a_regular_has_all_of_his_form_computed() -> None:
    slate = Slate(played(REGULAR) + played([1, 3, 5, 7, 9], team="NYK", player=7))
    assert marks(slate, WINDOWED) == {"computed"}
    assert slate.values[HIM]["rest_advantage"] == 1.0  # one day against none


# Returning.


def test_form_from_before_an_absence_of_more_than_a_month_is_kept_and_marked() -> None:
    others = played(REGULAR, player=2)
    short, long = (
        Slate(others + played([n + days for n in REGULAR], 20, other="CHI")) for days in (28, 29)
    )  # his latest game is 30 and 31 days ago
    for slate in (short, long):
        assert slate.values[HIM]["points_avg_last_5"] == 20.0
        assert slate.values[HIM]["points_avg_season"] == 20.0
        assert slate.values[HIM]["games_in_last_7_days"] == 0.0
        assert slate.values[HIM]["fatigue_score"] == 100.0
        assert slate.reason() is None
    assert marks(short, WINDOWED) == {"computed"}
    assert marks(long, WINDOWED) == {"proxy"}
    assert long.sources[HIM]["points_avg_season"] == "computed"
    assert long.sources[HIM]["team_pace"] == "computed"
    assert long.quality() == pytest.approx(short.quality() - 15 * len(WINDOWED) / 33)


def test_a_player_back_after_a_season_is_rested_and_his_season_is_his_last_20_games() -> None:
    old = played([n + 300 for n in range(1, 26)], 20)
    slate = Slate(old + played(REGULAR, player=2) + played(REGULAR, team="NYK", player=7))
    assert slate.values[HIM]["points_avg_season"] == 20.0
    assert slate.sources[HIM]["points_avg_season"] == "proxy"
    assert slate.values[HIM]["rest_advantage"] == 2.0
    assert slate.sources[HIM]["rest_advantage"] == "computed"
    assert slate.reason() is None
    assert bool(slate.stored.loc[HIM, "early_season"])


def test_a_player_away_for_400_days_and_more_is_withheld() -> None:
    slate = Slate(played([401 + n for n in range(12)]) + played(REGULAR, player=2))
    assert slate.reason() == "no games in the last 400 days"


# Traded.


def test_a_traded_player_brings_his_own_form_and_takes_his_new_teams() -> None:
    there = played(REGULAR, 24, team="MIA", other="NYK")
    here = [row for back in (3, 5, 7, 9, 11) for row in game(back, "BOS", "CHI", {2: 30}, won=True)]
    slate = Slate(there + here, roster=((HIM, "BOS"), (2, "BOS")), lines=(HIM, 2))
    him, mate = slate.values[HIM], slate.values[2]
    assert slate.stored.loc[HIM, "team_abbr"] == "BOS"
    assert him["points_avg_last_10"] == him["points_avg_season"] == 24.0
    assert (him["team_pace"], him["team_win_pct"]) == (90.0, 1.0)
    team = (
        "team_pace",
        "team_off_rating",
        "team_win_pct",
        "opponent_pace",
        "opponent_def_rating",
        "home_away",
    )
    assert [him[name] for name in team] == [mate[name] for name in team]
    # New York, whom he met in Miami's colours.
    assert (him["games_vs_opponent"], him["avg_points_vs_opponent"]) == (20.0, 24.0)
    assert mate["games_vs_opponent"] == 0.0


def test_the_lines_team_tells_of_a_trade_that_no_roster_shows_yet() -> None:
    there = played(REGULAR, 24, team="MIA", other="CHI")
    here = played([3, 5, 7], player=2, other="CHI")
    slate = Slate(there + here, roster=((HIM, "MIA"), (2, "BOS")), team="BOS")
    assert slate.stored.loc[HIM, "team_abbr"] == "BOS"
    assert slate.values[HIM]["team_pace"] == 90.0


# Two-way players, rookies, the first games of a season.


def test_a_two_way_player_is_predicted_by_five_games_in_sixty_days_or_a_line() -> None:
    five = played([3, 6, 9, 12, 60], player=5, other="CHI")
    four = played([3, 6, 9, 12, 61], player=4, other="NYK")
    rows = five + four + played(REGULAR)
    slate = Slate(rows, roster=((HIM, "BOS"), (4, "BOS"), (5, "BOS")), lines=())
    assert set(slate.stored.index) == {HIM, 5}
    players = slate.frames["upcoming_players"].set_index("player_id")
    assert players.loc[4, "ineligible_reason"] == "fewer than 5 games in 60 days and no line"
    assert 4 in Slate(rows, roster=((4, "BOS"),), lines=(4,)).stored.index


def test_few_games_are_marked_as_what_they_are_and_cost_quality() -> None:
    rows = played(REGULAR, player=2) + played([3, 6, 9, 12], 8, other="CHI")
    slate = Slate(rows, roster=((HIM, "BOS"), (2, "BOS")), lines=(HIM, 2))
    assert slate.values[HIM]["points_avg_last_10"] == 8.0
    assert marks(slate, ("points_avg_last_5", "points_avg_last_10", "points_std_last_10", "pct_three")) == {
        "proxy"
    }
    assert marks(slate, ("recent_trend", "minutes_change", "pct_free_throw")) == {"default"}
    assert slate.sources[HIM]["points_avg_season"] == "computed"
    assert slate.quality() < slate.quality(2) - 5
    assert slate.reason() is None


@pytest.mark.parametrize(
    ("days", "reason"), [([], "no games on record"), ([3], "only 1 game on record"), ([3, 6, 9], None)]
)
def test_a_rookie_with_a_line_has_a_vector_and_is_withheld_until_his_third_game(
    days: list[int], reason: str | None
) -> None:
    slate = Slate(played(REGULAR, player=2) + played(days, other="CHI"))
    assert slate.reason() == reason
    if not days:
        assert slate.values[HIM]["points_avg_season"] == 10.0  # the contract's default
        assert marks(slate, ("points_avg_last_5", "points_avg_season", "rest_advantage", "pct_three")) == {
            "default"
        }


def test_a_teams_first_four_games_leave_its_record_a_default_and_its_pace_a_proxy() -> None:
    last_season = played([n + 250 for n in REGULAR])
    opponent = played([250 + n for n in REGULAR], team="NYK", player=7)
    for games, record, pace in ((4, "default", "proxy"), (5, "computed", "computed")):
        days = [2 * n for n in range(1, games + 1)]
        rows = last_season + opponent + played(days) + played(days, team="NYK", player=7)
        slate = Slate(rows)
        assert slate.sources[HIM]["team_win_pct"] == record
        assert marks(slate, ("team_pace", "team_off_rating", "opponent_pace", "pace_score")) == {pace}
        assert slate.sources[HIM]["points_avg_season"] == "computed"


# On a back-to-back.


def test_a_back_to_back_is_the_players_and_not_his_teams() -> None:
    slate = Slate(
        together(REGULAR, HIM, 2) + game(1, "BOS", "CHI", {2: 10}),
        roster=((HIM, "BOS"), (2, "BOS")),
        lines=(HIM, 2),
    )
    teams = slate.frames["upcoming_teams"].set_index("team_abbr")
    assert bool(teams.loc["BOS", "is_back_to_back"])
    assert (slate.values[HIM]["back_to_back"], slate.values[2]["back_to_back"]) == (0.0, 1.0)
    assert slate.values[HIM]["fatigue_score"] - slate.values[2]["fatigue_score"] >= 15.0


# The Cup final, and the postseason.

TIRED = {"games_in_last_7_days", "fatigue_score", "rest_advantage", "back_to_back"}


def test_the_cup_final_made_him_tired_and_counts_in_no_statistic() -> None:
    rows = played(REGULAR) + played(REGULAR, team="NYK", player=7)
    final = game(1, "BOS", "NYK", {HIM: 50}, won=True, season_type="cup_final")
    without, with_it = Slate(rows), Slate(rows + final)
    changed = {n for n in FEATURE_NAMES if without.values[HIM][n] != with_it.values[HIM][n]}
    assert changed == TIRED - {"rest_advantage"}  # both teams played it
    assert with_it.values[HIM]["back_to_back"] == 1.0
    assert with_it.values[HIM]["games_vs_opponent"] == 0.0
    cache = with_it.frames["player_cache"].set_index("player_id").loc[HIM]
    assert cache["games_played_season"] == len(REGULAR)
    assert cache["last_game_date"] == pd.Timestamp(ago(1))
    assert with_it.sources[HIM] == without.sources[HIM]
    made = with_it.summaries
    tables = (made["player_games"], made["team_offense"], made["team_defense"])
    assert training_features(*tables, ago(1), ago(1)).empty


def test_a_regular_game_on_that_day_would_have_counted() -> None:
    rows = played(REGULAR) + played(REGULAR, team="NYK", player=7)
    slate = Slate(rows + game(1, "BOS", "NYK", {HIM: 50}, won=True))
    assert slate.values[HIM]["points_avg_last_5"] == 18.0
    assert slate.values[HIM]["games_vs_opponent"] == 1.0
    assert slate.values[HIM]["team_win_pct"] == pytest.approx(1 / 21)


def test_a_cup_final_is_a_game_day_like_any_other() -> None:
    slate = Slate(played(REGULAR), season_type="cup_final")
    assert slate.reason() is None
    assert slate.values[HIM]["playoff_game"] == 0.0
    assert slate.values[HIM]["points_avg_season"] == 10.0


def test_a_playoff_game_is_form_and_no_part_of_the_seasons_average_or_record() -> None:
    rows = played(REGULAR) + game(1, "BOS", "CHI", {HIM: 60}, won=True, season_type="playoffs")
    slate = Slate(rows, season_type="playoffs")
    assert slate.values[HIM]["points_avg_last_5"] == 20.0
    assert slate.values[HIM]["points_avg_season"] == 10.0
    assert slate.values[HIM]["team_win_pct"] == 0.0
    assert slate.values[HIM]["playoff_game"] == 1.0
    assert np.isfinite(slate.values[HIM]["minutes_change"])
