"""The simulated league: thirty real tricodes, invented players, any season from 2023-24 on.

Everything follows from the seed and the season: the same question gets the same bytes in every
process. Rosters carry over from one season to the next.
"""

from __future__ import annotations

import threading
import unicodedata
from datetime import date, datetime, timedelta
from functools import cached_property

from replay.asof import eastern_date, season_of, season_year
from replay.league import (
    BoxRow,
    Event,
    Game,
    Injury,
    League,
    RosterPlayer,
    Season,
    SeasonSummary,
    Source,
    TeamTotal,
    add_up,
)
from replay.simulated_crowd import crowded, namesakes
from replay.simulated_games import HEALTHY, STATUS_NAMES, box_rows, injury_report, play
from replay.simulated_lines import BOOKS, LEAST_MINUTES, LEAST_POINTS, Market, event_id, snapshot_of
from replay.simulated_players import FIRST_YEAR, ROSTER_SIZE, roster_of
from replay.simulated_schedule import Slot, calendar
from replay.teams import TEAMS, TRICODES

LAST_YEAR = 2026
_SEASON_DAYS = 200
_PARTS = (
    ("Ankle", "Left"),
    ("Knee", "Right"),
    ("Hamstring", "Left"),
    ("Back", ""),
    ("Illness", ""),
)


class SimulatedLeague(League):
    """Serves the seasons from 2023-24 to 2026-27, each made when it is first asked for."""

    source: Source = "simulated"

    def __init__(self, seed: int, crowd: int = 1, books: int = len(BOOKS)) -> None:
        """`crowd` times as many players a team as there are, and so many books; the default is the league."""
        self._seed, self._crowd = seed, crowd
        self._books = (*BOOKS[:books], *(f"book_{number:02d}" for number in range(len(BOOKS), books)))
        self._seasons: dict[str, Season | None] = {}
        self._lock = threading.Lock()

    def season(self, label: str) -> Season | None:
        """Return the season, made on first use."""
        with self._lock:
            if label not in self._seasons:
                years = {f"{year}-{(year + 1) % 100:02d}": year for year in self._calendars}
                year = years.get(label)
                self._seasons[label] = None if year is None else self._make(label, year)
            return self._seasons[label]

    @cached_property
    def _calendars(self) -> dict[int, list[Slot]]:
        return {year: calendar(self._seed, year) for year in range(FIRST_YEAR, LAST_YEAR + 1)}

    def summaries(self) -> list[SeasonSummary]:
        """Return the seasons; every date of each can be run."""
        return [
            SeasonSummary(season_of(slots[0].game_date), slots[0].game_date, slots[-1].game_date, len(slots))
            for slots in self._calendars.values()
        ]

    def dates_with_lines(self) -> list[date]:
        """Return every game date: each has a market."""
        return sorted({slot.game_date for slots in self._calendars.values() for slot in slots})

    def injuries(self, as_of: datetime) -> list[Injury] | None:
        """Return the day's injury report, by team and name."""
        day = eastern_date(as_of)
        year = season_year(season_of(day))
        slots = self._calendars.get(year, [])
        at = (day - slots[0].game_date).days if slots else -1
        if not 0 <= at < _SEASON_DAYS:
            return []
        players = roster_of(self._seed, year)
        report = injury_report(self._seed, year, len(players), _SEASON_DAYS)
        listed = []
        for number, player in enumerate(players):
            status = int(report[number, at])
            if status == HEALTHY:
                continue
            since = at
            while since > 0 and report[number, since - 1] != HEALTHY:
                since -= 1
            part, side = _PARTS[(number + since) % len(_PARTS)]
            reported = slots[0].game_date + timedelta(days=since)
            listed.append(
                Injury(
                    player.name,
                    player.team,
                    player.position,
                    STATUS_NAMES[status],
                    part,
                    side,
                    reported,
                    # A guess, as such dates are: a week from the start, or tomorrow.
                    max(reported + timedelta(days=7), day + timedelta(days=1)),
                )
            )
        return sorted(listed, key=lambda it: (it.team, it.name))

    def roster(self, tricode: str, as_of: datetime) -> list[RosterPlayer]:
        """Return the team's players of the season."""
        year = season_year(season_of(eastern_date(as_of)))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return []
        own = [player for player in roster_of(self._seed, year) if player.team == tricode]
        return sorted(
            RosterPlayer(name, player.position)
            for player in own
            for name in namesakes(player.name, self._crowd)
        )

    def _make(self, label: str, year: int) -> Season:
        players = roster_of(self._seed, year)
        slots = self._calendars[year]
        report = injury_report(self._seed, year, len(players), _SEASON_DAYS)
        played = play(self._seed, year, players, slots, report)
        boxes = box_rows(played, players, slots)
        if self._crowd > 1:
            boxes = crowded(boxes, self._crowd)
        points = [
            sum(row.pts for row in box if row.team == team)
            for box, slot in zip(boxes, slots, strict=True)
            for team in (slot.away, slot.home)
        ]
        games = [
            self._game(label, number, slot, points[2 * number : 2 * number + 2])
            for number, slot in enumerate(slots)
        ]
        expected, minutes = played.expected.tolist(), played.expected_minutes.tolist()
        fancied: dict[str, list[tuple[str, float]]] = {}
        for number, game in enumerate(games):
            fancied[str(game.event_id)] = [
                (name, expected[side][at])
                for side, team in ((2 * number, game.away), (2 * number + 1, game.home))
                for at in range(ROSTER_SIZE)
                if expected[side][at] >= LEAST_POINTS and minutes[side][at] >= LEAST_MINUTES
                for name in namesakes(players[TRICODES.index(team) * ROSTER_SIZE + at].name, self._crowd)
            ]
        events = _events(games)
        return Season(
            label=label,
            games=games,
            box={game.game_id: box for game, box in zip(games, boxes, strict=True)},
            second={
                game.game_id: [row._replace(name=_plain(row.name)) for row in box if row.played]
                for game, box in zip(games, boxes, strict=True)
            },
            totals=_totals(games, boxes, 240.0 * self._crowd),
            events=events,
            offers=Market(self._seed, events, fancied, self._books),
        )

    def _game(self, label: str, number: int, slot: Slot, points: list[int]) -> Game:
        # 80001 and up: real regular-season ids end at 01230.
        game_id = f"002{season_year(label) % 100:02d}{80_001 + number:05d}"
        return Game(
            game_id=game_id,
            season=label,
            game_date=slot.game_date,
            tip=slot.tip,
            home=slot.home,
            away=slot.away,
            home_pts=points[1],
            away_pts=points[0],
            event_id=event_id(self._seed, game_id),
        )


def _events(games: list[Game]) -> dict[str, Event]:
    first: dict[date, datetime] = {}
    for game in games:
        first[game.game_date] = min(game.tip, first.get(game.game_date, game.tip))
    return {
        str(game.event_id): Event(
            event_id=str(game.event_id),
            game_date=game.game_date,
            commence=game.tip,
            home_name=TEAMS[game.home].odds_name,
            away_name=TEAMS[game.away].odds_name,
            snapshot=snapshot_of(game.game_date, first[game.game_date]),
        )
        for game in games
    }


def _totals(games: list[Game], boxes: list[list[BoxRow]], minutes: float) -> dict[tuple[str, str], TeamTotal]:
    totals: dict[tuple[str, str], TeamTotal] = {}
    for game, box in zip(games, boxes, strict=True):
        margin = (game.home_pts or 0) - (game.away_pts or 0)
        for team, sign in ((game.home, 1), (game.away, -1)):
            _, stats = add_up(row for row in box if row.team == team)
            totals[game.game_id, team] = TeamTotal(minutes, stats, sign * margin)
    return totals


def _plain(name: str) -> str:
    """Return the name as the second source has it: without accents."""
    marks = unicodedata.normalize("NFKD", name)
    return "".join(mark for mark in marks if not unicodedata.combining(mark))
