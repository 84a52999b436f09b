"""Faults of box scores, summaries and gradings."""

from __future__ import annotations

from tests.operations.faults import (
    BOX,
    DAY,
    GAME,
    GRADED,
    PLAYER,
    PREDICTED,
    RESULTS,
    SUMMARY,
    TEAM,
    Fault,
    fault,
    off_day,
    on_day,
)

GAME_FAULTS: tuple[Fault, ...] = (
    fault(
        "a game without a box score",
        off_day(BOX, f"game_id = {GAME}"),
        off_day(TEAM, f"game_id = {GAME}"),
        found_by=(
            "final_games_have_box_scores",
            "every_player_game_is_summarised",
            "every_team_game_has_its_offense",
            "every_team_game_has_its_defense",
            "graded_points_equal_the_box_scores",
        ),
    ),
    fault(
        "a box score of one team",
        off_day(TEAM, f"game_id = {GAME} AND is_home"),
        found_by=(
            "final_games_have_box_scores",
            "every_team_game_has_its_offense",
            "every_team_game_has_its_defense",
        ),
    ),
    fault(
        "a box score that no source completed",
        on_day(TEAM, "is_complete = FALSE", f"game_id = {GAME}"),
        found_by=("box_scores_are_complete",),
    ),
    fault(
        "a player lost from a box score",
        off_day(BOX, f"player_id = {PLAYER}"),
        found_by=(
            "player_points_add_up_to_the_team_s",
            "player_minutes_add_up_to_a_game",
            "every_player_game_is_summarised",
            "graded_points_equal_the_box_scores",
        ),
    ),
    fault(
        "points that the shots don't give",
        on_day(BOX, "ftm = ftm + 1", f"player_id = {PLAYER}"),
        found_by=(
            "points_are_2_fgm_3pm_ftm",
            "summaries_equal_the_box_scores",
        ),
    ),
    fault(
        "half a game's minutes",
        on_day(BOX, "minutes = minutes / 2", f"game_id = {GAME}"),
        found_by=("player_minutes_add_up_to_a_game",),
    ),
    fault(
        "a team's points other than the final score",
        on_day(TEAM, "points = points + 2", f"game_id = {GAME}"),
        found_by=(
            "player_points_add_up_to_the_team_s",
            "team_points_equal_the_schedule_s",
        ),
    ),
    fault(
        "a box-score row loaded twice",
        f"INSERT INTO {BOX} SELECT * FROM {BOX} WHERE game_date = {DAY} AND player_id = {PLAYER}",
        found_by=(
            "player_points_add_up_to_the_team_s",
            "a_player_plays_once_a_date",
        ),
    ),
    fault(
        "a player without a summary",
        off_day(SUMMARY, f"player_id = {PLAYER}"),
        found_by=("every_player_game_is_summarised",),
    ),
    fault(
        "a summary of an older box score",
        on_day(SUMMARY, "points = points + 2", f"player_id = {PLAYER}"),
        found_by=("summaries_equal_the_box_scores",),
    ),
    fault(
        "a team without its offense",
        off_day("nba_analytics.team_offense_game_summary", f"game_id = {GAME} AND is_home"),
        found_by=("every_team_game_has_its_offense",),
    ),
    fault(
        "a team without its defense",
        off_day("nba_analytics.team_defense_game_summary", f"game_id = {GAME} AND is_home"),
        found_by=("every_team_game_has_its_defense",),
    ),
    fault(
        "a usage of 140 percent",
        on_day(SUMMARY, "usage_rate = 140", f"player_id = {PLAYER}"),
        found_by=("usage_is_within_0_and_100",),
    ),
    fault("no usage at all", on_day(SUMMARY, "usage_rate = NULL"), found_by=("usage_is_known",)),
    fault(
        "a prediction that was not graded",
        off_day(RESULTS, f"prediction_id = {GRADED}"),
        found_by=(
            "every_active_prediction_is_graded",
            "performance_is_of_all_gradings",
        ),
    ),
    fault(
        "a grading of a prediction that was replaced",
        on_day(PREDICTED, "is_active = FALSE, superseded_by = 'x'", f"prediction_id = {GRADED}"),
        found_by=(
            "nobody_is_missing_without_a_reason",
            "published_equals_stored",
            "gradings_are_of_active_predictions",
        ),
    ),
    fault(
        "graded with other points than he made",
        on_day(RESULTS, "actual_points = actual_points + 4", f"prediction_id = {GRADED}"),
        found_by=(
            "graded_points_equal_the_box_scores",
            "errors_are_predicted_less_actual",
        ),
    ),
    fault(
        "the sign of an error turned round",
        on_day(RESULTS, "signed_error = -signed_error - 1", f"prediction_id = {GRADED}"),
        found_by=("errors_are_predicted_less_actual",),
    ),
    fault(
        "void without a reason",
        on_day(RESULTS, "is_void = TRUE, void_reason = NULL", f"prediction_id = {GRADED}"),
        found_by=("voids_have_reasons",),
    ),
    fault(
        "a system without its figures of the day",
        off_day("nba_predictions.system_daily_performance", "system_id = 'ensemble_v1'"),
        found_by=("performance_is_of_all_gradings",),
    ),
)
