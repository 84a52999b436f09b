"""What must hold of a date's games once they were brought in: box scores, summaries, gradings.

The run of the day after brings them in. Frames: `final_schedule` (the date's games by the latest
snapshot that shows them), `players`, `teams` (raw box scores), `player_summaries`, `offense`, `defense`,
`predictions`, `results`, `performance`, `next_statuses` (`phase_status` of the day after).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.processor import Frames
from activities.quality.checks import NONE_MAY, Check, Limit, Seen, Skipped, check_where, count_of, keys_of
from activities.quality.properties import (
    TEAM_GAME,
    absent_from,
    active_of,
    final_games,
    impossible_usage,
    incomplete,
    points_unlike_the_shots,
    twice_on_a_date,
    unlike_the_players_sum,
    without_both_teams,
    wrong_error,
)

PLAYERS = "nba_raw.player_box_scores"
TEAMS = "nba_raw.team_box_scores"
SUMMARIES = "nba_analytics.player_game_summary"
RESULTS = "nba_predictions.prediction_results"

SCRAPE_AGAIN = "tipoff retrigger {next} --phase scrape --reason …"
SUMMARISE_AGAIN = "tipoff retrigger {next} --phase analytics --reason …"
GRADE_AGAIN = "tipoff retrigger {next} --phase grading --reason …"

PLAYER_GAME = ["game_id", "player_id"]
WHOLE_MINUTES, FRACTIONAL_MINUTES = 237.0, 239.5
"""A team's minutes of 240 at the least, where a source rounds them and where it doesn't."""

COPIED = ("points", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "turnovers")


def of_played(observe: Callable[[Frames], Seen | Skipped]) -> Callable[[Frames], Seen | Skipped]:
    """The same check, skipped as long as the date's games are not to be expected yet, or there were none."""

    def observed(frames: Frames) -> Seen | Skipped:
        after = frames["next_statuses"]
        done = after.loc[(after["status"] == "completed").to_numpy(dtype=bool), "phase_name"]
        if frames["teams"].empty and not done.isin(["analytics"]).any():
            return Skipped("its games come in with the run of the day after")
        if frames["teams"].empty and frames["final_schedule"].empty:
            return Skipped("no games")
        return observe(frames)

    return observed


def of_graded(observe: Callable[[Frames], Seen | Skipped]) -> Callable[[Frames], Seen | Skipped]:
    """The same check, skipped as long as the date is not to be graded yet, or nothing was predicted."""

    def observed(frames: Frames) -> Seen | Skipped:
        after = frames["next_statuses"]
        done = after.loc[(after["status"] == "completed").to_numpy(dtype=bool), "phase_name"]
        if not done.isin(["grading"]).any():
            return Skipped("graded by the run of the day after")
        if frames["predictions"].empty and frames["results"].empty:
            return Skipped("nothing was predicted")
        return observe(frames)

    return observed


def _unlike(left: pd.DataFrame, right: pd.DataFrame, key: list[str]) -> tuple[str, ...]:
    """Keys that only one of two frames has."""
    lacking = (absent_from(left, right, key), absent_from(right, left, key))
    return tuple(sorted({*keys_of(left, key, lacking[0]), *keys_of(right, key, lacking[1])}))


def finals_have_box_scores(frames: Frames) -> Seen:
    """Final games without a box score of each of their two teams."""
    games = frames["final_schedule"]
    finals = games.loc[final_games(games).to_numpy(dtype=bool), "game_id"]
    return count_of(without_both_teams(finals, frames["teams"]))


def box_scores_complete(frames: Frames) -> Seen:
    """Team box scores that no source could complete."""
    teams = frames["teams"]
    return count_of(keys_of(teams, TEAM_GAME, incomplete(teams)))


def player_points_add_up(frames: Frames) -> Seen:
    """Complete team box scores whose players' points are not the team's."""
    teams = frames["teams"]
    return count_of(keys_of(teams, TEAM_GAME, unlike_the_players_sum(teams, frames["players"])))


def minutes_add_up(frames: Frames) -> Seen:
    """Complete team box scores whose players' minutes are fewer than a game has."""
    sums = frames["players"].groupby(TEAM_GAME).agg(
        minutes=("minutes", "sum"), fractional=("minutes_fractional", "any")
    )  # fmt: skip
    teams = frames["teams"].merge(sums.reset_index(), on=TEAM_GAME, how="left")
    least = np.where(teams["fractional"].eq(True), FRACTIONAL_MINUTES, WHOLE_MINUTES)
    return count_of(keys_of(teams, TEAM_GAME, ~incomplete(teams) & (teams["minutes"].fillna(0.0) < least)))


def points_identity(frames: Frames) -> Seen:
    """Player rows whose points are not 2·FGM + 3PM + FTM."""
    rows = frames["players"]
    return count_of(keys_of(rows, PLAYER_GAME, points_unlike_the_shots(rows)))


def scores_equal_the_schedule(frames: Frames) -> Seen:
    """Team points that are not the final score of the schedule."""
    games, teams = frames["final_schedule"], frames["teams"]
    sides = [
        games[["game_id", f"{side}_team_abbr", f"{side}_score"]].set_axis([*TEAM_GAME, "score"], axis=1)
        for side in ("home", "away")
    ]
    scores = pd.concat(sides).dropna(subset=["score"])
    both = teams[[*TEAM_GAME, "points"]].merge(scores, on=TEAM_GAME)
    return count_of(keys_of(both, TEAM_GAME, both["points"] != both["score"].astype("int64")))


def player_plays_once(frames: Frames) -> Seen:
    """Players with two box-score rows on one date."""
    rows = frames["players"]
    return count_of(keys_of(rows, ["player_id"], twice_on_a_date(rows)))


def every_row_is_summarised(frames: Frames) -> Seen:
    """Player-games of the box scores and of the summaries that the other lacks."""
    return count_of(_unlike(frames["players"], frames["player_summaries"], PLAYER_GAME))


def summaries_equal_box_scores(frames: Frames) -> Seen:
    """Player-games whose summary has other figures than the box score."""
    both = frames["player_summaries"].merge(frames["players"], on=PLAYER_GAME, suffixes=("", "_raw"))
    other: Array = np.zeros(len(both), dtype=bool)
    for column in COPIED:
        other |= (both[column] != both[f"{column}_raw"]).to_numpy(dtype=bool)
    return count_of(keys_of(both, PLAYER_GAME, other))


def _teams_are_summarised(frame: str) -> Callable[[Frames], Seen]:
    def observe(frames: Frames) -> Seen:
        # A game with one team says nothing of a result or a defence, and has no summaries.
        teams = frames["teams"]
        paired = teams.groupby("game_id")["team_abbr"].transform("nunique") == 2
        return count_of(_unlike(teams.loc[paired.to_numpy(dtype=bool)], frames[frame], TEAM_GAME))

    return observe


def usage_within_bounds(frames: Frames) -> Seen:
    """Player-games with a usage outside 0 to 100 percent."""
    rows = frames["player_summaries"]
    return count_of(keys_of(rows, PLAYER_GAME, impossible_usage(rows)))


def usage_is_known(frames: Frames) -> Seen | Skipped:
    """The share of players of complete teams, with a minute or more, whose usage is not known."""
    rows = frames["player_summaries"]
    rows = rows.loc[(rows["is_team_complete"] & (rows["minutes_played"] >= 1)).to_numpy(dtype=bool)]
    if rows.empty:
        return Skipped("no complete box score")
    unknown = rows["usage_rate"].isna()
    return Seen(float(unknown.mean()), keys_of(rows, PLAYER_GAME, unknown))


def every_prediction_is_graded(frames: Frames) -> Seen:
    """Active predictions without a grading."""
    made = active_of(frames["predictions"])
    lost = absent_from(made, frames["results"], ["prediction_id"])
    return count_of(keys_of(made, ["prediction_id"], lost))


def gradings_are_of_active_predictions(frames: Frames) -> Seen:
    """Gradings of predictions that are not active, or not there."""
    results, made = frames["results"], active_of(frames["predictions"])
    return count_of(keys_of(results, ["prediction_id"], absent_from(results, made, ["prediction_id"])))


def graded_points_equal_box_scores(frames: Frames) -> Seen:
    """Gradings with other points than the player made."""
    results = frames["results"].dropna(subset=["actual_points"])
    scored = frames["players"][[*PLAYER_GAME, "points"]]
    both = results.merge(scored, on=PLAYER_GAME, how="left")
    return count_of(keys_of(both, ["prediction_id"], ~both["actual_points"].eq(both["points"]).fillna(False)))


def errors_are_predicted_less_actual(frames: Frames) -> Seen:
    """Gradings whose error is not what was predicted less what happened."""
    results = frames["results"].dropna(subset=["actual_points"])
    return count_of(keys_of(results, ["prediction_id"], wrong_error(results)))


def voids_have_reasons(frames: Frames) -> Seen:
    """Void gradings that don't say why."""
    rows = frames["results"]
    bad = rows["is_void"].astype(bool) & (rows["void_reason"].isna() | (rows["void_reason"] == ""))
    return count_of(keys_of(rows, ["prediction_id"], bad))


def performance_is_of_all_gradings(frames: Frames) -> Seen:
    """Systems whose figures of the day count other gradings than there are."""
    graded = frames["results"].groupby("system_id").size().astype("int64")
    told = frames["performance"].set_index("system_id")["predictions"].astype("int64")
    systems = sorted(set(graded.index) | set(told.index))
    return count_of([s for s in systems if int(graded.get(s, 0)) != int(told.get(s, 0))])


_check = partial(check_where, of_played)


def _graded(name: str, dataset: str, observe: Callable[[Frames], Seen | Skipped]) -> Check:
    return Check(name, dataset, of_graded(observe), GRADE_AGAIN, NONE_MAY)


GAME_CHECKS: tuple[Check, ...] = (
    _check("final_games_have_box_scores", TEAMS, finals_have_box_scores, SCRAPE_AGAIN),
    _check("box_scores_are_complete", TEAMS, box_scores_complete, SCRAPE_AGAIN, None, NONE_MAY),
    _check("player_points_add_up_to_the_team_s", TEAMS, player_points_add_up, SCRAPE_AGAIN),
    _check("player_minutes_add_up_to_a_game", TEAMS, minutes_add_up, SCRAPE_AGAIN),
    _check("points_are_2_fgm_3pm_ftm", PLAYERS, points_identity, SCRAPE_AGAIN),
    _check("team_points_equal_the_schedule_s", TEAMS, scores_equal_the_schedule, SCRAPE_AGAIN),
    _check("a_player_plays_once_a_date", PLAYERS, player_plays_once, SCRAPE_AGAIN),
    _check("every_player_game_is_summarised", SUMMARIES, every_row_is_summarised, SUMMARISE_AGAIN),
    _check("summaries_equal_the_box_scores", SUMMARIES, summaries_equal_box_scores, SUMMARISE_AGAIN),
    _check(
        "every_team_game_has_its_offense", "nba_analytics.team_offense_game_summary",
        _teams_are_summarised("offense"), SUMMARISE_AGAIN,
    ),
    _check(
        "every_team_game_has_its_defense", "nba_analytics.team_defense_game_summary",
        _teams_are_summarised("defense"), SUMMARISE_AGAIN,
    ),
    _check("usage_is_within_0_and_100", SUMMARIES, usage_within_bounds, SUMMARISE_AGAIN),
    _check("usage_is_known", SUMMARIES, usage_is_known, SUMMARISE_AGAIN, Limit(">", 0.25), Limit(">", 0.05)),
    _graded("every_active_prediction_is_graded", RESULTS, every_prediction_is_graded),
    _graded("gradings_are_of_active_predictions", RESULTS, gradings_are_of_active_predictions),
    _graded("graded_points_equal_the_box_scores", RESULTS, graded_points_equal_box_scores),
    _graded("errors_are_predicted_less_actual", RESULTS, errors_are_predicted_less_actual),
    _graded("voids_have_reasons", RESULTS, voids_have_reasons),
    _graded(
        "performance_is_of_all_gradings", "nba_predictions.system_daily_performance",
        performance_is_of_all_gradings,
    ),
)  # fmt: skip
