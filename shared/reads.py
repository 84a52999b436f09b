"""The reads that several processors of the registry share."""

from __future__ import annotations

from shared.registry import Read, Window

RESPONSES = Read("responses", "nba_raw.scrape_log", Window.DAY)
PLAYERS = Read("players", "nba_reference.players", Window.UP_TO, 36_500)
SCHEDULE = Read("schedule", "nba_raw.schedule", Window.DAY)
PGS = "nba_analytics.player_game_summary"
TOGS = "nba_analytics.team_offense_game_summary"
TDGS = "nba_analytics.team_defense_game_summary"
UPCOMING_PLAYERS = Read("upcoming_players", "nba_analytics.upcoming_player_game_context", Window.DAY)
UPCOMING_TEAMS = Read("upcoming_teams", "nba_analytics.upcoming_team_game_context", Window.DAY)
PROPS = Read("props", "nba_raw.player_points_props", Window.DAY)
OPENINGS = Read("openings", "nba_raw.player_points_openings", Window.DAY)
FEATURES = Read("features", "nba_predictions.ml_feature_store_v2", Window.DAY)
CACHE = Read("player_cache", "nba_precompute.player_daily_cache", Window.DAY)
SHOT_ZONES = Read("shot_zones", "nba_precompute.player_shot_zone_analysis", Window.DAY)
DEFENSE_ZONES = Read("defense_zones", "nba_precompute.team_defense_zone_analysis", Window.DAY)
SIMILAR = Read("similar", "nba_precompute.player_similar_games", Window.DAY)
WITHHELD = Read("withheld", "nba_predictions.withheld_players", Window.DAY)
PREDICTIONS = Read(
    "predictions", "nba_predictions.player_prop_predictions", Window.DAY,
    columns=(
        "prediction_id", "game_id", "player_id", "player_lookup", "player_name", "team_abbr", "opponent_abbr",
        "is_home", "tip_time", "system_id", "model_id", "feature_version", "feature_quality_score",
        "predicted_points", "predicted_std", "prob_over", "confidence_score", "has_prop_line", "points_line",
        "line_source", "books", "sportsbook", "over_price", "under_price", "line_last_update",
        "recommendation", "reason", "is_active", "as_of", "created_at",
    ),
)  # fmt: skip
"""What is published of a prediction: without its distribution, its reasons and what it was calibrated by."""
ROSTERS = Read("rosters", "nba_raw.rosters", Window.DAY)
MODELS = Read("models", "nba_predictions.ml_models", Window.BEFORE, 36_500)
DECISIONS = Read("decisions", "nba_predictions.model_decisions", Window.UP_TO, 36_500)
QUALITY = Read("quality", "nba_orchestration.quality_results", Window.DAY)
RECENT_TEAM_BOXES = Read(
    "recent_team_boxes", "nba_raw.team_box_scores", Window.BEFORE, 60,
    ("game_date", "game_id", "team_abbr", "is_complete"),
)  # fmt: skip
TEAM_BOX_SCORES = Read("team_box_scores", "nba_raw.team_box_scores", Window.SCOPE)
RESULTS = Read("results", "nba_predictions.prediction_results", Window.SCOPE)
COUNTED = ("game_date", "player_id", "has_prop_line", "recommendation", "is_active")
THREE_YEARS = 1_100
A_SEASON = 400
FORM = (
    "game_date", "game_id", "season", "season_type", "player_id", "player_lookup", "player_name",
    "team_abbr", "opponent_abbr", "is_home", "minutes_played", "points", "fgm", "fga", "fg3m", "fg3a",
    "ftm", "fta", "usage_rate", "points_in_paint",
)  # fmt: skip
"""What a player's form is made of: the same columns for all who read it, so that one reading serves."""
PLAYER_GAMES = Read("player_games", PGS, Window.BEFORE, A_SEASON, FORM)
PLAYER_GAMES_OF_YEARS = Read(
    "player_games", PGS, Window.BEFORE, THREE_YEARS,
    ("game_date", "season", "season_type", "player_id", "opponent_abbr", "is_home", "minutes_played",
     "points", "fga", "ftm", "fta", "usage_rate"),
)  # fmt: skip
"""80,000 rows late in a season: no column more than form and likeness are made of."""
EARLIER_SCHEDULE = Read(
    "earlier_schedule", "nba_raw.schedule", Window.BEFORE, 8, ("snapshot_date", "game_id", "nba_game_id")
)
"""Past mornings' schedules: nba.com's ids of games, where today's is another source's."""
TEAM_GAMES = Read(
    "team_games", "nba_raw.player_box_scores", Window.BEFORE, A_SEASON,
    ("game_date", "player_id", "team_abbr"),
)  # fmt: skip
"""Who played for whom: what tells namesakes apart."""
