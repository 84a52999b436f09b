"""The gates of the registry: the processors that check what a phase made before the next one relies on it.

Each writes its results into a slice of `nba_orchestration.quality_results`. Their checks are in
`activities/quality/`, one module a gate.
"""

from __future__ import annotations

from shared import reads
from shared.registry import Processor, Read, Window

_PARTIAL = ("game_date", "game_id", "team_abbr", "points", "is_complete", "incomplete_reason")


def _gate(name: str, module: str, *inputs: Read, after: tuple[str, ...]) -> Processor:
    return Processor(
        name, f"activities.quality.{module}:process", "nba_orchestration.quality_results",
        ("game_date", "checked_by", "dataset", "check_name"), "game_date",
        reads=inputs, after=after, slice_column="checked_by", gate=True,
    )  # fmt: skip


SCRAPE = _gate(
    "scrape_quality", "scrape", reads.RESPONSES,
    after=("scrape_schedule", "scrape_box_scores", "scrape_prop_lines", "scrape_injuries", "scrape_rosters"),
)  # fmt: skip
RAW = _gate(
    "raw_quality", "raw", reads.SCHEDULE, reads.PROPS, reads.RESPONSES,
    Read("player_box_scores", "nba_raw.player_box_scores", Window.SCOPE),
    Read("recent_team_boxes", "nba_raw.team_box_scores", Window.BEFORE, 8, _PARTIAL),
    after=("raw_schedule", "raw_player_box_scores", "raw_team_box_scores", "raw_prop_lines"),
)  # fmt: skip
ANALYTICS = _gate(
    "analytics_quality", "analytics", reads.SCHEDULE, reads.UPCOMING_PLAYERS,
    Read("player_games", reads.PGS, Window.SCOPE),
    Read("box_score_keys", "nba_raw.player_box_scores", Window.SCOPE,
         columns=("game_date", "game_id", "player_id")),
    after=("player_game_summary", "upcoming_player_game_context"),
)  # fmt: skip
PRECOMPUTE = _gate(
    "feature_store_quality", "feature_store", reads.FEATURES, reads.UPCOMING_PLAYERS, reads.CACHE,
    after=("ml_feature_store_v2",),
)  # fmt: skip
PREDICTIONS = _gate(
    "prediction_quality", "predictions", reads.FEATURES, after=("prediction_chunk",),
)  # fmt: skip
"""Stands before the consolidation: what it refuses never becomes current."""

GRADING = _gate(
    "grading_quality", "grading", reads.RESULTS,
    Read("predictions", "nba_predictions.player_prop_predictions", Window.SCOPE,
         columns=("game_date", "prediction_id", "game_id", "player_id", "system_id", "is_active")),
    after=("prediction_results",),
)  # fmt: skip
PUBLISHING = _gate(
    "publishing_quality", "publishing", reads.PREDICTIONS, reads.WITHHELD, reads.QUALITY,
    Read("documents", "nba_orchestration.published_documents", Window.DAY),
    after=("published_documents",),
)  # fmt: skip
