"""Defects of the old code that made wrong figures: features, predictions and gradings."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from temporalio.exceptions import ApplicationError

from activities.analytics import player_game_summary
from activities.analytics.windows import History, Span
from activities.failures import as_application_errors
from activities.grading import prediction_results
from activities.precompute import form, vectors, zones
from activities.precompute.factors import fatigue_score
from activities.precompute.similar_games import similar_games
from activities.predictions import lines as market_lines
from activities.predictions import prediction_chunk
from activities.predictions.systems import moving_average, zone_matchup
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_COUNT
from tests.analytics.raw_frames import hand_frame, hand_player, summaries_of, team_box_scores
from tests.grading.test_grading import bet, grade, played
from tests.incidents.hand import DATES, D, feature_of, games, hand_morning, predicted
from tests.incidents.incident import latent_defect
from tests.predictions.tables import (
    FEATURE_STORE,
    feature_row,
    frame,
    inputs_row,
    prop_row,
    upcoming_row,
    vector,
)


def _sign_inverted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = form.recent_trend
    monkeypatch.setattr(form, "recent_trend", lambda games, window: -right(games, window))


@latent_defect(
    "recent_trend had its sign inverted: older games less recent ones",
    prevented="The trend is the latest three games less the two before: positive is rising",
    fix_out=_sign_inverted, fails_with="assert -2.0 == 2.0",
)  # fmt: skip
def test_defect_a_rising_player_has_a_positive_trend() -> None:
    newest_first = (20, 20, 20, 10, 10)
    rows = [hand_player(D - timedelta(days=n), 1, points=p) for n, p in enumerate(newest_first, 1)]
    known = summaries_of(hand_frame(rows), team_box_scores(hand_frame(rows)))
    target = pd.DataFrame(
        {"player_id": [1], "team_abbr": ["BOS"], "opponent_abbr": ["NYK"], "season": ["2024-25"],
         "game_date": [pd.Timestamp(D)]}
    )  # fmt: skip
    trend = form.player_form(known["player_games"], known["team_offense"], target)["recent_trend"]
    assert float(trend.iloc[0]) == 2.0


@latent_defect(
    "No vector could have a quality above 84.27, so the best tier stayed empty",
    prevented="A vector whose 33 values are all computed has quality 100 and is gold",
    fix_out=lambda patch: patch.setitem(vectors.SOURCE_WEIGHTS, "computed", 84.27),
    fails_with="'silver') == (100.0, 'gold')",
)  # fmt: skip
def test_defect_a_vector_computed_whole_is_gold() -> None:
    score = float(vectors.quality_scores(pd.DataFrame([["computed"] * FEATURE_COUNT]))[0])
    assert (score, vectors.quality_tier(score)) == (100.0, "gold")


def _null_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    right = zones.ratio
    monkeypatch.setattr(zones, "ratio", lambda above, below: np.nan_to_num(right(above, below)))


@latent_defect(
    "Shot zones that nobody knew became 0.0",
    prevented="An unknown share is NULL in its table, and in the vector the contract's default, marked so",
    fix_out=_null_is_zero, fails_with="False",
)  # fmt: skip
def test_defect_a_share_that_is_not_known_is_null_and_no_zero() -> None:
    shotless: dict[str, object] = {"fgm": 0, "fga": 0, "fg3m": 0, "fg3a": 0, "points": 1}
    frames = hand_morning(p8=shotless)
    assert frames["shot_zones"].set_index("player_id")["pct_paint"].isna()[8]
    assert feature_of(frames, 8, "pct_paint") == (0.46, "default")
    assert feature_of(frames, 1, "pct_paint")[1] == "proxy"


def _lines_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    right = prediction_chunk.prediction_id

    def prediction_id(game: str, player: int, system: str, line: float | None) -> str:
        return right(game, player, system, None if line is None else int(line + 0.5))

    monkeypatch.setattr(prediction_chunk, "prediction_id", prediction_id)


@latent_defect(
    "The key of a prediction cast its line to INT64, so that 24.5 and 25 were one",
    prevented="A prediction's id is made of its line to the tenth",
    fix_out=_lines_rounded, fails_with="assert 1 == 2",
)  # fmt: skip
def test_defect_a_line_of_24_5_and_one_of_25_are_two_predictions() -> None:
    ids = {predicted([upcoming_row(1, line=line)], [])["prediction_id"].iloc[0] for line in (24.5, 25.0)}
    assert len(ids) == 2


def _twenty_is_a_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    right = prediction_chunk.market_of

    def market_of(players: pd.DataFrame, offers: dict[tuple[str, int], market_lines.Quote]) -> object:
        return right(players.assign(points_line=players["points_line"].replace(20.0, np.nan)), offers)

    monkeypatch.setattr(prediction_chunk, "market_of", market_of)


@latent_defect(
    "A book's own line of 20.0 was taken for a placeholder: error 500, and retried without end",
    prevented="No value stands for a missing line; a line of 20 is predicted as any other",
    fix_out=_twenty_is_a_placeholder, fails_with="'estimated'",
)  # fmt: skip
def test_defect_a_line_of_20_is_a_line() -> None:
    row = predicted([upcoming_row(1, line=20.0)], [prop_row(1, line=20.0)]).iloc[0]
    assert (row["line_source"], row["points_line"], row["over_price"]) == ("actual_prop", 20.0, 1.87)
    assert row["recommendation"] in ("OVER", "UNDER", "PASS")


@latent_defect(
    "A vector out of bounds (a fatigue of -2) counted as a passing fault, and was retried without end",
    prevented="A vector that breaks the contract is an error that no retry mends, and it names the player",
    fix_out=lambda patch: patch.setattr(FeatureContractViolation, "non_retryable", False),
    fails_with="assert False",
)  # fmt: skip
def test_defect_a_vector_out_of_bounds_is_not_tried_again() -> None:
    tired = frame(FEATURE_STORE, [feature_row(1, features=vector(fatigue_score=-2.0))])
    said = r"player1 in \w+: fatigue_score is -2"
    with pytest.raises(ApplicationError, match=said) as refused, as_application_errors():
        prediction_chunk.feature_matrix(tired)
    assert refused.value.type == "FeatureContractViolation"
    assert refused.value.non_retryable


@latent_defect(
    "Several lines on one player shared one stored line",
    prevented="A prediction holds its own line, and prices and book of exactly that line",
    fix_out=lambda patch: patch.setattr(market_lines, "_SAME_LINE", 5.0), fails_with="'draftkings'",
)  # fmt: skip
def test_defect_each_prediction_has_the_price_of_its_own_line() -> None:
    props = [prop_row(1, "fanduel", 24.5, 1.87, 1.95), prop_row(1, "draftkings", 22.5, 1.6, 2.3)]
    rows = [predicted([upcoming_row(1, line=line)], props).iloc[0] for line in (24.5, 22.5)]
    assert [(r["points_line"], r["sportsbook"], r["under_price"]) for r in rows] == [
        (24.5, "fanduel", 1.95),
        (22.5, "draftkings", 2.3),
    ]


def _later_games_too(monkeypatch: pytest.MonkeyPatch) -> None:
    right = History.before

    def before(self: History, targets: pd.DataFrame, days: int, *, skip: int = 0) -> Span:
        later = targets.assign(game_date=targets["game_date"] + pd.Timedelta(days=30))
        return Span(right(self, targets, days, skip=skip).start, right(self, later, days, skip=skip).end)

    monkeypatch.setattr(History, "before", before)


@latent_defect(
    "Similar games were looked for among games that had not been played yet",
    prevented="What is before a morning is decided in one place, and the date itself is never in it",
    fix_out=_later_games_too, fails_with="== [15.0",
)  # fmt: skip
def test_defect_similar_games_are_of_the_past() -> None:
    target = pd.DataFrame(
        {"player_id": [1], "opponent_abbr": ["NYK"], "is_home": [True], "game_date": [pd.Timestamp(D)]}
    )
    later = (*DATES, D, D + timedelta(days=2), D + timedelta(days=4))
    found = [
        similar_games(known["player_games"], known["team_defense"], target).iloc[0].tolist()
        for known in (games(DATES), games(later))
    ]
    assert found[0][0] > 0
    assert found[0] == found[1]


def _upside_down(monkeypatch: pytest.MonkeyPatch) -> None:
    right = zone_matchup.column

    def column(inputs: pd.DataFrame, name: str, *fallback: object) -> object:
        values = right(inputs, name, *fallback)
        return 100.0 - values if name == "fatigue_score" else values

    monkeypatch.setattr(zone_matchup, "column", column)


@latent_defect(
    "One system read a fatigue of 100 as tired, another as fresh",
    prevented="100 is fresh in the contract, in the score and in every system that reads it",
    fix_out=_upside_down, fails_with="zone_matchup_v1",
)  # fmt: skip
def test_defect_a_tired_player_is_predicted_fewer_points_by_every_system_that_asks() -> None:
    load = {"days_rest": 1, "is_back_to_back": [False, True], "games_in_last_7_days": 3,
            "minutes_in_last_7_days": 90, "avg_minutes_last_7_games": 30.0,
            "back_to_backs_last_14_days": [0, 2]}  # fmt: skip
    fresh, tired = fatigue_score(pd.DataFrame(load).astype({"days_rest": "Int64"}))
    assert (fresh, tired) == (100.0, 73.0)
    for system in (moving_average.MovingAverage(), zone_matchup.ZoneMatchup()):
        rested, worn = (
            float(system.predict(inputs_row(fatigue_score=score), {})["predicted_mean"].iloc[0])
            for score in (100.0, 20.0)
        )
        assert worn < rested, system.system_id


def _push_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    right = prediction_results.graded

    def graded(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
        rows = right(frames)
        push = rows["outcome"] == "push"
        return rows.assign(
            outcome=rows["outcome"].mask(push, "over"),
            prediction_correct=rows["prediction_correct"].mask(push, rows["recommendation"] == "OVER"),
        )

    monkeypatch.setattr(prediction_results, "graded", graded)


@latent_defect(
    "A push was counted as OVER",
    prevented="Points equal to the line are a push: neither right nor wrong, and no figure counts it",
    fix_out=_push_is_over, fails_with="'over'",
)  # fmt: skip
def test_defect_a_push_is_neither_over_nor_under() -> None:
    row = grade(bet("OVER", line=25.0), [played(1, 25)]).iloc[0]
    assert row["outcome"] == "push"
    assert pd.isna(row["prediction_correct"])


def _without_overtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_game_summary, "game_minutes", lambda overtimes: 48 + 0 * overtimes)


@latent_defect(
    "Usage took every game for 48 minutes, and so was 9 % low after an overtime",
    prevented="Usage is of the game's real length, overtimes from the team's minutes",
    fix_out=_without_overtime, fails_with="18.1",
)  # fmt: skip
def test_defect_five_who_share_an_overtime_game_have_a_fifth_of_the_usage_each() -> None:
    rows = [hand_player(D, n, minutes=53.0, fga=10, fgm=5, points=10) for n in range(1, 6)]
    players = hand_frame(rows)
    summaries = summaries_of(players, team_box_scores(players))["player_games"]
    assert summaries["usage_rate"].round(2).tolist() == [20.0] * 5
