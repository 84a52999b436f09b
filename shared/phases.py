"""The registry: which processors exist, in what order, and what each reads and writes.

Static data, read by the workflows, the worker, the command line, the docs and the validators alike. A
processor is found by its exact name in this table and in no other way.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from shared import gates, reads
from shared.errors import BadRequest
from shared.registry import Phase, Processor, Read, Window, WriteMode

_LOG = ("game_date", "processor", "request")


def _scraper(
    name: str, module: str, *inputs: Read, after: tuple[str, ...] = (), required: bool = True
) -> Processor:
    return Processor(
        name, f"activities.scrape.{module}:process", "nba_raw.scrape_log", _LOG, "game_date",
        reads=inputs, after=after, required=required, slice_column="processor", retry="upstream",
    )  # fmt: skip


PHASES: tuple[Phase, ...] = (
    Phase(
        1, "scrape", "Fetch every response the day needs and store it as received", (),
        (
            _scraper("scrape_schedule", "schedule"),
            _scraper(
                "scrape_box_scores", "box_scores", reads.RESPONSES, reads.EARLIER_SCHEDULE,
                Read("known_games", "nba_raw.team_box_scores", Window.BEFORE, 14),
                Read("known_players", "nba_raw.player_box_scores", Window.BEFORE, 2),
                after=("scrape_schedule",),
            ),
            _scraper("scrape_prop_lines", "prop_lines", reads.RESPONSES, after=("scrape_schedule",)),
            _scraper("scrape_injuries", "injuries", required=False),
            _scraper("scrape_rosters", "rosters", reads.RESPONSES, after=("scrape_schedule",)),
            gates.SCRAPE,
        ),
    ),
    Phase(
        2, "raw", "Parse the stored responses into typed rows; resolve players and teams", ("scrape",),
        (
            Processor(
                "raw_schedule", "activities.raw.schedule:process", "nba_raw.schedule",
                ("snapshot_date", "game_id"), "snapshot_date", (reads.RESPONSES, reads.EARLIER_SCHEDULE),
            ),
            Processor(
                "raw_players", "activities.raw.players:process", "nba_reference.players",
                ("registered_on", "player_id"), "registered_on",
                (reads.RESPONSES, Read("players", "nba_reference.players", Window.BEFORE, 36_500), reads.TEAM_GAMES),
            ),
            Processor(
                "raw_player_box_scores", "activities.raw.player_box_scores:process", "nba_raw.player_box_scores",
                ("game_date", "game_id", "player_id"), "game_date",
                (reads.RESPONSES, reads.PLAYERS, reads.TEAM_GAMES,
                 Read("present", "nba_raw.player_box_scores", Window.SCOPE)),
                after=("raw_players",),
            ),
            Processor(
                "raw_team_box_scores", "activities.raw.team_box_scores:process", "nba_raw.team_box_scores",
                ("game_date", "game_id", "team_abbr"), "game_date",
                (reads.RESPONSES, reads.PLAYERS, reads.TEAM_GAMES), after=("raw_players",),
            ),
            Processor(
                "raw_rosters", "activities.raw.rosters:process", "nba_raw.rosters",
                ("roster_date", "team_abbr", "player_id"), "roster_date",
                (reads.RESPONSES, reads.PLAYERS, reads.TEAM_GAMES), after=("raw_players",),
            ),
            Processor(
                "raw_prop_lines", "activities.raw.prop_lines:process", "nba_raw.player_points_props",
                ("game_date", "game_id", "player_id", "bookmaker", "points_line"), "game_date",
                (
                    reads.RESPONSES, reads.PLAYERS, reads.ROSTERS,
                    Read("recent_box_scores", "nba_raw.player_box_scores", Window.BEFORE, 60,
                         ("game_date", "player_id", "team_abbr")),
                ),
                after=("raw_players", "raw_rosters"),
            ),
            Processor(
                "raw_prop_openings", "activities.raw.prop_openings:process", "nba_raw.player_points_openings",
                ("game_date", "game_id", "player_id"), "game_date", (reads.PROPS, reads.OPENINGS),
                after=("raw_prop_lines",), required=False,
            ),
            Processor(
                "raw_injuries", "activities.raw.injuries:process", "nba_raw.injury_report",
                ("report_date", "player_id"), "report_date",
                (reads.RESPONSES, reads.PLAYERS, reads.TEAM_GAMES), after=("raw_players",), required=False,
            ),
            gates.RAW,
        ),
    ),
    Phase(
        3, "analytics", "Summarise games; set the context of the coming ones", ("raw",),
        (
            Processor(
                "team_offense_game_summary", "activities.analytics.team_offense_game_summary:process", reads.TOGS,
                ("game_date", "game_id", "team_abbr"), "game_date",
                (reads.TEAM_BOX_SCORES,),
            ),
            Processor(
                "team_defense_game_summary", "activities.analytics.team_defense_game_summary:process", reads.TDGS,
                ("game_date", "game_id", "team_abbr"), "game_date",
                (reads.TEAM_BOX_SCORES,),
            ),
            Processor(
                "player_game_summary", "activities.analytics.player_game_summary:process", reads.PGS,
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    Read("player_box_scores", "nba_raw.player_box_scores", Window.SCOPE),
                    reads.TEAM_BOX_SCORES,
                ),
            ),
            Processor(
                "upcoming_team_game_context", "activities.analytics.upcoming_team_game_context:process",
                "nba_analytics.upcoming_team_game_context",
                ("game_date", "game_id", "team_abbr"), "game_date",
                (reads.SCHEDULE, Read("team_offense", reads.TOGS, Window.BEFORE, reads.A_SEASON),
                 Read("team_defense", reads.TDGS, Window.BEFORE, reads.A_SEASON)),
                after=("team_offense_game_summary", "team_defense_game_summary"),
            ),
            Processor(
                "upcoming_player_game_context", "activities.analytics.upcoming_player_game_context:process",
                "nba_analytics.upcoming_player_game_context",
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    reads.SCHEDULE, reads.PROPS, reads.OPENINGS, reads.UPCOMING_TEAMS, reads.PLAYERS, reads.ROSTERS,
                    Read("injuries", "nba_raw.injury_report", Window.DAY),
                    Read("standing", "nba_analytics.upcoming_player_game_context", Window.DAY),
                    reads.PLAYER_GAMES,
                ),
                after=("player_game_summary", "upcoming_team_game_context"),
            ),
            gates.ANALYTICS,
        ),
    ),
    Phase(
        4, "precompute", "Composite factors, shot zones, player daily cache, the feature store", ("analytics",),
        (
            Processor(
                "team_defense_zone_analysis", "activities.precompute.team_defense_zone_analysis:process",
                "nba_precompute.team_defense_zone_analysis",
                ("analysis_date", "team_abbr"), "analysis_date",
                (Read("team_defense", reads.TDGS, Window.BEFORE, reads.A_SEASON),),
            ),
            Processor(
                "player_shot_zone_analysis", "activities.precompute.player_shot_zone_analysis:process",
                "nba_precompute.player_shot_zone_analysis",
                ("analysis_date", "player_id"), "analysis_date",
                (reads.UPCOMING_PLAYERS, reads.PLAYER_GAMES),
            ),
            Processor(
                "player_daily_cache", "activities.precompute.player_daily_cache:process",
                "nba_precompute.player_daily_cache",
                ("cache_date", "player_id"), "cache_date",
                (reads.UPCOMING_PLAYERS, reads.PLAYER_GAMES_OF_YEARS,
                 Read("team_offense", reads.TOGS, Window.BEFORE, reads.A_SEASON)),
            ),
            Processor(
                "player_similar_games", "activities.precompute.player_similar_games:process",
                "nba_precompute.player_similar_games",
                ("game_date", "player_id"), "game_date",
                (reads.UPCOMING_PLAYERS, reads.PLAYER_GAMES_OF_YEARS,
                 Read("team_defense", reads.TDGS, Window.BEFORE, reads.THREE_YEARS)),
            ),
            Processor(
                "system_calibration", "activities.predictions.system_calibration:process",
                "nba_predictions.system_calibration",
                ("game_date", "system_id"), "game_date",
                (
                    Read("results", "nba_predictions.prediction_results", Window.BEFORE, reads.A_SEASON,
                         ("game_date", "game_id", "player_id", "system_id", "is_void", "outcome", "actual_points",
                          "raw_prob_over", "market_prob_over", "predicted_mean", "market_mean")),
                ),
            ),
            Processor(
                "player_composite_factors", "activities.precompute.player_composite_factors:process",
                "nba_precompute.player_composite_factors",
                ("game_date", "player_id"), "game_date",
                (
                    reads.UPCOMING_PLAYERS, reads.UPCOMING_TEAMS, reads.CACHE, reads.SHOT_ZONES, reads.DEFENSE_ZONES,
                ),
                after=("player_daily_cache", "player_shot_zone_analysis", "team_defense_zone_analysis"),
            ),
            Processor(
                "ml_feature_store_v2", "activities.precompute.ml_feature_store_v2:process",
                "nba_predictions.ml_feature_store_v2",
                ("game_date", "player_id"), "game_date",
                (
                    reads.UPCOMING_PLAYERS, reads.UPCOMING_TEAMS, reads.PROPS, reads.CACHE, reads.SHOT_ZONES, reads.DEFENSE_ZONES,
                    Read("composite", "nba_precompute.player_composite_factors", Window.DAY),
                    reads.RECENT_TEAM_BOXES, reads.SCHEDULE,
                ),
                after=("player_composite_factors",),
            ),
            gates.PRECOMPUTE,
        ),
    ),
    Phase(
        5, "predictions", "Every system on every player; staged, then consolidated", ("precompute",),
        (
            Processor(
                "prediction_chunk", "activities.predictions.prediction_chunk:process",
                "nba_predictions.player_prop_predictions",
                ("game_date", "prediction_id"), "game_date",
                (
                    reads.FEATURES, reads.PROPS, reads.UPCOMING_PLAYERS, reads.CACHE, reads.DEFENSE_ZONES, reads.SIMILAR,
                    Read("calibration", "nba_predictions.system_calibration", Window.DAY),
                    reads.MODELS, reads.DECISIONS,
                ),
                mode=WriteMode.STAGE, chunked=True,
            ),
            gates.PREDICTIONS,
            Processor(
                "player_prop_predictions", "activities.predictions.player_prop_predictions:process",
                "nba_predictions.player_prop_predictions",
                ("game_date", "prediction_id"), "game_date",
                (Read("current", "nba_predictions.player_prop_predictions", Window.DAY), reads.QUALITY),
                after=("prediction_chunk", "prediction_quality"), mode=WriteMode.MERGE,
            ),
            Processor(
                "withheld_players", "activities.predictions.withheld_players:process",
                "nba_predictions.withheld_players",
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    reads.UPCOMING_PLAYERS, reads.PROPS, reads.FEATURES, reads.QUALITY,
                    Read("predictions", "nba_predictions.player_prop_predictions", Window.DAY,
                         columns=("game_id", "player_id", "system_id", "is_active")),
                ),
                after=("player_prop_predictions",),
            ),
            Processor(
                "shadow_predictions", "activities.predictions.shadow_predictions:process",
                "nba_predictions.shadow_predictions",
                ("game_date", "model_id", "game_id", "player_id"), "game_date",
                (
                    reads.FEATURES, reads.UPCOMING_PLAYERS, reads.CACHE, reads.DEFENSE_ZONES, reads.SIMILAR, reads.MODELS, reads.DECISIONS,
                    Read("current", "nba_predictions.shadow_predictions", Window.DAY),
                ),
                after=("player_prop_predictions",), required=False,
            ),
        ),
    ),
    Phase(
        6, "grading", "Grade the predictions of the games that came in", ("analytics",),
        (
            Processor(
                "prediction_results", "activities.grading.prediction_results:process",
                "nba_predictions.prediction_results",
                ("game_date", "prediction_id"), "game_date",
                (
                    Read("predictions", "nba_predictions.player_prop_predictions", Window.SCOPE),
                    Read("player_games", reads.PGS, Window.SCOPE),
                    reads.TEAM_BOX_SCORES, reads.SCHEDULE,
                ),
            ),
            Processor(
                "system_daily_performance", "activities.grading.system_daily_performance:process",
                "nba_predictions.system_daily_performance",
                ("game_date", "system_id"), "game_date",
                (reads.RESULTS,),
                after=("prediction_results",),
            ),
            Processor(
                "shadow_results", "activities.grading.shadow_results:process",
                "nba_predictions.shadow_results",
                ("game_date", "model_id", "game_id", "player_id"), "game_date",
                (
                    Read("shadows", "nba_predictions.shadow_predictions", Window.SCOPE),
                    reads.RESULTS,
                ),
                after=("prediction_results",), required=False,
            ),
            gates.GRADING,
        ),
        before_tip=False,
    ),
    Phase(
        7, "publishing", "The day's JSON, checked back against the warehouse", ("predictions",),
        (
            Processor(
                "published_documents", "activities.publishing.published_documents:process",
                "nba_orchestration.published_documents",
                ("game_date", "document"), "game_date",
                (
                    reads.PREDICTIONS, reads.WITHHELD, reads.SCHEDULE, reads.UPCOMING_PLAYERS,
                ),
            ),
            Processor(
                "daily_brief", "activities.publishing.daily_brief:process", "nba_orchestration.briefs",
                ("game_date", "document"), "game_date",
                (
                    reads.RESPONSES,
                    Read("statuses", "nba_orchestration.phase_status", Window.DAY),
                    Read("runs", "nba_orchestration.processor_run_history", Window.DAY),
                    Read("log", "nba_orchestration.phase_execution_log", Window.DAY),
                    Read("claims", "nba_orchestration.request_claims", Window.DAY),
                    reads.QUALITY,
                    Read("alerts", "nba_orchestration.alerts", Window.DAY),
                    Read("features", "nba_predictions.ml_feature_store_v2", Window.DAY,
                         columns=("game_date", "player_id", "feature_version")),
                    Read("predictions", "nba_predictions.player_prop_predictions", Window.DAY, columns=reads.COUNTED),
                    Read("predictions_before", "nba_predictions.player_prop_predictions", Window.BEFORE, 30,
                         reads.COUNTED),
                    reads.WITHHELD,
                    Read("performance", "nba_predictions.system_daily_performance", Window.SCOPE),
                    Read("performance_before", "nba_predictions.system_daily_performance", Window.BEFORE, reads.A_SEASON),
                    Read("results_before", "nba_predictions.prediction_results", Window.BEFORE, 30,
                         ("game_date", "system_id", "outcome", "prob_over")),
                    reads.TEAM_BOX_SCORES,
                ),
                after=("published_documents",), required=False,
            ),
            gates.PUBLISHING,
        ),
        before_tip=False,
    ),
)  # fmt: skip

PHASE_NAMES = tuple(phase.name for phase in PHASES)
_PHASES = {phase.name: phase for phase in PHASES}
_PROCESSORS = {p.name: (phase, p) for phase in PHASES for p in phase.processors}
PROCESSOR_NAMES = tuple(_PROCESSORS)


def _unknown(kind: str, name: str, known: Iterable[str]) -> BadRequest:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"possible: {', '.join(names)}"
    return BadRequest(f"{kind}: there is no {kind} {name!r}; {hint}")


def phase_named(name: str) -> Phase:
    """The phase of exactly this name.

    Raises:
        BadRequest: there is none; the message lists the near misses.
    """
    if name not in _PHASES:
        raise _unknown("phase", name, PHASE_NAMES)
    return _PHASES[name]


def processor_named(name: str) -> Processor:
    """The processor of exactly this name.

    Raises:
        BadRequest: there is none; the message lists the near misses.
    """
    if name not in _PROCESSORS:
        raise _unknown("processor", name, PROCESSOR_NAMES)
    return _PROCESSORS[name][1]


def phase_of(processor: str) -> Phase:
    """The phase that a processor belongs to. Raises `BadRequest` for an unknown name."""
    processor_named(processor)
    return _PROCESSORS[processor][0]


def dependants(phase: str) -> tuple[str, ...]:
    """The phases that need this one, directly or through others, in order; itself left out."""
    phase_named(phase)
    found: list[str] = []
    for candidate in PHASES:
        if {phase, *found} & set(candidate.depends_on):
            found.append(candidate.name)
    return tuple(found)
