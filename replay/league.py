"""The league in memory: what both a recorded and a simulated source provide to the wire modules.

Times are aware UTC; `game_date` is a US/Eastern calendar date; points and counts are whole;
minutes are decimal minutes as the source has them (whole in seasons that were rounded).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal, NamedTuple

from replay.asof import GAME_LENGTH
from replay.teams import TEAMS

Source = Literal["recorded", "simulated"]
GameState = Literal["scheduled", "live", "final", "postponed"]

#: The counted columns of a box score, in the order of the fields of `BoxRow`.
STATS: tuple[str, ...] = (
    "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb",
    "reb", "ast", "stl", "blk", "tov", "pf", "pts",
)  # fmt: skip


#: Where ESPN's and BallDontLie's own game ids begin.
ESPN_SPACE = 400_000_000
BDL_SPACE = 50_000_000


class BoxRow(NamedTuple):
    """One player in one game. `person_id` is 0 where the record has none; `started` None likewise.

    A row with `played` False was listed for the game and did not appear.
    """

    name: str
    person_id: int
    team: str
    minutes: float
    fgm: int
    fga: int
    fg3m: int
    fg3a: int
    ftm: int
    fta: int
    oreb: int
    dreb: int
    reb: int
    ast: int
    stl: int
    blk: int
    tov: int
    pf: int
    pts: int
    plus_minus: int | None = None
    started: bool | None = None
    played: bool = True


_NOBODY = BoxRow("", 0, "", 0.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, played=False)


def did_not_play(name: str, person_id: int, team: str) -> BoxRow:
    """Return the row of a player who was listed and did not appear."""
    return _NOBODY._replace(name=name, person_id=person_id, team=team)


def whole_minutes(minutes: float) -> int:
    """Return minutes as a source writes them that has no seconds: half a minute goes up."""
    return (round(minutes * 60) + 30) // 60


class TeamTotal(NamedTuple):
    """One team in one game: its minutes and its true totals in the order of `STATS`."""

    minutes: float
    stats: tuple[int, ...]
    plus_minus: int

    @property
    def pts(self) -> int:
        """The team's true points, whatever its players' rows sum to."""
        return self.stats[-1]


def add_up(rows: Iterable[BoxRow]) -> tuple[float, tuple[int, ...]]:
    """Return the minutes and the `STATS` of `rows`, summed."""
    rows = list(rows)
    first = BoxRow._fields.index(STATS[0])
    stats = tuple(sum(row[first + at] for row in rows) for at in range(len(STATS)))  # type: ignore[misc]
    return sum(row.minutes for row in rows), stats


@dataclass(frozen=True, slots=True)
class Game:
    """One scheduled game; the points are None where no score is recorded."""

    game_id: str
    season: str
    game_date: date
    tip: datetime
    home: str
    away: str
    home_pts: int | None = None
    away_pts: int | None = None
    tip_assumed: bool = False
    postponed: bool = False
    neutral: bool = False
    event_id: str | None = None
    called_off: datetime | None = None

    @property
    def key(self) -> str:
        """The canonical key: YYYYMMDD_AWAY_HOME."""
        return f"{self.game_date:%Y%m%d}_{self.away}_{self.home}"

    def state(self, as_of: datetime) -> GameState:
        """Return what could be known of the game at `as_of`.

        A postponed game looks scheduled until its tip where the record doesn't say when it was
        called off. A game whose score isn't recorded never turns final.
        """
        if self.called_off is not None and as_of >= self.called_off:
            return "postponed"
        if as_of < self.tip:
            return "scheduled"
        if self.postponed:
            return "postponed"
        if self.home_pts is None:
            return "scheduled"
        return "final" if as_of >= self.tip + GAME_LENGTH else "live"

    def aliases(self) -> set[str]:
        """Return every name that one of the upstreams, or a person, has for this game."""
        names = {self.game_id, self.key, espn_game_id(self.game_id), str(bdl_game_id(self.game_id))}
        return names | {self.event_id} if self.event_id else names


def espn_game_id(game_id: str) -> str:
    """Return ESPN's event id of the game: a nine-digit space of its own."""
    return str(ESPN_SPACE + int(game_id))


def bdl_game_id(game_id: str) -> int:
    """Return BallDontLie's id of the game: again a space of its own."""
    return BDL_SPACE + int(game_id)


class Offer(NamedTuple):
    """One book's line for one player's points; American prices, None for a side not offered."""

    book: str
    player: str
    point: float
    over: int | None
    under: int | None
    snapshot: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A game as the betting market knows it, under its own id and its own team names."""

    event_id: str
    game_date: date
    commence: datetime
    home_name: str
    away_name: str
    snapshot: datetime
    snapshot_assumed: bool = False


class Injury(NamedTuple):
    """One player's entry in the injury report; `reported` and `returns` are calendar dates."""

    name: str
    team: str
    position: str
    status: str
    part: str
    side: str
    reported: date
    returns: date


class RosterPlayer(NamedTuple):
    """One player on a roster; the position is None where the record has none."""

    name: str
    position: str | None = None
    known_as: str = ""
    """The name that he had when he got his ids; empty: the one he has."""


@dataclass
class Season:
    """One season: its games and what was played, by game id."""

    label: str
    games: Sequence[Game]
    box: Mapping[str, Sequence[BoxRow]]
    second: Mapping[str, Sequence[BoxRow]]
    totals: Mapping[tuple[str, str], TeamTotal]
    events: Mapping[str, Event]
    offers: Mapping[str, Sequence[Offer]]
    #: Encoded pieces of answers, kept by the wire modules so that a page isn't encoded twice.
    pieces: dict[tuple[str, ...], str] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, Game]:
        """The games by game id."""
        return {game.game_id: game for game in self.games}

    @cached_property
    def by_date(self) -> dict[date, list[Game]]:
        """The games by date, in the order of their tips."""
        days: dict[date, list[Game]] = {}
        for game in self.games:
            days.setdefault(game.game_date, []).append(game)
        return days

    @cached_property
    def events_by_date(self) -> dict[date, list[Event]]:
        """The market's events by date."""
        days: dict[date, list[Event]] = {}
        for event in sorted(self.events.values(), key=lambda it: (it.commence, it.event_id)):
            days.setdefault(event.game_date, []).append(event)
        return days

    def final(self, as_of: datetime) -> list[Game]:
        """Return the games final at `as_of`, oldest first."""
        return [game for game in self.games if game.state(as_of) == "final"]


@dataclass(frozen=True)
class SeasonSummary:
    """What of a season can be run: its first and last played dates and the number of games."""

    season: str
    first_date: date
    last_date: date
    games: int


class League(ABC):
    """Where the wire modules get everything from."""

    source: Source

    @abstractmethod
    def season(self, label: str) -> Season | None:
        """Return the season, or None when this source hasn't got it."""

    @abstractmethod
    def summaries(self) -> list[SeasonSummary]:
        """Return what can be run, oldest season first."""

    @abstractmethod
    def dates_with_lines(self) -> list[date]:
        """Return the dates that have player lines, in order."""

    @abstractmethod
    def injuries(self, as_of: datetime) -> list[Injury] | None:
        """Return the injury report at `as_of`; None when the source knows nothing of injuries."""

    @abstractmethod
    def roster(self, tricode: str, as_of: datetime) -> list[RosterPlayer]:
        """Return the players of the team at `as_of`, by name."""

    def find_game(self, game_id: str) -> tuple[Season, Game] | None:
        """Return the regular-season game of that NBA id with its season, or None."""
        if len(game_id) != 10 or not game_id.isdigit() or not game_id.startswith("002"):
            return None
        first = 2000 + int(game_id[3:5])
        season = self.season(f"{first}-{(first + 1) % 100:02d}")
        game = season.by_id.get(game_id) if season else None
        return (season, game) if season and game else None


def tricode_of_id(nba_id: int) -> str:
    """Return the tricode of the team with that NBA id. Raises KeyError for none."""
    return _BY_NBA_ID[nba_id]


_BY_NBA_ID = {team.nba_id: team.tricode for team in TEAMS.values()}
