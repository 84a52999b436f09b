"""What became of the lines of an evaluation, on a table that can be counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from activities.evaluation.voids import absent_players, outcomes, outcomes_of_lines
from activities.evaluation.walk_forward import segments
from activities.precompute.training_features import training_features
from activities.predictions.systems import SYSTEM_IDS
from shared.features import FEATURE_NAMES
from tests.evaluation.test_canaries import DAY, Tables, season

__all__ = ["season"]

GAME, OFF, EARLIER = "20250110_LAC_PHX", "20250111_HOU_ATL", "20241001_LAC_PHX"

LINES = pd.DataFrame(
    [
        (GAME, 1, 20.5, "PHX"),  # scored 25
        (GAME, 2, 10.0, "PHX"),  # scored 10: a push
        (GAME, 3, 8.5, "LAC"),  # listed, 0 minutes
        (GAME, 4, 9.5, "PHX"),  # no row at all
        (GAME, 5, 7.5, "LAC"),  # played, but too new to be predicted
        (GAME, 6, 6.5, None),  # a name that nobody could be found for
        (OFF, 7, 15.5, "ATL"),  # the game was postponed
        (OFF, 9, 15.5, "UTA"),  # and he had just been traded
        (EARLIER, 8, 15.5, "PHX"),  # of the run-in
    ],
    columns=["game_id", "player_id", "points_line", "team_abbr"],
)
PROPS = LINES.loc[LINES["game_id"] != EARLIER].assign(resolution="name")
PROPS["game_date"] = pd.to_datetime(PROPS["game_id"].str[:8])
PROPS.loc[PROPS["player_id"] == 6, "resolution"] = "unresolved"
PLAYED = pd.DataFrame(
    [(GAME, 1, 25, 30), (GAME, 2, 10, 20), (GAME, 3, 0, 0), (GAME, 5, 3, 9), (EARLIER, 8, 1, 9)],
    columns=["game_id", "player_id", "points", "minutes_played"],
)


def test_every_line_is_covered_void_or_accounted_for_in_all_and_by_system() -> None:
    said = {f"{name}.points": 15.0 for name in SYSTEM_IDS} | {f"{name}.call": "PASS" for name in SYSTEM_IDS}
    finished = LINES.loc[LINES["player_id"].isin([1, 2, 3, 4, 7, 8]), ["game_id", "player_id"]].assign(**said)
    first = SYSTEM_IDS[0]
    finished.loc[finished["player_id"].isin([1, 2, 4]), f"{first}.call"] = "OVER"
    finished.loc[finished["player_id"] == 1, f"{first}.points"] = float("nan")
    found = outcomes_of_lines(outcomes(LINES, PROPS, PLAYED), finished)
    assert found["void"] == {"did_not_play": 2, "postponed": 2, "push": 1}
    assert found["coverage"] == {"lines": 8, "played": 3, "predicted": 1, "unresolved_names": 1}
    void = {"did_not_play": 2, "postponed": 1, "push": 1}
    assert found["by_system"][SYSTEM_IDS[1]] == {
        "predicted": 5, "covered": 2, "coverage": 0.6667, "void": void,
        "void_bets": {"did_not_play": 0, "postponed": 0, "push": 0},
    }  # fmt: skip
    assert found["by_system"][first] == {
        "predicted": 4, "covered": 1, "coverage": 0.3333, "void": void,
        "void_bets": {"did_not_play": 1, "postponed": 0, "push": 1},
    }  # fmt: skip


def test_who_had_a_line_and_did_not_play_is_predicted_for_the_team_he_was_in() -> None:
    found = absent_players(LINES, PROPS, PLAYED)
    assert found[["player_id", "team_abbr", "opponent_abbr", "is_home", "season"]].to_numpy().tolist() == [
        [3, "LAC", "PHX", False, "2024-25"],
        [4, "PHX", "LAC", True, "2024-25"],
        [7, "ATL", "HOU", True, "2024-25"],
    ]


def test_a_player_who_did_not_play_has_the_features_of_his_morning_and_changes_no_one_elses(
    season: Tables,
) -> None:
    games, offense, defense = season
    absent = games.loc[((games["game_date"] == pd.Timestamp(DAY)) & (games["player_id"] == 3))]
    rest = games.drop(absent.index)
    day, last = DAY, DAY + timedelta(days=2)
    played = training_features(games, offense, defense, day, last)
    described = training_features(rest, offense, defense, day, last, absent)
    him = described.loc[described["points"].isna()]
    assert (him["player_id"].tolist(), him["minutes_played"].isna().all()) == ([3], True)
    his = (played["player_id"] == 3) & (played["game_date"] == pd.Timestamp(DAY))
    assert (
        him[[*FEATURE_NAMES]].to_numpy().tobytes() == played.loc[his, [*FEATURE_NAMES]].to_numpy().tobytes()
    )
    without = training_features(rest, offense, defense, day, last)
    others = described.loc[described["points"].notna(), [*FEATURE_NAMES]]
    assert others.to_numpy().tobytes() == without[[*FEATURE_NAMES]].to_numpy().tobytes()


def test_a_date_whose_only_games_were_postponed_makes_no_segment() -> None:
    days = pd.to_datetime(["2025-01-10", "2025-01-11"])
    rows = pd.DataFrame({"game_date": days, "points": [12.0, float("nan")]})
    found = segments(rows, date(2025, 1, 10), date(2025, 1, 11))
    assert [(s.first, s.last) for s in found] == [(date(2025, 1, 10), date(2025, 1, 10))]
