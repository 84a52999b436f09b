"""The routes by name: where each is under /as-of/<time>/, and which faults can act on it."""

from __future__ import annotations

from typing import NamedTuple

from replay import wire_balldontlie, wire_espn, wire_gamelog, wire_nba, wire_odds, wire_odds_history
from replay.reply import Handler

#: What all upstreams tell alike when it is set for this name.
EVERYBODY = "league"
#: Changes of what happened, which an upstream tells of in all its answers.
CHANGES = ("postponed_game", "corrected_box", "renamed_player", "late_tip")
CHANGE_MATCH = ("game_id", "player", "team")
#: Faults of the form, which act on any answer. One about the past is wrapped: no edit finds its way into it.
PAST_KINDS = (
    "status", "echo", "latency", "drip", "truncated", "stale_copy", "unknown_field", "removed_field",
    "wrong_json", *CHANGES,
)  # fmt: skip
#: Faults that act on any answer that lists something.
ANY_KINDS = (*PAST_KINDS, "missing_game", "duplicate_row")
PLAYERS = (*ANY_KINDS, "missing_player")
GAMES = (*ANY_KINDS, "wrong_total", "no_score")
PLAYER_BOX = (*PLAYERS, "wrong_total")


class Route(NamedTuple):
    """One upstream route: its handler, its path, and the fault kinds and match keys it knows."""

    name: str
    path: str
    handler: Handler
    kinds: tuple[str, ...]
    match: tuple[str, ...]


_ESPN = "/espn/apis/site/v2/sports/basketball/nba"
_ODDS = "/odds-api/v4/sports/basketball_nba/events"
_PAST_ODDS = "/odds-api/v4/historical/sports/basketball_nba/events"
_NOT_BY_GAME = (*PAST_KINDS, "missing_player", "duplicate_row")

ROUTES: tuple[Route, ...] = (
    Route(
        "nba-cdn/schedule",
        "/nba-cdn/static/json/staticData/scheduleLeagueV2.json",
        wire_nba.schedule,
        GAMES,
        ("game_id",),
    ),
    Route(
        "nba-cdn/boxscore",
        "/nba-cdn/static/json/liveData/boxscore/boxscore_{game_id}.json",
        wire_nba.boxscore,
        (*PLAYER_BOX, "no_score"),
        ("game_id", "date", "player"),
    ),
    Route(
        "stats-nba/leaguegamelog",
        "/stats-nba/stats/leaguegamelog",
        wire_gamelog.leaguegamelog,
        PLAYER_BOX,
        ("game_id", "date", "player"),
    ),
    Route("odds-api/events", _ODDS, wire_odds.events, ANY_KINDS, ("event_id", "game_id")),
    Route(
        "odds-api/event-odds",
        _ODDS + "/{event_id}/odds",
        wire_odds.event_odds,
        (*PLAYERS, "moved_line"),
        ("game_id", "event_id", "date", "player"),
    ),
    Route("odds-api/historical-events", _PAST_ODDS, wire_odds_history.events, PAST_KINDS, ()),
    Route(
        "odds-api/historical-event-odds",
        _PAST_ODDS + "/{event_id}/odds",
        wire_odds_history.event_odds,
        PAST_KINDS,
        ("game_id", "event_id", "date"),
    ),
    Route(
        "espn/scoreboard",
        _ESPN + "/scoreboard",
        wire_espn.scoreboard,
        GAMES,
        ("game_id", "date"),
    ),
    Route(
        "espn/summary",
        _ESPN + "/summary",
        wire_espn.summary,
        (*PLAYER_BOX, "no_score"),
        ("game_id", "date", "player"),
    ),
    Route("espn/injuries", _ESPN + "/injuries", wire_espn.injuries, _NOT_BY_GAME, ("player",)),
    Route(
        "espn/roster",
        _ESPN + "/teams/{team}/roster",
        wire_espn.roster,
        _NOT_BY_GAME,
        ("team", "player"),
    ),
    Route(
        "balldontlie/games",
        "/balldontlie/v1/games",
        wire_balldontlie.games,
        GAMES,
        ("game_id", "date"),
    ),
    Route(
        "balldontlie/stats",
        "/balldontlie/v1/stats",
        wire_balldontlie.stats,
        PLAYER_BOX,
        ("game_id", "date", "player"),
    ),
    Route(
        "balldontlie/player_injuries",
        "/balldontlie/v1/player_injuries",
        wire_balldontlie.player_injuries,
        _NOT_BY_GAME,
        ("player",),
    ),
)


class Acts(NamedTuple):
    """Which fault kinds can be set for a name, and what they can be narrowed down to."""

    kinds: tuple[str, ...]
    match: tuple[str, ...]


ACTS = {EVERYBODY: Acts(CHANGES, CHANGE_MATCH)} | {it.name: Acts(it.kinds, it.match) for it in ROUTES}
