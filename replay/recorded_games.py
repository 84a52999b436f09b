"""The season's games, put together from the schedule, the box scores and the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from replay.asof import ASSUMED_TIP, eastern, season_year
from replay.league import Game
from replay.recorded_boxes import Played, TeamGame
from replay.recorded_files import BadDataError, DataFiles, as_date, columns
from replay.recorded_lines import RawLine
from replay.teams import BY_NAME, TRICODES

#: The Cup finals, which count for no season: they have lines, and no regular-season game.
CUP_FINALS = frozenset({date(2023, 12, 9), date(2024, 12, 17), date(2025, 12, 16)})

#: A pairing on a date: the teams, away first.
Pairing = tuple[date, str, str]


def scheduled_rows(files: DataFiles, label: str) -> list[Pairing]:
    """Read the regular-season games that the schedule has for the season."""
    rows: list[Pairing] = []
    for path in files.schedule:
        data = columns(path, season=label, season_type="regular")
        rows += [
            (as_date(day), away, home)
            for day, away, home in zip(data["game_date"], data["away"], data["home"], strict=True)
        ]
    return rows


def build_games(
    label: str,
    scheduled: list[Pairing],
    played: Played,
    events: Iterable[RawLine],
    points: Mapping[TeamGame, int],
) -> list[Game]:
    """Return the season's games, in the order of their tips.

    The schedule says who is at home; the box scores say so where there is no schedule (before
    2018-19), and call both sides visitors or both hosts in a neutral arena. An event of the
    market (here the first line of each) that has no game was postponed, unless it was a Cup final.
    """
    market = {_pairing(event): event for event in events}
    pairings = dict.fromkeys(scheduled)
    known = {(day, frozenset((away, home))) for day, away, home in pairings}
    for (day, team), opponent in played.opponent.items():
        if (day, frozenset((team, opponent))) not in known and played.is_home[day, team]:
            pairings[day, opponent, team] = None
            known.add((day, frozenset((team, opponent))))
    postponed = [
        pairing
        for pairing in market
        if (pairing[0], frozenset(pairing[1:])) not in known and pairing[0] not in CUP_FINALS
    ]
    games = [
        _game(label, pairing, played, market.get(pairing), points, postponed=pairing in postponed)
        for pairing in [*pairings, *postponed]
    ]
    return sorted(games, key=lambda game: (game.game_date, game.tip, game.game_id))


def _pairing(event: RawLine) -> Pairing:
    for name in (event.away_name, event.home_name):
        if name not in BY_NAME:
            raise BadDataError(f"points_lines: no team is called {name!r} (event {event.event_id})")
    away, home = BY_NAME[event.away_name].tricode, BY_NAME[event.home_name].tricode
    return event.game_date, away, home


def _game(
    label: str,
    pairing: Pairing,
    played: Played,
    event: RawLine | None,
    points: Mapping[TeamGame, int],
    *,
    postponed: bool,
) -> Game:
    day, away, home = pairing
    tip: datetime = event.commence if event else eastern(day, ASSUMED_TIP)
    sides = [played.is_home.get((day, team)) for team in (home, away)]
    both = (day, home) in points and (day, away) in points
    return Game(
        game_id=played.game_id.get((day, home))
        or played.game_id.get((day, away))
        or derived_game_id(label, day, home),
        season=label,
        game_date=day,
        tip=tip,
        home=home,
        away=away,
        home_pts=points[day, home] if both else None,
        away_pts=points[day, away] if both else None,
        tip_assumed=event is None,
        postponed=postponed,
        neutral=sides[0] is not None and sides[0] == sides[1],
        event_id=event.event_id if event else None,
    )


def derived_game_id(label: str, day: date, home: str) -> str:
    """Return a stable ten-digit id for a game whose id isn't recorded, like 0022590942.

    The last five digits are 90000 + 30 x the days since 1 October + the home team's number: one
    number for each date and home team, above every real one (those end at 1230).
    """
    year = season_year(label)
    number = (day - date(year, 10, 1)).days * len(TRICODES) + TRICODES.index(home)
    return f"002{year % 100:02d}{90_000 + number:05d}"
