"""Faults of slates, features, predictions, documents and statuses."""

from __future__ import annotations

from tests.operations.faults import (
    ACTIVE,
    DAY,
    GAME,
    PREDICTED,
    PREDICTION,
    STATUS,
    STORE,
    TEAM,
    UPCOMING,
    Fault,
    fault,
    off_day,
    on_day,
    withheld,
)

MORNING_FAULTS: tuple[Fault, ...] = (
    fault(
        "a game without its teams' context",
        off_day("nba_analytics.upcoming_team_game_context", f"game_id = {GAME}"),
        found_by=("every_game_has_the_context_of_both_teams",),
    ),
    fault(
        "a team without players",
        off_day(UPCOMING, f"game_id = {GAME} AND is_home"),
        found_by=("every_team_has_players",),
    ),
    fault(
        "lines of half the games",
        off_day(
            "nba_raw.player_points_props",
            f"game_id < (SELECT MEDIAN(h) FROM (SELECT DISTINCT game_id AS h FROM {TEAM}"
            f" WHERE game_date = {DAY}))",
        ),
        found_by=("lines_cover_the_slate",),
    ),
    fault(
        "form that knows the day's own game",
        f"UPDATE nba_precompute.player_daily_cache SET last_game_date = {DAY} WHERE cache_date = {DAY} "
        f"AND player_id = {ACTIVE}",
        found_by=("form_is_of_games_before_the_day",),
    ),
    fault(
        "an eligible player without features",
        off_day(STORE, f"player_id = {ACTIVE}"),
        found_by=(
            "rows_are_as_reported",
            "eligible_players_have_features",
        ),
    ),
    fault(
        "features of the version before",
        on_day(STORE, "feature_version = 'v1_baseline_25'"),
        found_by=("features_are_of_the_version_in_force",),
    ),
    fault(
        "a thirty-fourth value",
        on_day(STORE, "features = list_append(features, 1.0)", f"player_id = {ACTIVE}"),
        found_by=("features_are_in_the_contract_s_order",),
    ),
    fault(
        "a share above one",
        on_day(
            STORE,
            "features = list_transform(features, lambda v, i: CASE WHEN i = 20 THEN 7.0 ELSE v END)",
            f"player_id = {ACTIVE}",
        ),
        found_by=("features_are_within_bounds",),
    ),
    fault(
        "predictions of the version before",
        on_day(PREDICTED, "feature_version = 'v1_baseline_25'", "is_active"),
        found_by=(
            "predictions_are_of_the_version_in_force",
            "published_equals_stored",
        ),
    ),
    fault(
        "a player with a line whom nobody predicted",
        on_day(PREDICTED, "is_active = FALSE, superseded_by = 'x'", f"player_id = {ACTIVE}"),
        found_by=(
            "nobody_is_missing_without_a_reason",
            "published_equals_stored",
            "gradings_are_of_active_predictions",
        ),
    ),
    fault(
        "two active predictions of one system",
        f"INSERT INTO {PREDICTED} SELECT * REPLACE (prediction_id || 'b' AS prediction_id) "
        f"FROM {PREDICTED} WHERE game_date = {DAY} AND prediction_id = {PREDICTION}",
        found_by=(
            "one_active_prediction_each",
            "published_equals_stored",
            "every_active_prediction_is_graded",
        ),
    ),
    fault(
        "a prediction for a game that is not played",
        on_day(PREDICTED, "game_id = '20251129_XXX_YYY'", f"prediction_id = {PREDICTION}"),
        found_by=(
            "nobody_is_missing_without_a_reason",
            "predictions_are_of_the_slate",
            "published_equals_stored",
        ),
    ),
    fault(
        "a prediction made after the tip-off",
        on_day(PREDICTED, "created_at = tip_time + INTERVAL 5 MINUTE", f"prediction_id = {PREDICTION}"),
        found_by=("predictions_were_made_before_tip_off",),
    ),
    fault(
        "ninety points predicted",
        on_day(PREDICTED, "predicted_points = 60.01", f"prediction_id = {PREDICTION}"),
        found_by=(
            "predicted_points_are_within_bounds",
            "published_equals_stored",
        ),
    ),
    fault(
        "the same points for everyone",
        on_day(PREDICTED, "predicted_points = 11.5", "system_id = 'xgboost_v1'"),
        found_by=(
            "predicted_points_differ",
            "published_equals_stored",
        ),
    ),
    fault(
        "a probability of 1.2",
        on_day(PREDICTED, "prob_over = 1.2", f"prediction_id = {PREDICTION}"),
        found_by=(
            "probabilities_are_probabilities",
            "published_equals_stored",
        ),
    ),
    fault(
        "replaced and still active",
        on_day(PREDICTED, "superseded_by = 'x'", f"prediction_id = {PREDICTION}"),
        found_by=("superseded_predictions_are_inactive",),
    ),
    fault(
        "a system that predicted nobody",
        on_day(PREDICTED, "is_active = FALSE, superseded_by = 'x'", "system_id = 'xgboost_v1'"),
        found_by=(
            "nobody_is_missing_without_a_reason",
            "players_with_a_line_are_predicted",
            "published_equals_stored",
            "gradings_are_of_active_predictions",
        ),
    ),
    fault(
        "withheld without a reason",
        withheld("999", "''"),
        found_by=(
            "rows_are_as_reported",
            "withheld_players_have_reasons",
            "published_equals_stored",
        ),
    ),
    fault(
        "withheld and predicted all the same",
        withheld(ACTIVE, "'injured'"),
        found_by=(
            "rows_are_as_reported",
            "withheld_players_are_not_predicted",
            "published_equals_stored",
        ),
    ),
    fault(
        "nothing published",
        off_day("nba_orchestration.published_documents"),
        found_by=("predictions_were_published",),
    ),
    fault("a published file that is gone", found_by=("published_equals_stored",), file="gone"),
    fault("a published file that was edited", found_by=("published_equals_stored",), file="edited"),
)

STATUS_FAULTS: tuple[Fault, ...] = (
    fault("a day that was never run", off_day(STATUS), found_by=("the_day_was_run",)),
    fault(
        "a phase that failed",
        on_day(STATUS, "status = 'failed'", "phase_name = 'publishing' AND processor_name = ''"),
        found_by=("every_phase_completed",),
    ),
    fault(
        "a phase that was never reached",
        off_day(STATUS, "phase_name = 'publishing' AND processor_name = ''"),
        found_by=("every_phase_completed",),
    ),
    fault(
        "running for hours, and nobody there",
        on_day(
            STATUS,
            "status = 'running', updated_at = updated_at - INTERVAL 5 HOUR",
            "phase_name = 'grading' AND processor_name = ''",
        ),
        found_by=("nothing_runs_in_silence",),
    ),
    fault(
        "a completed phase with a processor that failed",
        on_day(STATUS, "status = 'failed'", "processor_name = 'prediction_results'"),
        found_by=("completed_phases_have_completed_processors",),
    ),
    fault(
        "an optional processor that failed",
        on_day(STATUS, "status = 'failed'", "processor_name = 'raw_injuries'"),
        found_by=("optional_processors_completed",),
    ),
    fault(
        "features made again, predictions not",
        on_day(
            STATUS,
            "updated_at = updated_at + INTERVAL 2 DAY",
            "phase_name = 'precompute' AND processor_name = ''",
        ),
        found_by=("phases_follow_their_inputs",),
    ),
    fault(
        "success without rows",
        f"DELETE FROM nba_precompute.player_similar_games WHERE game_date = {DAY}",
        found_by=("rows_are_as_reported",),
    ),
    fault(
        "a request that no source answered",
        on_day("nba_raw.scrape_log", "status = 'failed'", "processor = 'scrape_prop_lines'"),
        found_by=("every_request_was_answered",),
    ),
)
