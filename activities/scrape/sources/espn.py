"""ESPN's site API: scoreboard, box score (`summary`), injuries, rosters. No key; no published limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import BaseModel, Field

from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, once
from activities.scrape.http import Reply, UpstreamClient, parse
from activities.scrape.sources.nba_cdn import ScheduledGame, without_result
from activities.scrape.teams import NAMES, from_espn, to_espn
from shared.clock import slate_date_of
from shared.errors import UpstreamContractViolation
from shared.ids import game_key

SOURCE = "espn"
_BASE = "/apis/site/v2/sports/basketball/nba"
_STATES = {"pre": 1, "in": 2, "post": 3}
_CUP_FINAL = re.compile(r"\b(cup|in-season tournament)\b.*\bchampionship\b", re.IGNORECASE)
_LABELS = ("MIN", "FG", "3PT", "FT", "OREB", "DREB", "AST", "STL", "BLK", "TO", "PF", "PTS")


@dataclass(frozen=True)
class Athlete:
    """One player on a roster. `id` is ESPN's own."""

    id: str
    name: str


@dataclass(frozen=True)
class Injury:
    """One reported injury. `status` as the source writes it."""

    name: str
    team: str | None
    status: str
    detail: str
    reported_at: datetime | None


class _Team(BaseModel):
    abbreviation: str


class _Competitor(BaseModel):
    side: str = Field(alias="homeAway")
    team: _Team
    score: str = "0"


class _StatusType(BaseModel):
    state: str
    name: str = ""
    completed: bool = False


class _Status(BaseModel):
    type: _StatusType


class _Note(BaseModel):
    headline: str = ""


class _Competition(BaseModel):
    notes: list[_Note] = []
    time_valid: bool = Field(default=True, alias="timeValid")
    competitors: list[_Competitor]
    status: _Status


class _Season(BaseModel):
    slug: str = "regular-season"


class _Event(BaseModel):
    id: str
    date: datetime
    season: _Season = _Season()
    competitions: list[_Competition] = Field(min_length=1)


class _Scoreboard(BaseModel):
    events: list[_Event]


class _Athlete(BaseModel):
    name: str = Field(alias="displayName")


class _Listed(_Athlete):
    id: str


class _AthleteLine(BaseModel):
    athlete: _Athlete
    starter: bool = False
    did_not_play: bool = Field(default=False, alias="didNotPlay")
    stats: list[str] = []


class _Statistics(BaseModel):
    labels: list[str]
    athletes: list[_AthleteLine]


class _TeamPlayers(BaseModel):
    team: _Team
    statistics: list[_Statistics]


class _BoxPlayers(BaseModel):
    players: list[_TeamPlayers] = []


class _Header(BaseModel):
    competitions: list[_Competition] = Field(min_length=1)


class _Summary(BaseModel):
    boxscore: _BoxPlayers
    header: _Header


class _Roster(BaseModel):
    athletes: list[_Listed]


class _InjuredAthlete(_Athlete):
    team: _Team


class _Injury(BaseModel):
    status: str
    date: datetime | None = None
    comment: str = Field(default="", alias="shortComment")
    athlete: _InjuredAthlete


class _InjuredTeam(BaseModel):
    injuries: list[_Injury]


class _Injuries(BaseModel):
    injuries: list[_InjuredTeam]


def scoreboard(client: UpstreamClient, day: date) -> Reply:
    """The games of a US/Eastern date."""
    return client.get("espn", f"{_BASE}/scoreboard", {"dates": f"{day:%Y%m%d}"})


def parse_scoreboard(body: bytes) -> list[tuple[ScheduledGame, str]]:
    """Games with ESPN's event ids, each once, in order. All-star and exhibition games are left out."""
    found: dict[str, tuple[ScheduledGame, str]] = {}
    for event in parse(_Scoreboard, body, "ESPN scoreboard").events:
        competition = event.competitions[0]
        sides = {c.side: c for c in competition.competitors}
        if not {"home", "away"} <= sides.keys():
            msg = f"ESPN scoreboard: event {event.id} lacks a home or an away team"
            raise UpstreamContractViolation(msg)
        home, away = sides["home"], sides["away"]
        letters = {c.team.abbreviation for c in (home, away)}
        if not all(from_known(a) for a in letters):
            continue
        day = slate_date_of(event.date)
        state = competition.status.type
        scores = _score(home, "scoreboard"), _score(away, "scoreboard")
        final = state.completed and not without_result(*scores)
        home_abbr, away_abbr = from_espn(home.team.abbreviation), from_espn(away.team.abbreviation)
        game = ScheduledGame(
            key=game_key(day, away_abbr, home_abbr),
            nba_game_id="",
            game_date=day,
            away=away_abbr,
            home=home_abbr,
            tip=event.date.astimezone(UTC),
            tip_assumed=not competition.time_valid,
            status=_STATES.get(state.state, 1) if not final else 3,
            postponed=state.name == "STATUS_POSTPONED" or (state.completed and not final),
            season_type=_season_type(event),
            home_score=scores[0] if final else None,
            away_score=scores[1] if final else None,
        )
        found[game.key] = (game, event.id)
    return list(found.values())


def _season_type(event: _Event) -> str:
    """What ESPN calls regular season includes the Cup final, which only the game's headline tells."""
    if any(_CUP_FINAL.search(note.headline) for note in event.competitions[0].notes):
        return "cup_final"
    return {"post-season": "playoffs", "play-in-season": "play_in"}.get(event.season.slug, "regular")


def from_known(abbr: str) -> bool:
    """Whether ESPN's letters are one of the thirty teams."""
    try:
        return from_espn(abbr) in NAMES
    except UpstreamContractViolation:
        return False


def summary(client: UpstreamClient, event_id: str) -> Reply:
    """The box score of an event."""
    return client.get("espn", f"{_BASE}/summary", {"event": event_id})


def parse_summary(body: bytes) -> BoxScore:
    """A box score; statistics are found by their labels, never by position."""
    wire = parse(_Summary, body, "ESPN summary")
    competition = wire.header.competitions[0]
    score = {from_espn(c.team.abbreviation): (_score(c, "summary"), c.side) for c in competition.competitors}
    entries = [e for side in wire.boxscore.players for block in side.statistics for e in block.athletes]
    # Where nobody started, nobody knows: a False of its own would be one source's word against another's.
    starts_known = any(e.starter for e in entries)
    teams = []
    for side in wire.boxscore.players:
        letters = from_espn(side.team.abbreviation)
        if letters not in score:
            msg = f"ESPN summary: {letters} has players and no score"
            raise UpstreamContractViolation(msg)
        points, where = score[letters]
        teams.append(TeamBox(letters, where == "home", points, once(_lines(side.statistics, starts_known))))
    return BoxScore(SOURCE, competition.status.type.completed, False, True, tuple(teams))


def _lines(blocks: list[_Statistics], starts_known: bool) -> list[PlayerLine]:
    lines = []
    for block in blocks:
        missing = [label for label in _LABELS if label not in block.labels]
        if missing:
            msg = f"ESPN summary: labels: {', '.join(missing)} missing"
            raise UpstreamContractViolation(msg)
        for entry in block.athletes:
            if entry.did_not_play or not entry.stats:
                continue
            lines.append(_line(entry, dict(zip(block.labels, entry.stats, strict=False)), starts_known))
    return lines


def _line(entry: _AthleteLine, stat: dict[str, str], starts_known: bool) -> PlayerLine:
    def whole(label: str) -> int:
        return _whole(stat.get(label, ""), f"ESPN summary: {label} of {entry.athlete.name}")

    def pair(label: str) -> tuple[int, int]:
        what = f"ESPN summary: {label} of {entry.athlete.name}"
        made, _, attempted = stat.get(label, "").partition("-")
        return _whole(made, what), _whole(attempted, what)

    fgm, fga = pair("FG")
    fg3m, fg3a = pair("3PT")
    ftm, fta = pair("FT")
    plus = stat.get("+/-", "--").lstrip("+")
    return PlayerLine(
        source_id=None, name=entry.athlete.name, minutes=float(whole("MIN") if stat.get("MIN") else 0),
        starter=entry.starter if starts_known else None, points=whole("PTS"),
        fgm=fgm, fga=fga, fg3m=fg3m, fg3a=fg3a, ftm=ftm, fta=fta, oreb=whole("OREB"), dreb=whole("DREB"),
        assists=whole("AST"), steals=whole("STL"), blocks=whole("BLK"), turnovers=whole("TO"),
        fouls=whole("PF"), plus_minus=int(plus) if plus.lstrip("-").isdigit() else None,
    )  # fmt: skip


def _score(side: _Competitor, what: str) -> int:
    return _whole(side.score or "0", f"ESPN {what}: score of {side.team.abbreviation}")


def _whole(text: str, what: str) -> int:
    """A whole number that ESPN writes as a text; an empty text is none."""
    try:
        return int(text)
    except ValueError:
        msg = f"{what}: {text!r} is not a whole number"
        raise UpstreamContractViolation(msg) from None


def roster(client: UpstreamClient, team: str) -> Reply:
    """A team's roster."""
    return client.get("espn", f"{_BASE}/teams/{to_espn(team)}/roster")


def parse_roster(body: bytes) -> list[Athlete]:
    """The players on a roster, in its order. Raises `UpstreamContractViolation` for one with nobody on it."""
    athletes = [Athlete(a.id, a.name) for a in parse(_Roster, body, "ESPN roster").athletes]
    if not athletes:
        msg = "ESPN roster: athletes: nobody is listed"
        raise UpstreamContractViolation(msg)
    return athletes


def injuries(client: UpstreamClient) -> Reply:
    """The league's injuries. Raises `DataNotReady` where there is no report."""
    return client.get("espn", f"{_BASE}/injuries")


def parse_injuries(body: bytes) -> list[Injury]:
    """Every reported injury."""
    wire = parse(_Injuries, body, "ESPN injuries")
    return [
        Injury(i.athlete.name, from_espn(i.athlete.team.abbreviation), i.status, i.comment, i.date)
        for team in wire.injuries
        for i in team.injuries
    ]
