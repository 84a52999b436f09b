"""ESPN's site API: scoreboard, summary with box score, injuries and rosters, in ESPN's own ids."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from replay.asof import eastern_date, season_of, season_year
from replay.league import (
    ESPN_SPACE,
    BoxRow,
    Game,
    GameState,
    Injury,
    League,
    Season,
    espn_game_id,
    whole_minutes,
)
from replay.reply import Ask, Reply, about_game, reply
from replay.teams import BY_ESPN, TEAMS

_NAMES = [
    "MIN", "FG", "3PT", "FT", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TO", "PF", "+/-", "PTS",
]  # fmt: skip
_KEYS = [
    "minutes",
    "fieldGoalsMade-fieldGoalsAttempted",
    "threePointFieldGoalsMade-threePointFieldGoalsAttempted",
    "freeThrowsMade-freeThrowsAttempted",
    "offensiveRebounds",
    "defensiveRebounds",
    "rebounds",
    "assists",
    "steals",
    "blocks",
    "turnovers",
    "fouls",
    "plusMinus",
    "points",
]
_STATUS: dict[GameState, dict[str, Any]] = {
    "scheduled": {"id": "1", "name": "STATUS_SCHEDULED", "state": "pre", "completed": False,
                  "description": "Scheduled"},
    "live": {"id": "2", "name": "STATUS_IN_PROGRESS", "state": "in", "completed": False,
             "description": "In Progress"},
    "final": {"id": "3", "name": "STATUS_FINAL", "state": "post", "completed": True,
              "description": "Final"},
    "postponed": {"id": "6", "name": "STATUS_POSTPONED", "state": "post", "completed": False,
                  "description": "Postponed"},
}  # fmt: skip


def athlete_id(name: str) -> str:
    """Return ESPN's id of the player: a stable number in a space of its own, from the name."""
    digest = hashlib.blake2s(f"espn:{name}".encode(), digest_size=5).digest()
    return str(10_000_000 + int.from_bytes(digest, "big") % 9_000_000_000)


def scoreboard(league: League, ask: Ask) -> Reply:
    """Serve the games of `dates` (YYYYMMDD or YYYYMMDD-YYYYMMDD; default that day, Eastern)."""
    today = eastern_date(ask.as_of)
    asked = ask.one("dates")
    try:
        ends = [_day(part) for part in asked.split("-")] if asked else [today]
    except ValueError:
        return reply({"code": 400, "message": "Failed to parse dates."}, status=400)
    events = []
    day = ends[0]
    while day <= ends[-1]:
        season = league.season(season_of(day))
        for game in season.by_date.get(day, []) if season else []:
            events.append(_event(game, ask.as_of))
        day += timedelta(days=1)
    year = season_year(season_of(ends[0])) + 1
    body = {
        "leagues": [{"id": "46", "name": "National Basketball Association", "abbreviation": "NBA"}],
        "season": {"type": 2, "year": year},
        "day": {"date": ends[0].isoformat()},
        "events": events,
    }
    about = {"date": frozenset({ends[0].isoformat()})} if len(ends) == 1 else {}
    return reply(body, about=about)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007


def _event(game: Game, as_of: datetime) -> dict[str, Any]:
    away, home = TEAMS[game.away], TEAMS[game.home]
    season = {"year": season_year(game.season) + 1, "type": 2, "slug": "regular-season"}
    return {
        "id": espn_game_id(game.game_id),
        "uid": f"s:40~l:46~e:{espn_game_id(game.game_id)}",
        "date": f"{game.tip:%Y-%m-%dT%H:%MZ}",
        "name": f"{away.full_name} at {home.full_name}",
        "shortName": f"{away.espn} @ {home.espn}",
        "season": season,
        "competitions": [_competition(game, as_of)],
        "status": _status(game, as_of),
    }


def _competition(game: Game, as_of: datetime) -> dict[str, Any]:
    return {
        "id": espn_game_id(game.game_id),
        "uid": f"s:40~l:46~e:{espn_game_id(game.game_id)}~c:{espn_game_id(game.game_id)}",
        "date": f"{game.tip:%Y-%m-%dT%H:%MZ}",
        "timeValid": not game.tip_assumed,
        "neutralSite": game.neutral,
        "competitors": [
            _competitor(game, game.home, "home", as_of),
            _competitor(game, game.away, "away", as_of),
        ],
        "status": _status(game, as_of),
    }


def _status(game: Game, as_of: datetime) -> dict[str, Any]:
    state = game.state(as_of)
    return {
        "clock": 0.0,
        "displayClock": "0.0",
        "period": 4 if state == "final" else 0,
        "type": _STATUS[state] | {"detail": _STATUS[state]["description"]},
    }


def _competitor(game: Game, tricode: str, side: str, as_of: datetime) -> dict[str, Any]:
    mine, other = game.home_pts, game.away_pts
    if side == "away":
        mine, other = other, mine
    entry: dict[str, Any] = {
        "id": str(TEAMS[tricode].espn_id),
        "type": "team",
        "order": 0 if side == "home" else 1,
        "homeAway": side,
        "team": _team(tricode),
        "score": "0",
    }
    if game.state(as_of) == "final" and mine is not None and other is not None:
        entry |= {"score": str(mine), "winner": mine > other}
    return entry


def _team(tricode: str) -> dict[str, Any]:
    team = TEAMS[tricode]
    return {
        "id": str(team.espn_id),
        "uid": f"s:40~l:46~t:{team.espn_id}",
        "location": team.city,
        "name": team.name,
        "abbreviation": team.espn,
        "displayName": team.full_name,
        "shortDisplayName": team.name,
    }


def summary(league: League, ask: Ask) -> Reply:
    """Serve one game's summary; the box score has players once the game is final.

    ESPN has what the first source has, so it lacks the same players.
    """
    event = ask.one("event")
    digits = int(event) - ESPN_SPACE if event.isdigit() else 0
    found = league.find_game(f"{digits:010d}") if digits > 0 else None
    if found is None:
        return reply({"code": 404, "message": "Not Found"}, status=404)
    season, game = found
    final = game.state(ask.as_of) == "final"
    sides = (game.away, game.home)
    body = {
        "boxscore": {
            "teams": [
                {"team": _team(team), "homeAway": "home" if team == game.home else "away"} for team in sides
            ],
            "players": [_box_team(season, game, team) for team in sides] if final else [],
        },
        "header": {
            "id": espn_game_id(game.game_id),
            "uid": f"s:40~l:46~e:{espn_game_id(game.game_id)}",
            "season": {"year": season_year(game.season) + 1, "type": 2},
            "competitions": [_competition(game, ask.as_of)],
        },
    }
    return reply(body, about=about_game(game))


def _box_team(season: Season, game: Game, tricode: str) -> dict[str, Any]:
    rows = [row for row in season.box.get(game.game_id, ()) if row.team == tricode]
    return {
        "team": _team(tricode),
        "statistics": [
            {
                "names": _NAMES,
                "keys": _KEYS,
                "labels": _NAMES,
                "descriptions": [],
                "athletes": [_athlete(row) for row in rows],
            }
        ],
    }


def _athlete(row: BoxRow) -> dict[str, Any]:
    stats: list[str] = []
    if row.played:
        margin = "--" if row.plus_minus is None else f"{row.plus_minus:+d}"
        counts = (row.oreb, row.dreb, row.reb, row.ast, row.stl, row.blk, row.tov, row.pf)
        stats = [
            str(whole_minutes(row.minutes)),
            f"{row.fgm}-{row.fga}",
            f"{row.fg3m}-{row.fg3a}",
            f"{row.ftm}-{row.fta}",
            *map(str, counts),
            margin,
            str(row.pts),
        ]
    return {
        "active": False,
        "athlete": _person(row.name),
        "starter": bool(row.started),
        "didNotPlay": not row.played,
        "ejected": False,
        "stats": stats,
    }


def _person(name: str, known_as: str = "") -> dict[str, Any]:
    first, _, last = name.partition(" ")
    number = athlete_id(known_as or name)
    return {
        "id": number,
        "uid": f"s:40~l:46~a:{number}",
        "displayName": name,
        "shortName": f"{first[:1]}. {last}" if last else name,
    }


def injuries(league: League, ask: Ask) -> Reply:
    """Serve the injury report by team; 404 when the source has none, never an empty list."""
    listed = league.injuries(ask.as_of)
    if listed is None:
        message = "unavailable in recorded data"
        return reply({"code": 404, "message": message}, status=404)
    teams: dict[str, list[Injury]] = {}
    for injury in listed:
        teams.setdefault(injury.team, []).append(injury)
    year = season_year(season_of(eastern_date(ask.as_of))) + 1
    body = {
        "status": "success",
        "season": {"year": year, "type": 2, "name": "Regular Season"},
        "injuries": [
            {
                "id": str(TEAMS[team].espn_id),
                "displayName": TEAMS[team].full_name,
                "injuries": [_injury(injury) for injury in teams[team]],
            }
            for team in sorted(teams, key=lambda it: TEAMS[it].full_name)
        ],
    }
    return reply(body)


def _injury(injury: Injury) -> dict[str, Any]:
    first, _, last = injury.name.partition(" ")
    number = athlete_id(injury.name)
    text = f"{injury.name} ({injury.part.lower()}) is {injury.status.lower()}."
    return {
        "id": str(int(number) % 1_000_000),
        "longComment": text,
        "shortComment": text,
        "status": injury.status,
        "date": f"{injury.reported:%Y-%m-%d}T15:00Z",
        "athlete": {
            "firstName": first,
            "lastName": last,
            "displayName": injury.name,
            "shortName": f"{first[:1]}. {last}",
            # ESPN's report has the player's id in his links only.
            "links": [{"rel": ["playercard"], "href": f"https://www.espn.com/nba/player/_/id/{number}"}],
            "position": {"abbreviation": injury.position},
            "team": _team(injury.team),
        },
        "type": {
            "name": f"INJURY_STATUS_{injury.status.upper()}",
            "description": injury.status.lower(),
            "abbreviation": injury.status[0],
        },
        "details": {
            "fantasyStatus": {"description": injury.status.upper()},
            "type": injury.part,
            "side": injury.side,
            "returnDate": injury.returns.isoformat(),
        },
    }


def roster(league: League, ask: Ask) -> Reply:
    """Serve one team's players, by ESPN's abbreviation or team id."""
    team = BY_ESPN.get(ask.path["team"].lower())
    if team is None:
        return reply({"code": 400, "message": "Invalid team."}, status=400)
    athletes = []
    for player in league.roster(team.tricode, ask.as_of):
        first, _, last = player.name.partition(" ")
        entry = _person(player.name, player.known_as) | {
            "firstName": first,
            "lastName": last,
            "fullName": player.name,
        }
        if player.position:
            entry["position"] = {"abbreviation": player.position}
        athletes.append(entry)
    year = season_year(season_of(eastern_date(ask.as_of))) + 1
    body = {
        "status": "success",
        "season": {"year": year, "type": 2, "name": "Regular Season"},
        "athletes": athletes,
        "team": _team(team.tricode),
    }
    return reply(body, about={"team": frozenset({team.tricode, team.espn, str(team.espn_id)})})
