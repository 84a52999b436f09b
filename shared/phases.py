"""The registry: which processors exist, in what order, and what each reads and writes.

Static data, read by the workflows, the worker, the command line, the docs and the validators alike. A
processor is found by its exact name in this table and in no other way.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from shared.errors import BadRequest
from shared.registry import Phase, Processor, Read, Window, WriteMode

_LOG = ("game_date", "processor", "request")


def _scraper(
    name: str, module: str, *reads: Read, after: tuple[str, ...] = (), required: bool = True
) -> Processor:
    return Processor(
        name, f"activities.scrape.{module}:process", "nba_raw.scrape_log", _LOG, "game_date",
        reads=reads, after=after, required=required, slice_column="processor", retry="upstream",
    )  # fmt: skip


_RESPONSES = Read("responses", "nba_raw.scrape_log", Window.DAY)
_PLAYERS = Read("players", "nba_reference.players", Window.UP_TO, 36_500)
_SCHEDULE = Read("schedule", "nba_raw.schedule", Window.DAY)
_PGS = "nba_analytics.player_game_summary"
_TOGS = "nba_analytics.team_offense_game_summary"
_TDGS = "nba_analytics.team_defense_game_summary"
_UPCOMING_PLAYERS = Read("upcoming_players", "nba_analytics.upcoming_player_game_context", Window.DAY)
_UPCOMING_TEAMS = Read("upcoming_teams", "nba_analytics.upcoming_team_game_context", Window.DAY)
_PROPS = Read("props", "nba_raw.player_points_props", Window.DAY)
_OPENINGS = Read("openings", "nba_raw.player_points_openings", Window.DAY)
_FEATURES = Read("features", "nba_predictions.ml_feature_store_v2", Window.DAY)
_CACHE = Read("player_cache", "nba_precompute.player_daily_cache", Window.DAY)
_SHOT_ZONES = Read("shot_zones", "nba_precompute.player_shot_zone_analysis", Window.DAY)
_DEFENSE_ZONES = Read("defense_zones", "nba_precompute.team_defense_zone_analysis", Window.DAY)
_SIMILAR = Read("similar", "nba_precompute.player_similar_games", Window.DAY)
_WITHHELD = Read("withheld", "nba_predictions.withheld_players", Window.DAY)
_PREDICTIONS = Read("predictions", "nba_predictions.player_prop_predictions", Window.DAY)
_ROSTERS = Read("rosters", "nba_raw.rosters", Window.DAY)
_MODELS = Read("models", "nba_predictions.ml_models", Window.BEFORE, 36_500)
_DECISIONS = Read("decisions", "nba_predictions.model_decisions", Window.UP_TO, 36_500)
_TEAM_BOX_SCORES = Read("team_box_scores", "nba_raw.team_box_scores", Window.SCOPE)
_RESULTS = Read("results", "nba_predictions.prediction_results", Window.SCOPE)
_COUNTED = ("game_date", "player_id", "has_prop_line", "recommendation", "is_active")
_THREE_YEARS = 1_100
_A_SEASON = 400


PHASES: tuple[Phase, ...] = (
    Phase(
        1, "scrape", "Fetch every response the day needs and store it as received", (),
        (
            _scraper("scrape_schedule", "schedule"),
            _scraper(
                "scrape_box_scores", "box_scores", _RESPONSES,
                Read("known_games", "nba_raw.team_box_scores", Window.BEFORE, 14),
                after=("scrape_schedule",),
            ),
            _scraper("scrape_prop_lines", "prop_lines", _RESPONSES, after=("scrape_schedule",)),
            _scraper("scrape_injuries", "injuries", required=False),
            _scraper("scrape_rosters", "rosters", _RESPONSES, after=("scrape_schedule",)),
        ),
    ),
    Phase(
        2, "raw", "Parse the stored responses into typed rows; resolve players and teams", ("scrape",),
        (
            Processor(
                "raw_schedule", "activities.raw.schedule:process", "nba_raw.schedule",
                ("snapshot_date", "game_id"), "snapshot_date", (_RESPONSES,),
            ),
            Processor(
                "raw_players", "activities.raw.players:process", "nba_reference.players",
                ("registered_on", "player_id"), "registered_on",
                (_RESPONSES, Read("players", "nba_reference.players", Window.BEFORE, 36_500)),
            ),
            Processor(
                "raw_player_box_scores", "activities.raw.player_box_scores:process", "nba_raw.player_box_scores",
                ("game_date", "game_id", "player_id"), "game_date", (_RESPONSES, _PLAYERS),
                after=("raw_players",),
            ),
            Processor(
                "raw_team_box_scores", "activities.raw.team_box_scores:process", "nba_raw.team_box_scores",
                ("game_date", "game_id", "team_abbr"), "game_date",
                (_RESPONSES, _PLAYERS), after=("raw_players",),
            ),
            Processor(
                "raw_rosters", "activities.raw.rosters:process", "nba_raw.rosters",
                ("roster_date", "team_abbr", "player_id"), "roster_date", (_RESPONSES, _PLAYERS),
                after=("raw_players",),
            ),
            Processor(
                "raw_prop_lines", "activities.raw.prop_lines:process", "nba_raw.player_points_props",
                ("game_date", "game_id", "player_id", "bookmaker", "points_line"), "game_date",
                (
                    _RESPONSES, _PLAYERS, _ROSTERS,
                    Read("recent_box_scores", "nba_raw.player_box_scores", Window.BEFORE, 60,
                         ("game_date", "player_id", "team_abbr")),
                ),
                after=("raw_players", "raw_rosters"),
            ),
            Processor(
                "raw_prop_openings", "activities.raw.prop_openings:process", "nba_raw.player_points_openings",
                ("game_date", "game_id", "player_id"), "game_date", (_PROPS, _OPENINGS),
                after=("raw_prop_lines",), required=False,
            ),
            Processor(
                "raw_injuries", "activities.raw.injuries:process", "nba_raw.injury_report",
                ("report_date", "player_id"), "report_date", (_RESPONSES, _PLAYERS),
                after=("raw_players",), required=False,
            ),
        ),
    ),
    Phase(
        3, "analytics", "Summarise games; set the context of the coming ones", ("raw",),
        (
            Processor(
                "team_offense_game_summary", "activities.analytics.team_offense_game_summary:process", _TOGS,
                ("game_date", "game_id", "team_abbr"), "game_date",
                (_TEAM_BOX_SCORES,),
            ),
            Processor(
                "team_defense_game_summary", "activities.analytics.team_defense_game_summary:process", _TDGS,
                ("game_date", "game_id", "team_abbr"), "game_date",
                (_TEAM_BOX_SCORES,),
            ),
            Processor(
                "player_game_summary", "activities.analytics.player_game_summary:process", _PGS,
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    Read("player_box_scores", "nba_raw.player_box_scores", Window.SCOPE),
                    _TEAM_BOX_SCORES,
                ),
            ),
            Processor(
                "upcoming_team_game_context", "activities.analytics.upcoming_team_game_context:process",
                "nba_analytics.upcoming_team_game_context",
                ("game_date", "game_id", "team_abbr"), "game_date",
                (_SCHEDULE, Read("team_offense", _TOGS, Window.BEFORE, _A_SEASON),
                 Read("team_defense", _TDGS, Window.BEFORE, _A_SEASON)),
                after=("team_offense_game_summary", "team_defense_game_summary"),
            ),
            Processor(
                "upcoming_player_game_context", "activities.analytics.upcoming_player_game_context:process",
                "nba_analytics.upcoming_player_game_context",
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    _SCHEDULE, _PROPS, _OPENINGS, _UPCOMING_TEAMS, _PLAYERS, _ROSTERS,
                    Read("injuries", "nba_raw.injury_report", Window.DAY),
                    Read("player_games", _PGS, Window.BEFORE, _A_SEASON),
                ),
                after=("player_game_summary", "upcoming_team_game_context"),
            ),
        ),
    ),
    Phase(
        4, "precompute", "Composite factors, shot zones, player daily cache, the feature store", ("analytics",),
        (
            Processor(
                "team_defense_zone_analysis", "activities.precompute.team_defense_zone_analysis:process",
                "nba_precompute.team_defense_zone_analysis",
                ("analysis_date", "team_abbr"), "analysis_date",
                (Read("team_defense", _TDGS, Window.BEFORE, _A_SEASON),),
            ),
            Processor(
                "player_shot_zone_analysis", "activities.precompute.player_shot_zone_analysis:process",
                "nba_precompute.player_shot_zone_analysis",
                ("analysis_date", "player_id"), "analysis_date",
                (_UPCOMING_PLAYERS, Read("player_games", _PGS, Window.BEFORE, _A_SEASON)),
            ),
            Processor(
                "player_daily_cache", "activities.precompute.player_daily_cache:process",
                "nba_precompute.player_daily_cache",
                ("cache_date", "player_id"), "cache_date",
                (_UPCOMING_PLAYERS, Read("player_games", _PGS, Window.BEFORE, _THREE_YEARS),
                 Read("team_offense", _TOGS, Window.BEFORE, _A_SEASON)),
            ),
            Processor(
                "player_similar_games", "activities.precompute.player_similar_games:process",
                "nba_precompute.player_similar_games",
                ("game_date", "player_id"), "game_date",
                (_UPCOMING_PLAYERS, Read("player_games", _PGS, Window.BEFORE, _THREE_YEARS),
                 Read("team_defense", _TDGS, Window.BEFORE, _THREE_YEARS)),
            ),
            Processor(
                "system_calibration", "activities.predictions.system_calibration:process",
                "nba_predictions.system_calibration",
                ("game_date", "system_id"), "game_date",
                (Read("results", "nba_predictions.prediction_results", Window.BEFORE, _A_SEASON),),
            ),
            Processor(
                "player_composite_factors", "activities.precompute.player_composite_factors:process",
                "nba_precompute.player_composite_factors",
                ("game_date", "player_id"), "game_date",
                (
                    _UPCOMING_PLAYERS, _UPCOMING_TEAMS, _CACHE, _SHOT_ZONES, _DEFENSE_ZONES,
                ),
                after=("player_daily_cache", "player_shot_zone_analysis", "team_defense_zone_analysis"),
            ),
            Processor(
                "ml_feature_store_v2", "activities.precompute.ml_feature_store_v2:process",
                "nba_predictions.ml_feature_store_v2",
                ("game_date", "player_id"), "game_date",
                (
                    _UPCOMING_PLAYERS, _UPCOMING_TEAMS, _PROPS, _CACHE, _SHOT_ZONES, _DEFENSE_ZONES,
                    Read("composite", "nba_precompute.player_composite_factors", Window.DAY),
                ),
                after=("player_composite_factors",),
            ),
            Processor(
                "feature_store_quality", "activities.quality.feature_store:process",
                "nba_orchestration.quality_results",
                ("game_date", "dataset", "check_name"), "game_date",
                (_FEATURES,),
                after=("ml_feature_store_v2",), required=False,
            ),
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
                    _FEATURES, _PROPS, _UPCOMING_PLAYERS, _CACHE, _DEFENSE_ZONES, _SIMILAR,
                    Read("calibration", "nba_predictions.system_calibration", Window.DAY),
                    _MODELS, _DECISIONS,
                ),
                mode=WriteMode.STAGE, chunked=True,
            ),
            Processor(
                "player_prop_predictions", "activities.predictions.player_prop_predictions:process",
                "nba_predictions.player_prop_predictions",
                ("game_date", "prediction_id"), "game_date",
                (Read("current", "nba_predictions.player_prop_predictions", Window.DAY),),
                after=("prediction_chunk",), mode=WriteMode.MERGE,
            ),
            Processor(
                "withheld_players", "activities.predictions.withheld_players:process",
                "nba_predictions.withheld_players",
                ("game_date", "game_id", "player_id"), "game_date",
                (
                    _UPCOMING_PLAYERS, _PROPS, _FEATURES, _PREDICTIONS,
                ),
                after=("player_prop_predictions",),
            ),
            Processor(
                "shadow_predictions", "activities.predictions.shadow_predictions:process",
                "nba_predictions.shadow_predictions",
                ("game_date", "model_id", "game_id", "player_id"), "game_date",
                (
                    _FEATURES, _UPCOMING_PLAYERS, _CACHE, _DEFENSE_ZONES, _SIMILAR, _MODELS, _DECISIONS,
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
                    Read("player_games", _PGS, Window.SCOPE),
                    _TEAM_BOX_SCORES, _SCHEDULE,
                ),
            ),
            Processor(
                "system_daily_performance", "activities.grading.system_daily_performance:process",
                "nba_predictions.system_daily_performance",
                ("game_date", "system_id"), "game_date",
                (_RESULTS,),
                after=("prediction_results",),
            ),
            Processor(
                "shadow_results", "activities.grading.shadow_results:process",
                "nba_predictions.shadow_results",
                ("game_date", "model_id", "game_id", "player_id"), "game_date",
                (
                    Read("shadows", "nba_predictions.shadow_predictions", Window.SCOPE),
                    _RESULTS,
                ),
                after=("prediction_results",), required=False,
            ),
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
                    _PREDICTIONS, _WITHHELD, _SCHEDULE, _UPCOMING_PLAYERS,
                ),
            ),
            Processor(
                "daily_brief", "activities.publishing.daily_brief:process", "nba_orchestration.briefs",
                ("game_date", "document"), "game_date",
                (
                    _RESPONSES,
                    Read("statuses", "nba_orchestration.phase_status", Window.DAY),
                    Read("runs", "nba_orchestration.processor_run_history", Window.DAY),
                    Read("log", "nba_orchestration.phase_execution_log", Window.DAY),
                    Read("claims", "nba_orchestration.request_claims", Window.DAY),
                    Read("quality", "nba_orchestration.quality_results", Window.DAY),
                    Read("features", "nba_predictions.ml_feature_store_v2", Window.DAY,
                         columns=("game_date", "player_id", "feature_version")),
                    Read("predictions", "nba_predictions.player_prop_predictions", Window.DAY, columns=_COUNTED),
                    Read("predictions_before", "nba_predictions.player_prop_predictions", Window.BEFORE, 30,
                         _COUNTED),
                    _WITHHELD,
                    Read("performance", "nba_predictions.system_daily_performance", Window.SCOPE),
                    _TEAM_BOX_SCORES,
                ),
                after=("published_documents",), required=False,
            ),
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


def levels(processors: tuple[Processor, ...]) -> list[list[Processor]]:
    """Processors in levels: those of a level read nothing from each other and may run at once."""
    names = {p.name for p in processors}
    done: set[str] = set()
    result: list[list[Processor]] = []
    remaining = list(processors)
    while remaining:
        level = [p for p in remaining if set(p.after) & names <= done]
        if not level:
            cycle = ", ".join(p.name for p in remaining)
            msg = f"the processors {cycle} wait for each other"
            raise ValueError(msg)
        result.append(level)
        done |= {p.name for p in level}
        remaining = [p for p in remaining if p not in level]
    return result
