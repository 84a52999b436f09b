"""BallDontLie v1: games, player statistics and injuries, the independent second source. Needs a key."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, once
from activities.scrape.http import Reply, UpstreamClient, parse
from activities.scrape.sources.espn import Injury
from activities.scrape.teams import BALLDONTLIE
from shared.errors import UpstreamContractViolation

SOURCE = "balldontlie"
_PER_PAGE = "100"


class _Team(BaseModel):
    abbreviation: str


class _Game(BaseModel):
    id: int
    status: str
    home: _Team = Field(alias="home_team")
    visitor: _Team = Field(alias="visitor_team")


class _Games(BaseModel):
    data: list[_Game]


class _GameRef(BaseModel):
    status: str
    home_score: int = Field(alias="home_team_score")
    visitor_score: int = Field(alias="visitor_team_score")


class _Player(BaseModel):
    first_name: str
    last_name: str


class _Stat(BaseModel):
    minutes: str | None = Field(default=None, alias="min")
    pts: int
    fgm: int
    fga: int
    fg3m: int
    fg3a: int
    ftm: int
    fta: int
    oreb: int
    dreb: int
    ast: int
    stl: int
    blk: int
    turnover: int
    pf: int
    player: _Player
    team: _Team
    game: _GameRef


class _Meta(BaseModel):
    next_cursor: int | None = None
    independent: bool = True
    """Only a replay knows, and says, that it repeats the first source."""


class _Stats(BaseModel):
    data: list[_Stat]
    meta: _Meta = _Meta()


class _InjuredPlayer(_Player):
    team_id: int | None = None


class _Injury(BaseModel):
    player: _InjuredPlayer
    status: str
    description: str | None = None


class _Injuries(BaseModel):
    data: list[_Injury]
    meta: _Meta = _Meta()


def _headers(client: UpstreamClient) -> dict[str, str]:
    return {"Authorization": client.upstreams.balldontlie_api_key.get_secret_value()}


def games(client: UpstreamClient, day: date) -> Reply:
    """The games of a date."""
    params = {"dates[]": day.isoformat(), "per_page": _PER_PAGE}
    return client.get("balldontlie", "/v1/games", params, headers=_headers(client))


def parse_games(body: bytes) -> dict[tuple[str, str], int]:
    """BallDontLie's game ids by (away, home)."""
    wire = parse(_Games, body, "BallDontLie games")
    return {(g.visitor.abbreviation, g.home.abbreviation): g.id for g in wire.data}


def stats(client: UpstreamClient, game_id: int) -> Reply:
    """The statistics of a game: one page, since no game has a hundred players."""
    params = {"game_ids[]": str(game_id), "per_page": _PER_PAGE}
    return client.get("balldontlie", "/v1/stats", params, headers=_headers(client))


def parse_stats(body: bytes, home: str, away: str) -> BoxScore:
    """A game's box score. It has no scores of its own per team but the game's."""
    wire = parse(_Stats, body, "BallDontLie stats")
    if wire.meta.next_cursor is not None:
        msg = "BallDontLie stats: meta.next_cursor: one game must fit on one page"
        raise UpstreamContractViolation(msg)
    if not wire.data:
        return BoxScore(SOURCE, False, False, wire.meta.independent, ())
    first = wire.data[0].game
    lines: dict[str, list[PlayerLine]] = {away: [], home: []}
    for stat in wire.data:
        if stat.team.abbreviation not in lines:
            msg = f"BallDontLie stats: team {stat.team.abbreviation} does not play in {away}@{home}"
            raise UpstreamContractViolation(msg)
        if not _appeared(stat):
            continue
        lines[stat.team.abbreviation].append(_line(stat))
    return BoxScore(
        source=SOURCE,
        final=first.status == "Final",
        fractional=any(":" in (s.minutes or "") for s in wire.data),
        independent=wire.meta.independent,
        teams=(
            TeamBox(away, False, first.visitor_score, once(lines[away])),
            TeamBox(home, True, first.home_score, once(lines[home])),
        ),
    )


def _appeared(stat: _Stat) -> bool:
    """A player who did not play has no minutes; one who played under 30 seconds has `0` or `00:xx`."""
    return bool(stat.minutes) or any((stat.fga, stat.fta, stat.pts, stat.pf))


def _line(stat: _Stat) -> PlayerLine:
    minutes, _, seconds = (stat.minutes or "0").partition(":")
    try:
        played = int(minutes or 0) + int(seconds or 0) / 60
    except ValueError:
        msg = f"BallDontLie stats: min of {_name(stat.player)}: {stat.minutes!r} is no number of minutes"
        raise UpstreamContractViolation(msg) from None
    return PlayerLine(
        source_id=None, name=_name(stat.player),
        minutes=played, starter=None, points=stat.pts, fgm=stat.fgm,
        fga=stat.fga, fg3m=stat.fg3m, fg3a=stat.fg3a, ftm=stat.ftm, fta=stat.fta, oreb=stat.oreb,
        dreb=stat.dreb, assists=stat.ast, steals=stat.stl, blocks=stat.blk, turnovers=stat.turnover,
        fouls=stat.pf, plus_minus=None,
    )  # fmt: skip


def injuries(client: UpstreamClient, cursor: int | None = None) -> Reply:
    """A page of the league's injuries. Raises `DataNotReady` where there is no report.

    A key of the free tier is refused here: `AuthenticationError`.
    """
    params = {"per_page": _PER_PAGE} | ({} if cursor is None else {"cursor": str(cursor)})
    return client.get("balldontlie", "/v1/player_injuries", params, headers=_headers(client))


def parse_injuries(body: bytes) -> tuple[list[Injury], int | None]:
    """The injuries of a page, and the next page's cursor, None on the last.

    The wire has no time of the report: only a text, which begins with a day and no year.
    """
    wire = parse(_Injuries, body, "BallDontLie injuries")
    found = [
        Injury(
            name=_name(i.player), team=BALLDONTLIE.get(i.player.team_id or 0), status=i.status,
            detail=i.description or "", reported_at=None,
        )
        for i in wire.data
    ]  # fmt: skip
    return found, wire.meta.next_cursor


def _name(player: _Player) -> str:
    return f"{player.first_name} {player.last_name}".strip()
