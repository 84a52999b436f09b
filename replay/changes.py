"""Changes of what happened, told by every upstream or by one: a game put off, a score put right, a new name.

A change makes another season out of the season, so that schedule, box score, market and roster agree about
it; which of its stages an answer shows follows from the time that is asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from replay.asof import EASTERN, eastern, eastern_date, parse_instant
from replay.faults import Fault
from replay.league import (
    BoxRow,
    Game,
    Injury,
    League,
    Offer,
    RosterPlayer,
    Season,
    SeasonSummary,
    TeamTotal,
)
from replay.names import plain

LATE_TIP = "23:30"
#: A tip before this is of the night that follows the game's date.
NIGHT_ENDS = time(3, 0)
#: When the new date of a game that was put off becomes known: the day after its old one.
NOON = time(12, 0)
KEPT_SEASONS = 16

#: Which changes a season is told with, and how far each has come.
Stages = Sequence[tuple[Fault, str]]


class ChangedSeasons:
    """Makes seasons out of seasons and keeps the latest: a page asks for the same one again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Season] = {}
        self._lock = threading.Lock()

    def of(self, season: Season, stages: Stages) -> Season:
        """Return the season under the changes, in the order in which they were set."""
        key = (season.label, *((change.id, stage) for change, stage in stages))
        with self._lock:
            if key not in self._kept:
                if len(self._kept) >= KEPT_SEASONS:
                    self._kept.pop(next(iter(self._kept)))
                changed = season
                for change, stage in stages:
                    changed = _APPLY[change.kind](changed, change, stage)
                self._kept[key] = changed
            return self._kept[key]


class ChangedLeague(League):
    """A league as it is told at one time, under the changes that are set."""

    def __init__(
        self, league: League, changes: Sequence[Fault], as_of: datetime, seasons: ChangedSeasons
    ) -> None:
        self.source = league.source
        self._league, self._changes, self._as_of, self._seasons = league, changes, as_of, seasons

    def season(self, label: str) -> Season | None:
        """Return the season with every change that concerns it by then."""
        season = self._league.season(label)
        if season is None:
            return None
        stages = [(it, _stage(it, season, self._as_of)) for it in self._changes]
        told = [(it, stage) for it, stage in stages if stage]
        return self._seasons.of(season, told) if told else season

    def summaries(self) -> list[SeasonSummary]:
        """Return what can be run; changes don't add to it."""
        return self._league.summaries()

    def dates_with_lines(self) -> list[date]:
        """Return the dates that have lines as they were recorded."""
        return self._league.dates_with_lines()

    def injuries(self, as_of: datetime) -> list[Injury] | None:
        """Return the injury report under the names of the time."""
        listed = self._league.injuries(as_of)
        if listed is None:
            return None
        return [it._replace(name=self._name(it.name, it.team, as_of)) for it in listed]

    def roster(self, tricode: str, as_of: datetime) -> list[RosterPlayer]:
        """Return the team's players under the names of the time."""
        players = self._league.roster(tricode, as_of)
        return sorted(self._listed(it, tricode, as_of) for it in players)

    def _listed(self, player: RosterPlayer, team: str, as_of: datetime) -> RosterPlayer:
        for change in self._changes:
            if change.kind == "renamed_player":
                player = _Renaming(change).listed(player, team, eastern_date(as_of))
        return player

    def _name(self, name: str, team: str, as_of: datetime) -> str:
        for change in self._changes:
            if change.kind == "renamed_player":
                name = _Renaming(change).name(name, team, eastern_date(as_of))
        return name


def _wish(change: Fault) -> dict[str, Any]:
    return change.value if isinstance(change.value, dict) else {}


def _named_game(season: Season, change: Fault) -> Game | None:
    wanted = change.match.get("game_id")
    return next((game for game in season.games if wanted in game.aliases()), None)


def _stage(change: Fault, season: Season, as_of: datetime) -> str:
    """Return how far the change has come at `as_of`; empty where it isn't seen."""
    if change.kind == "renamed_player":
        return "renamed"
    game = _named_game(season, change)
    if game is None:
        return ""
    if change.kind == "late_tip":
        return "late"
    wish = _wish(change)
    if change.kind == "corrected_box":
        until = wish.get("until")
        morning = eastern(game.game_date + timedelta(days=2), time())
        return "wrong" if as_of < (parse_instant(until) if until else morning) else ""
    if as_of < _called_off(wish, game):
        return ""
    if "to" in wish:
        known = wish.get("known")
        noon = eastern(game.game_date + timedelta(days=1), NOON)
        if as_of >= (parse_instant(known) if known else noon):
            return "moved"
    return "off"


def _called_off(wish: Mapping[str, Any], game: Game) -> datetime:
    return parse_instant(wish["called_off"]) if "called_off" in wish else game.tip


def _with_game(season: Season, old: Game, new: Game, **more: Any) -> Season:
    games = [new if game is old else game for game in season.games]
    games.sort(key=lambda game: (game.game_date, game.tip, game.game_id))
    return replace(season, games=games, pieces={}, **more)


def _put_off(season: Season, change: Fault, stage: str) -> Season:
    game = _named_game(season, change)
    if game is None:
        return season
    wish = _wish(change)
    if stage == "off":
        events = {key: event for key, event in season.events.items() if key != game.event_id}
        off = replace(game, called_off=_called_off(wish, game), home_pts=None, away_pts=None, event_id=None)
        box, second = (
            {key: rows for key, rows in held.items() if key != game.game_id}
            for held in (season.box, season.second)
        )
        return _with_game(season, game, off, events=events, box=box, second=second)
    day = date.fromisoformat(wish["to"])
    local = game.tip.astimezone(EASTERN)
    tip = eastern(day, local.timetz().replace(tzinfo=None))
    later = tip - game.tip
    events = dict(season.events)
    if game.event_id in events:
        event = events[game.event_id]
        events[game.event_id] = replace(
            event, game_date=day, commence=event.commence + later, snapshot=event.snapshot + later
        )

    def moved(key: str, offers: Sequence[Offer]) -> Sequence[Offer]:
        own = key == game.event_id
        return [it._replace(snapshot=it.snapshot + later) for it in offers] if own else offers

    return _with_game(
        season,
        game,
        replace(game, game_date=day, tip=tip),
        events=events,
        offers=_Offers(season.offers, moved),
    )


def _tip_late(season: Season, change: Fault, stage: str) -> Season:
    del stage
    game = _named_game(season, change)
    if game is None:
        return season
    at = time.fromisoformat(change.value or LATE_TIP)
    tip = eastern(game.game_date + timedelta(days=at < NIGHT_ENDS), at)
    events = dict(season.events)
    if game.event_id in events:
        events[game.event_id] = replace(events[game.event_id], commence=tip)
    return _with_game(season, game, replace(game, tip=tip, tip_assumed=False), events=events)


def _count_wrongly(season: Season, change: Fault, stage: str) -> Season:
    """Give a player points that he didn't score, and his team with him, so that all adds up."""
    del stage
    game = _named_game(season, change)
    if game is None or not season.box.get(game.game_id):
        return season
    rows = season.box[game.game_id]
    wanted = change.match.get("player")
    own = [
        it
        for it in rows
        if it.played and (plain(it.name) == plain(wanted) if wanted else it.team == game.home)
    ]
    if not own:
        return season
    player = max(own, key=lambda row: (row.pts, row.name))
    points = int(_wish(change).get("points", 2))
    home, away = int(game.home_pts or 0), int(game.away_pts or 0)
    at_home = player.team == game.home
    if (home if at_home else away) + points == (away if at_home else home):
        # A tie is no result that anybody would believe.
        points += 1

    def wrong(row: BoxRow) -> BoxRow:
        same = row.team == player.team and (
            plain(row.name) == plain(player.name) or row[3:19] == player[3:19]
        )
        if not same:
            return row
        made, free = divmod(points, 2)
        return row._replace(
            pts=row.pts + points,
            fgm=row.fgm + made,
            fga=row.fga + made,
            ftm=row.ftm + free,
            fta=row.fta + free,
        )

    totals = dict(season.totals)
    for team in (game.home, game.away):
        total = totals[game.game_id, team]
        sign = 1 if team == player.team else -1
        totals[game.game_id, team] = total._replace(
            stats=_more(total, points) if sign == 1 else total.stats,
            plus_minus=total.plus_minus + sign * points,
        )
    box, second = (
        {**held, game.game_id: [wrong(row) for row in held[game.game_id]]} if game.game_id in held else held
        for held in (season.box, season.second)
    )
    scored = replace(game, home_pts=home + points * at_home, away_pts=away + points * (not at_home))
    return _with_game(season, game, scored, box=box, second=second, totals=totals)


def _more(total: TeamTotal, points: int) -> tuple[int, ...]:
    """Return the team's stats with the points added as to a player's: field goals, then a free throw."""
    made, free = divmod(points, 2)
    fgm, fga, fg3m, fg3a, ftm, fta, *rest, pts = total.stats
    return (fgm + made, fga + made, fg3m, fg3a, ftm + free, fta + free, *rest, pts + points)


class _Renaming:
    """One player under another name: everywhere, from a date on."""

    def __init__(self, change: Fault) -> None:
        wish = change.value if isinstance(change.value, dict) else {"to": change.value}
        self._old = plain(change.match["player"])
        self._new = str(wish["to"])
        self._since = date.fromisoformat(wish["from"]) if "from" in wish else date.min
        self._keeps_id = wish.get("id", "keep") == "keep"
        self._team = change.match.get("team")

    def name(self, name: str, team: str, day: date) -> str:
        """Return the name as it is told on that day."""
        same = plain(name) == self._old and self._team in (None, team) and day >= self._since
        return self._new if same else name

    def listed(self, player: RosterPlayer, team: str, day: date) -> RosterPlayer:
        name = self.name(player.name, team, day)
        if name == player.name:
            return player
        return player._replace(name=name, known_as=(player.known_as or player.name) if self._keeps_id else "")

    def row(self, row: BoxRow, day: date) -> BoxRow:
        name = self.name(row.name, row.team, day)
        if name == row.name:
            return row
        return row._replace(name=name, person_id=row.person_id if self._keeps_id else 0)


def _rename(season: Season, change: Fault, stage: str) -> Season:
    del stage
    renaming = _Renaming(change)
    days = {game.game_id: game.game_date for game in season.games}
    box, second = (
        {key: [renaming.row(row, days[key]) for row in rows] for key, rows in held.items()}
        for held in (season.box, season.second)
    )
    teams = {game.event_id: (game.home, game.away) for game in season.games}

    def told(key: str, offers: Sequence[Offer]) -> Sequence[Offer]:
        day = season.events[key].game_date
        sides = teams.get(key, ())
        found = []
        for offer in offers:
            names = [renaming.name(offer.player, side, day) for side in sides]
            found.append(
                offer._replace(player=next((it for it in names if it != offer.player), offer.player))
            )
        return found

    return replace(season, box=box, second=second, offers=_Offers(season.offers, told), pieces={})


class _Offers(Mapping[str, Sequence[Offer]]):
    """Offers changed when they are looked up: a season has 120,000."""

    def __init__(
        self,
        offers: Mapping[str, Sequence[Offer]],
        change: Callable[[str, Sequence[Offer]], Sequence[Offer]],
    ) -> None:
        self._offers, self._change = offers, change

    def __getitem__(self, key: str) -> Sequence[Offer]:
        return self._change(key, self._offers[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._offers)

    def __len__(self) -> int:
        return len(self._offers)


_APPLY: dict[str, Callable[[Season, Fault, str], Season]] = {
    "postponed_game": _put_off,
    "corrected_box": _count_wrongly,
    "renamed_player": _rename,
    "late_tip": _tip_late,
}
