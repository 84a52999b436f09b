"""Phase 6, `prediction_results`: active predictions against what happened.

A bet is void where a sportsbook would void it: the game was postponed, or the player did not play. A
prediction made at or after tip-off is void because it is not one. A game without a complete box score is
not graded but says so; it is graded when the box score is there. A push is neither right nor wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "prediction_id": "str", "game_id": "str", "player_id": "int64",
    "player_name": "str", "system_id": "str", "predicted_points": "float64",  "prob_over": "float64",
    "confidence_score": "float64", "recommendation": "str", "points_line": "float64",
    "sportsbook": "object", "over_price": "float64", "under_price": "float64",
    "line_last_update": "datetime64[us, UTC]", "actual_points": "Int64", "actual_minutes": "Int64",
    "signed_error": "float64", "absolute_error": "float64", "outcome": "str",
    "prediction_correct": "boolean", "is_void": "bool", "void_reason": "object",
    "predicted_mean": "float64", "raw_prob_over": "float64", "market_prob_over": "float64",
    "market_mean": "float64",
}  # fmt: skip

POSTPONED = "postponed"
CREATED_AFTER_TIP = "created_after_tip"
NO_BOX_SCORE = "no_box_score"
DID_NOT_PLAY = "did_not_play"

TEAMS_IN_A_GAME = 2


def complete_games(team_box_scores: pd.DataFrame) -> set[str]:
    """Games with complete box scores of both teams."""
    complete = team_box_scores.loc[team_box_scores["is_complete"].to_numpy(dtype=bool)]
    teams = complete.groupby("game_id")["team_abbr"].nunique()
    return set(teams.index[teams >= TEAMS_IN_A_GAME])


def postponed_games(predicted: pd.DataFrame, schedule: pd.DataFrame) -> set[str]:
    """Predicted games that the present schedule calls postponed, or has moved to another date.

    A game's key holds its date: one that was moved is there under another key, and its old date is still
    covered by the schedule's other games.
    """
    marked = set(schedule.loc[schedule["is_postponed"].to_numpy(dtype=bool), "game_id"])
    covered = set(schedule["game_date"])
    moved = predicted.loc[
        predicted["game_date"].isin(covered).to_numpy(dtype=bool)
        & ~predicted["game_id"].isin(schedule["game_id"]).to_numpy(dtype=bool)
    ]
    return marked | set(moved["game_id"])


def _void_reasons(rows: pd.DataFrame, frames: Frames) -> pd.Series:
    """Why a prediction is not graded; None where it is. The first reason that holds counts."""
    complete = complete_games(frames["team_box_scores"])
    box = rows["game_id"].isin(complete).to_numpy(dtype=bool)
    # A box score is proof that it was played, whatever an old schedule says.
    postponed = rows["game_id"].isin(postponed_games(rows, frames["schedule"])).to_numpy(dtype=bool) & ~box
    made = rows[["as_of", "created_at"]].max(axis=1)
    late = (rows["tip_time"].notna() & (made >= rows["tip_time"])).to_numpy(dtype=bool)
    absent = rows["points"].isna().to_numpy(dtype=bool)
    chosen = np.select(
        [postponed, late, ~box, absent],
        [POSTPONED, CREATED_AFTER_TIP, NO_BOX_SCORE, DID_NOT_PLAY],
        default="",
    )
    return pd.Series([reason or None for reason in chosen.tolist()], index=rows.index, dtype="object")


def graded(frames: Frames) -> pd.DataFrame:
    """One row per active prediction, with its outcome. Line, price and book are the prediction's own."""
    predictions = frames["predictions"]
    rows = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)].reset_index(drop=True)
    played = frames["player_games"][["game_id", "player_id", "points", "minutes_played"]]
    # A row with 0 minutes is a player who appeared for under 30 seconds: his bet stands.
    rows = rows.merge(played, on=["game_id", "player_id"], how="left", validate="m:1")
    reasons = _void_reasons(rows, frames)
    void = reasons.notna()
    points = rows["points"].astype("Int64").mask(void)
    minutes = rows["minutes_played"].astype("Int64").mask(void)
    actual = points.to_numpy(dtype=np.float64, na_value=np.nan)
    line = rows["points_line"].to_numpy(dtype=np.float64)
    outcome = np.select(
        [void.to_numpy(), np.isnan(line), actual > line, actual < line],
        ["void", "no_line", "over", "under"],
        default="push",
    )
    bet = rows["recommendation"].isin(["OVER", "UNDER"]).to_numpy(dtype=bool)
    decided = bet & np.isin(outcome, ["over", "under"])
    right = pd.Series(rows["recommendation"].str.lower().to_numpy() == outcome, dtype="boolean")
    error = np.round(rows["predicted_points"].to_numpy(dtype=np.float64) - actual, 2)
    rows = rows.assign(
        actual_points=points,
        actual_minutes=minutes,
        signed_error=error,
        absolute_error=np.abs(error),
        outcome=outcome,
        prediction_correct=right.mask(~decided),
        is_void=void,
        void_reason=reasons,
    )
    return shaped(rows.sort_values(["game_date", "prediction_id"]), COLUMNS)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Grades the dates of the scope; a date without predictions has no rows."""
    rows = graded(frames)
    progress(len(rows), len(rows))
    bets = rows["prediction_correct"].dropna()
    facts = {
        "graded": int((~rows["is_void"]).sum()),
        "void": int(rows["is_void"].sum()),
        "pushes": int((rows["outcome"] == "push").sum()),
        "decided": len(bets),
        "correct": int(bets.sum()),
    }
    waiting = rows.loc[(rows["void_reason"] == NO_BOX_SCORE).to_numpy(dtype=bool), "game_id"].unique()
    warnings = tuple(f"{game} has no complete box score: not graded yet" for game in sorted(waiting))
    return Output(rows, context.dates, warnings, facts)
