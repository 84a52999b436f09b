"""nba.com's CDN: the season's schedule and a game's live box score. No key.

Wire formats: scheduleLeagueV2.json and boxscore_<gameId>.json, as documented by swar/nba_api.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from pydantic import BaseModel, Field

from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, once
from activities.scrape.http import Reply, UpstreamClient, parse
from shared.clock import eastern
from shared.errors import UpstreamContractViolation
from shared.ids import game_key

SOURCE = "nba_cdn"
ASSUMED_TIP = time(19, 0)
_DURATION = re.compile(r"^PT(?:(\d+)M)?(?:([\d.]+)S)?$")
_SEASON_TYPES = {"002": "regular", "004": "playoffs", "005": "play_in", "006": "cup_final"}
"""By the first three digits of a game's id. The Cup's other games are of the regular season: 002."""


@dataclass(frozen=True)
class ScheduledGame:
    """One game of the schedule. `tip` is aware UTC."""

    key: str
    nba_game_id: str
    game_date: date
    away: str
    home: str
    tip: datetime
    tip_assumed: bool
    status: int
    postponed: bool
    season_type: str
    home_score: int | None
    away_score: int | None


class _Team(BaseModel):
    tricode: str | None = Field(alias="teamTricode")
    score: int | None = None


class _Game(BaseModel):
    game_id: str = Field(alias="gameId")
    code: str = Field(alias="gameCode")
    status: int = Field(alias="gameStatus")
    tip: datetime = Field(alias="gameDateTimeUTC")
    tbd: bool = Field(default=False, alias="gameTimeTBD")
    postponed: str = Field(default="N", alias="postponedStatus")
    home: _Team = Field(alias="homeTeam")
    away: _Team = Field(alias="awayTeam")


class _GameDate(BaseModel):
    games: list[_Game]


class _League(BaseModel):
    game_dates: list[_GameDate] = Field(alias="gameDates")


class _Schedule(BaseModel):
    league: _League = Field(alias="leagueSchedule")


class _Statistics(BaseModel):
    minutes: str = "PT00M00.00S"
    points: int
    fgm: int = Field(alias="fieldGoalsMade")
    fga: int = Field(alias="fieldGoalsAttempted")
    fg3m: int = Field(alias="threePointersMade")
    fg3a: int = Field(alias="threePointersAttempted")
    ftm: int = Field(alias="freeThrowsMade")
    fta: int = Field(alias="freeThrowsAttempted")
    oreb: int = Field(alias="reboundsOffensive")
    dreb: int = Field(alias="reboundsDefensive")
    assists: int
    steals: int
    blocks: int
    turnovers: int
    fouls: int = Field(alias="foulsPersonal")
    plus_minus: float | None = Field(default=None, alias="plusMinusPoints")
    paint_points: int | None = Field(default=None, alias="pointsInThePaint")


class _Player(BaseModel):
    person_id: int = Field(alias="personId")
    name: str
    starter: str = "0"
    played: str = "0"
    statistics: _Statistics


class _BoxTeam(BaseModel):
    tricode: str = Field(alias="teamTricode")
    score: int
    players: list[_Player]


class _BoxGame(BaseModel):
    status: int = Field(alias="gameStatus")
    home: _BoxTeam = Field(alias="homeTeam")
    away: _BoxTeam = Field(alias="awayTeam")


class _Box(BaseModel):
    game: _BoxGame


def schedule(client: UpstreamClient) -> Reply:
    """The schedule of the season under way."""
    return client.get("nba-cdn", "/static/json/staticData/scheduleLeagueV2.json")


def parse_schedule(body: bytes) -> list[ScheduledGame]:
    """Every game between two of the thirty teams, once, in order of date and key."""
    return list(_parsed_schedule(body))


@lru_cache(maxsize=4)
def _parsed_schedule(body: bytes) -> tuple[ScheduledGame, ...]:
    """A whole season's schedule, which eight processors of a day read in turn: parsed once."""
    wire = parse(_Schedule, body, "nba.com schedule")
    games: dict[str, ScheduledGame] = {}
    for game in (g for d in wire.league.game_dates for g in d.games):
        kind = _SEASON_TYPES.get(game.game_id[:3])
        if kind is None or not game.home.tricode or not game.away.tricode:
            continue
        day = datetime.strptime(game.code[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        final = game.status == 3 and not without_result(game.home.score, game.away.score)
        key = game_key(day, game.away.tricode, game.home.tricode)
        games[key] = ScheduledGame(
            key=key,
            nba_game_id=game.game_id,
            game_date=day,
            away=game.away.tricode,
            home=game.home.tricode,
            tip=eastern(day, ASSUMED_TIP) if game.tbd else game.tip.astimezone(UTC),
            tip_assumed=game.tbd,
            status=game.status,
            postponed=game.postponed.upper() == "Y" or (game.status == 3 and not final),
            season_type=kind,
            home_score=game.home.score if final else None,
            away_score=game.away.score if final else None,
        )
    return tuple(sorted(games.values(), key=lambda g: (g.game_date, g.key)))


def without_result(home: int | None, away: int | None) -> bool:
    """Whether a game that is called final was never played: no score, or 0-0.

    So a postponed game stands on its first date once it has a new one.
    """
    return not home and not away


def box_score(client: UpstreamClient, nba_game_id: str) -> Reply:
    """The live box score of a game. Raises `DataNotReady` before there is one."""
    return client.get("nba-cdn", f"/static/json/liveData/boxscore/boxscore_{nba_game_id}.json")


def parse_box_score(body: bytes) -> BoxScore:
    """A live box score; players who did not play are left out."""
    game = parse(_Box, body, "nba.com box score").game
    played = [p for t in (game.home, game.away) for p in t.players if p.played == "1"]
    starts_known = any(p.starter == "1" for p in played)
    fractional = any(_minutes(p.statistics.minutes) % 1 for p in played)
    return BoxScore(
        source=SOURCE,
        final=game.status == 3,
        fractional=fractional,
        independent=True,
        teams=tuple(
            TeamBox(
                team=team.tricode,
                is_home=home,
                points=team.score,
                players=once(_line(p, starts_known) for p in team.players if p.played == "1"),
            )
            for team, home in ((game.away, False), (game.home, True))
        ),
    )


def _line(player: _Player, starts_known: bool) -> PlayerLine:
    s = player.statistics
    return PlayerLine(
        source_id=player.person_id or None,
        name=player.name,
        minutes=_minutes(s.minutes),
        starter=player.starter == "1" if starts_known else None,
        points=s.points, fgm=s.fgm, fga=s.fga, fg3m=s.fg3m, fg3a=s.fg3a, ftm=s.ftm, fta=s.fta,
        oreb=s.oreb, dreb=s.dreb, assists=s.assists, steals=s.steals, blocks=s.blocks,
        turnovers=s.turnovers, fouls=s.fouls,
        plus_minus=None if s.plus_minus is None else round(s.plus_minus),
        paint_points=_paint_points(s),
    )  # fmt: skip


def _paint_points(s: _Statistics) -> int | None:
    """Points in the paint, or None where his two-point goals can't have made them."""
    possible = s.paint_points is not None and s.paint_points in range(0, 2 * (s.fgm - s.fg3m) + 1, 2)
    return s.paint_points if possible else None


def _minutes(duration: str) -> float:
    """`PT34M44.00S` in minutes: 34.73.

    Raises:
        UpstreamContractViolation: it is written otherwise. A `45:58` read as nothing would be 0 minutes.
    """
    found = _DURATION.match(duration)
    if not found:
        msg = f"nba.com box score: minutes: {duration!r} is not written as PT34M44.00S"
        raise UpstreamContractViolation(msg)
    return int(found.group(1) or 0) + round(float(found.group(2) or 0)) / 60
