"""The recorded league: real seasons out of the parquet files, loaded a season at a time."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

from replay.asof import eastern_date, season_of, season_year
from replay.league import (
    BoxRow,
    Game,
    Injury,
    League,
    RosterPlayer,
    Season,
    SeasonSummary,
    Source,
)
from replay.recorded_boxes import (
    Played,
    TeamGame,
    load_absent,
    load_played,
    load_second,
    load_totals,
    team_games,
)
from replay.recorded_files import DataFiles, scan
from replay.recorded_games import build_games, scheduled_rows
from replay.recorded_lines import build_events, commence_times, first_tips, load_lines

#: How far back an appearance still says that a player is on the team, and how many games back
#: when the team hasn't played in that time.
ROSTER_DAYS = timedelta(days=30)
ROSTER_GAMES = 10


class RecordedLeague(League):
    """Serves the seasons in a data directory. Raises BadDataError when they can't be served."""

    source: Source = "recorded"

    def __init__(self, root: Path) -> None:
        self._files: DataFiles = scan(root)
        self._seasons: dict[str, Season | None] = {}
        # Requests run on a pool of threads; a season is read once, by the first that asks.
        self._lock = threading.Lock()

    def season(self, label: str) -> Season | None:
        """Return the season, read on first use."""
        with self._lock:
            if label not in self._seasons:
                self._seasons[label] = self._load(label)
            return self._seasons[label]

    def summaries(self) -> list[SeasonSummary]:
        """Return the seasons with box scores; the dates are those that were played."""
        played: dict[str, set[TeamGame]] = {}
        for file in self._files.box_scores:
            for key in team_games(file):
                played.setdefault(season_of(key[0]), set()).add(key)
        return [
            SeasonSummary(
                season=label,
                first_date=min(day for day, _ in played[label]),
                last_date=max(day for day, _ in played[label]),
                games=len(played[label]) // 2,
            )
            for label in sorted(played)
        ]

    def dates_with_lines(self) -> list[date]:
        """Return the dates that have player lines, in order."""
        return sorted(day for file in self._files.lines for day in file.dates)

    def injuries(self, as_of: datetime) -> list[Injury] | None:
        """Return None: no injury report was recorded, and unknown isn't healthy."""
        del as_of
        return None

    def roster(self, tricode: str, as_of: datetime) -> list[RosterPlayer]:
        """Return who appeared for the team in its last 30 days, each with his latest team.

        A team without a game in that time answers from its last 10 games, of the season before
        if need be.
        """
        label = season_of(eastern_date(as_of))
        previous = season_year(label) - 1
        earlier = f"{previous}-{(previous + 1) % 100:02d}"
        for season in (self.season(label), self.season(earlier)):
            names = self._appeared(season, tricode, as_of) if season else []
            if names:
                return [RosterPlayer(name) for name in names]
        return []

    @staticmethod
    def _appeared(season: Season, tricode: str, as_of: datetime) -> list[str]:
        games = season.final(as_of)
        own = [game for game in games if tricode in (game.home, game.away)]
        since = eastern_date(as_of) - ROSTER_DAYS
        recent = [game for game in own if game.game_date >= since] or own[-ROSTER_GAMES:]
        if not recent:
            return []
        latest: dict[str, str] = {}
        for game in games:
            if game.game_date >= recent[0].game_date:
                latest |= {row.name: row.team for row in season.box[game.game_id] if row.played}
        return sorted(name for name, team in latest.items() if team == tricode)

    def _load(self, label: str) -> Season | None:
        scheduled = scheduled_rows(self._files, label)
        played = load_played(self._files, label)
        if not scheduled and not played.rows:
            return None
        second = load_second(self._files, label)
        totals = load_totals(self._files, label, played, second)
        lines = load_lines(self._files, label)
        points = {key: total.pts for key, total in totals.items()}
        games = build_games(label, scheduled, played, commence_times(lines).values(), points)
        events, offers = build_events(lines, first_tips(games, lines))
        return Season(
            label=label,
            games=games,
            box=self._boxes(label, games, played),
            second=_by_game(games, second),
            totals={
                (game.game_id, team): totals[game.game_date, team]
                for game in games
                for team in (game.home, game.away)
                if game.home_pts is not None
            },
            events=events,
            offers=offers,
        )

    def _boxes(self, label: str, games: list[Game], played: Played) -> dict[str, list[BoxRow]]:
        boxes = _by_game(games, played.rows)
        for game_id, absent in load_absent(self._files, label, played).items():
            rows = boxes.get(game_id, [])
            there = {row.person_id for row in rows}
            rows.extend(row for row in absent if row.person_id not in there)
        return boxes


def _by_game(games: list[Game], by_team: dict[TeamGame, list[BoxRow]]) -> dict[str, list[BoxRow]]:
    boxes: dict[str, list[BoxRow]] = {}
    for game in games:
        if game.home_pts is None:
            continue
        rows = [row for team in (game.away, game.home) for row in by_team.get((game.game_date, team), [])]
        if rows:
            boxes[game.game_id] = rows
    return boxes
