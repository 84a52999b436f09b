"""Time as the replay server knows it: an instant in the URL, and US/Eastern calendar dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")

#: A game counts as final this long after its tip; the record keeps no end times.
GAME_LENGTH = timedelta(hours=2, minutes=45)

#: What a game's tip is taken to be where nothing recorded says it.
ASSUMED_TIP = time(19, 0)


def parse_instant(text: str) -> datetime:
    """Return the aware UTC instant that `text` (ISO 8601 with an offset or Z) names.

    Raises ValueError when it is no instant, or has no offset: a naive time would be read as
    Eastern by one reader and as UTC by the next.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it in UTC, like 2025-11-07T17:01:00Z")
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return `moment` as the upstreams write it: whole seconds, UTC, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def eastern_date(moment: datetime) -> date:
    """Return the US/Eastern calendar date of `moment`: the date a game is filed under."""
    return moment.astimezone(EASTERN).date()


def eastern(day: date, at: time) -> datetime:
    """Return the UTC instant of the Eastern wall-clock time `at` on `day`."""
    return datetime.combine(day, at, tzinfo=EASTERN).astimezone(UTC)


def season_of(day: date) -> str:
    """Return the NBA season that `day` belongs to, like "2025-26".

    The turn is 1 September: the 2019-20 season, the latest ever, ended on 14 August.
    """
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def season_year(label: str) -> int:
    """Return the calendar year in which season `label` begins. Raises ValueError for no season."""
    head, _, tail = label.partition("-")
    year = int(head)
    if len(head) != 4 or tail != f"{(year + 1) % 100:02d}":
        raise ValueError(f"{label!r} is no season; seasons look like 2025-26")
    return year
