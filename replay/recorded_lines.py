"""The recorded player-points lines: the market's events and what each book offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from replay.asof import season_of
from replay.league import Event, Game, Offer
from replay.recorded_files import DataFiles, as_date, columns

#: How long before the day's first tip the lines without a snapshot time count as taken.
ASSUMED_LEAD = timedelta(minutes=60)


class RawLine(NamedTuple):
    """One row of a lines file, its times aware."""

    game_date: date
    event_id: str
    commence: datetime
    home_name: str
    away_name: str
    book: str
    player: str
    point: float
    over: int | None
    under: int | None
    snapshot: datetime | None


def load_lines(files: DataFiles, label: str) -> list[RawLine]:
    """Read every line of the season, in the files' order."""
    lines: list[RawLine] = []
    for file in files.lines:
        if label not in file.seasons:
            continue
        data = columns(file.path)
        blank = [None] * len(data["event_id"])
        for row in map(
            RawLine,
            map(as_date, data["game_date"]),
            data["event_id"],
            data["commence_time"],
            data["home_team"],
            data["away_team"],
            data["bookmaker"],
            data["player_name"],
            data["line"],
            map(_price, data["over_odds"]),
            map(_price, data["under_odds"]),
            map(_utc, data.get("snapshot_time", blank)),
        ):
            if season_of(row.game_date) == label:
                lines.append(row)
    return lines


def commence_times(lines: list[RawLine]) -> dict[str, RawLine]:
    """Return each event's first line by commence time.

    A few events have two commence times, ten minutes apart: the earlier one holds, because a
    deadline that is ten minutes early does no harm.
    """
    first: dict[str, RawLine] = {}
    for line in lines:
        if line.event_id not in first or line.commence < first[line.event_id].commence:
            first[line.event_id] = line
    return first


def build_events(
    lines: list[RawLine], first_tips: Mapping[date, datetime]
) -> tuple[dict[str, Event], dict[str, Sequence[Offer]]]:
    """Return the events and their offers by event id.

    Lines without a snapshot time (DFS) count as taken 60 minutes before the day's first tip.
    """
    events: dict[str, Event] = {}
    offers: dict[str, list[Offer]] = {}
    for event_id, line in commence_times(lines).items():
        events[event_id] = Event(
            event_id=event_id,
            game_date=line.game_date,
            commence=line.commence,
            home_name=line.home_name,
            away_name=line.away_name,
            snapshot=line.snapshot or first_tips[line.game_date] - ASSUMED_LEAD,
            snapshot_assumed=line.snapshot is None,
        )
    for line in lines:
        taken = line.snapshot or first_tips[line.game_date] - ASSUMED_LEAD
        offers.setdefault(line.event_id, []).append(
            Offer(line.book, line.player, line.point, line.over, line.under, taken)
        )
    return events, {event_id: tuple(rows) for event_id, rows in offers.items()}


def first_tips(games: list[Game], lines: list[RawLine]) -> dict[date, datetime]:
    """Return the first tip of each date; that of its lines where no game of ours is played."""
    market = [(line.game_date, line.commence) for line in commence_times(lines).values()]
    of_lines = _earliest(market)
    return of_lines | _earliest((game.game_date, game.tip) for game in games)


def _earliest(times: Iterable[tuple[date, datetime]]) -> dict[date, datetime]:
    earliest: dict[date, datetime] = {}
    for day, moment in times:
        earliest[day] = min(moment, earliest.get(day, moment))
    return earliest


def _price(value: float | None) -> int | None:
    return None if value is None or value != value else round(value)  # noqa: PLR0124


def _utc(value: Any) -> datetime | None:
    """Snapshot times are recorded without a zone and are UTC."""
    if value is None:
        return None
    moment: datetime = value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
