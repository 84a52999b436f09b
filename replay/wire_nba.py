"""nba.com's CDN: the season's schedule and the live box score, in their own shapes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from replay.asof import EASTERN, eastern, eastern_date, iso, season_of, season_year
from replay.league import BoxRow, Game, GameState, League, Season, TeamTotal, whole_minutes
from replay.reply import Ask, Reply, about_game, encode, reply
from replay.teams import TEAMS

#: What the CDN (an S3 bucket behind a cache) answers for an object that isn't there (yet).
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
)
_STATUS: dict[GameState, int] = {"scheduled": 1, "postponed": 1, "live": 2, "final": 3}


def denied() -> Reply:
    """Return the CDN's 403 for an object that doesn't exist: it never says 404."""
    return Reply(DENIED.encode(), 403, "application/xml")


def schedule(league: League, ask: Ask) -> Reply:
    """Serve scheduleLeagueV2.json: every regular-season game of the season at that time."""
    label = ask.one("season") or season_of(eastern_date(ask.as_of))
    season = league.season(label)
    if season is None:
        return denied()
    days = []
    for day, games in sorted(season.by_date.items()):
        listed = ",".join(_schedule_piece(season, game, ask.as_of) for game in games)
        days.append(f'{{"gameDate":"{day:%m/%d/%Y} 00:00:00","games":[{listed}]}}')
    body = (
        '{"meta":{"version":1,"request":"scheduleLeagueV2"},"leagueSchedule":{"seasonYear":'
        f'"{label}","leagueId":"00","gameDates":[{",".join(days)}],'
        f'"weeks":{encode(_weeks(season))},"broadcasterList":[]}}}}'
    )
    return reply(body)


def _schedule_piece(season: Season, game: Game, as_of: datetime) -> str:
    state = game.state(as_of)
    key = ("schedule", game.game_id, state)
    if key not in season.pieces:
        season.pieces[key] = encode(_schedule_game(season, game, state))
    return season.pieces[key]


def _schedule_game(season: Season, game: Game, state: GameState) -> dict[str, Any]:
    local = game.tip.astimezone(EASTERN)
    midnight = f"{game.game_date:%Y-%m-%d}T00:00:00Z"
    clock = "TBD" if game.tip_assumed else f"{local:%I:%M %p} ET".lstrip("0").replace("M ET", "m ET")
    texts = {"scheduled": clock, "postponed": "PPD", "live": "In progress", "final": "Final"}
    week = _week(season, game.game_date)
    return {
        "gameId": game.game_id,
        "gameCode": f"{game.game_date:%Y%m%d}/{game.away}{game.home}",
        "gameStatus": _STATUS[state],
        "gameStatusText": texts[state],
        "gameSequence": 1,
        "gameDateEst": midnight,
        "gameTimeEst": f"1900-01-01T{local:%H:%M:%S}Z",
        "gameDateTimeEst": f"{local:%Y-%m-%dT%H:%M:%S}Z",
        "gameDateUTC": iso(eastern(game.game_date, time())),
        "gameTimeUTC": f"1900-01-01T{game.tip:%H:%M:%S}Z",
        "gameDateTimeUTC": iso(game.tip),
        # Not nba.com's field: its schedule always has a time, our record doesn't always.
        "gameTimeTBD": game.tip_assumed,
        "day": f"{game.game_date:%a}",
        "monthNum": game.game_date.month,
        "weekNumber": week,
        "weekName": f"Week {week}",
        "ifNecessary": False,
        "seriesGameNumber": "",
        "gameLabel": "",
        "gameSubLabel": "",
        "seriesText": "",
        "postponedStatus": "Y" if state == "postponed" else "N",
        "gameSubtype": "",
        "isNeutral": game.neutral,
        "homeTeam": _schedule_team(game.home, game.home_pts if state == "final" else 0),
        "awayTeam": _schedule_team(game.away, game.away_pts if state == "final" else 0),
        "pointsLeaders": [],
    }


def _schedule_team(tricode: str, score: int | None) -> dict[str, Any]:
    team = TEAMS[tricode]
    return {
        "teamId": team.nba_id,
        "teamName": team.name,
        "teamCity": team.city,
        "teamTricode": tricode,
        "teamSlug": team.name.lower().replace(" ", "_"),
        "score": score or 0,
        "seed": 0,
    }


def _first_monday(season: Season) -> date:
    first = season.games[0].game_date
    return first - timedelta(days=first.weekday())


def _week(season: Season, day: date) -> int:
    return (day - _first_monday(season)).days // 7 + 1


def _weeks(season: Season) -> list[dict[str, Any]]:
    monday = _first_monday(season)
    return [
        {
            "weekNumber": number,
            "weekName": f"Week {number}",
            "startDate": f"{monday + timedelta(days=7 * (number - 1)):%Y-%m-%d}T00:00:00Z",
            "endDate": f"{monday + timedelta(days=7 * number - 1):%Y-%m-%d}T00:00:00Z",
        }
        for number in range(1, _week(season, season.games[-1].game_date) + 1)
    ]


def boxscore(league: League, ask: Ask) -> Reply:
    """Serve boxscore_<gameId>.json of a game that is final; 403 before, as the CDN does."""
    found = league.find_game(ask.path["game_id"])
    if found is None:
        return denied()
    season, game = found
    if game.state(ask.as_of) != "final" or game.game_id not in season.box:
        return Reply(DENIED.encode(), 403, "application/xml", about=about_game(game))
    year = season_year(season.label)
    local = game.tip.astimezone(EASTERN).isoformat()
    body = {
        "meta": {"version": 1, "code": 200},
        "game": {
            "gameId": game.game_id,
            "gameTimeLocal": local,
            "gameTimeUTC": iso(game.tip),
            "gameTimeHome": local,
            "gameTimeAway": local,
            "gameEt": local,
            "gameCode": f"{game.game_date:%Y%m%d}/{game.away}{game.home}",
            "gameStatusText": "Final",
            "gameStatus": 3,
            "regulationPeriods": 4,
            "period": 4,
            "gameClock": "PT00M00.00S",
            "seasonYear": f"{year}-{(year + 1) % 100:02d}",
            "homeTeam": _box_team(season, game, game.home),
            "awayTeam": _box_team(season, game, game.away),
        },
    }
    return reply(body, about=about_game(game))


def _box_team(season: Season, game: Game, tricode: str) -> dict[str, Any]:
    team = TEAMS[tricode]
    total = season.totals[game.game_id, tricode]
    rows = [row for row in season.box[game.game_id] if row.team == tricode]
    return {
        "teamId": team.nba_id,
        "teamName": team.name,
        "teamCity": team.city,
        "teamTricode": tricode,
        "score": total.pts,
        "players": [_box_player(row, order) for order, row in enumerate(rows, start=1)],
        "statistics": _box_statistics(total, total.minutes),
    }


def _box_player(row: BoxRow, order: int) -> dict[str, Any]:
    first, _, family = row.name.partition(" ")
    player: dict[str, Any] = {
        "status": "ACTIVE" if row.played else "INACTIVE",
        "order": order,
        "personId": row.person_id,
        "jerseyNum": "",
        "starter": "1" if row.started else "0",
        "oncourt": "0",
        "played": "1" if row.played else "0",
        "statistics": _box_statistics(row, row.minutes),
        "name": row.name,
        "nameI": f"{first[:1]}. {family}" if family else row.name,
        "firstName": first if family else "",
        "familyName": family or first,
    }
    if row.plus_minus is not None:
        player["statistics"]["plusMinusPoints"] = float(row.plus_minus)
    return player


def iso_minutes(minutes: float) -> str:
    """Return decimal minutes as the CDN's duration: 34.73 is "PT34M44.00S"."""
    whole, seconds = divmod(round(minutes * 60), 60)
    return f"PT{whole:02d}M{seconds:02d}.00S"


def _box_statistics(row: BoxRow | TeamTotal, minutes: float) -> dict[str, Any]:
    counts = row.stats if isinstance(row, TeamTotal) else row[4:19]
    fgm, fga, fg3m, fg3a, ftm, fta, oreb, dreb, reb, ast, stl, blk, tov, fouls, pts = counts
    return {
        "assists": ast,
        "blocks": blk,
        "fieldGoalsAttempted": fga,
        "fieldGoalsMade": fgm,
        "fieldGoalsPercentage": _share(fgm, fga),
        "foulsPersonal": fouls,
        "freeThrowsAttempted": fta,
        "freeThrowsMade": ftm,
        "freeThrowsPercentage": _share(ftm, fta),
        "minutes": iso_minutes(minutes),
        "minutesCalculated": f"PT{whole_minutes(minutes):02d}M",
        "points": pts,
        "reboundsDefensive": dreb,
        "reboundsOffensive": oreb,
        "reboundsTotal": reb,
        "steals": stl,
        "threePointersAttempted": fg3a,
        "threePointersMade": fg3m,
        "threePointersPercentage": _share(fg3m, fg3a),
        "turnovers": tov,
        "twoPointersAttempted": fga - fg3a,
        "twoPointersMade": fgm - fg3m,
        "twoPointersPercentage": _share(fgm - fg3m, fga - fg3a),
    }


def _share(made: int, attempted: int) -> float:
    return made / attempted if attempted else 0.0
