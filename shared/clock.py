"""Time: game dates are US/Eastern calendar dates, everything else is aware and UTC.

The zone is made here, once: a `ZoneInfo` made inside a sandboxed workflow raises, so the worker passes
`shared` through the sandbox.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.errors import ConfigurationError

LEAGUE_ZONE = "America/New_York"


def league_zone() -> ZoneInfo:
    """US/Eastern, in which game dates are.

    Raises:
        ConfigurationError: there is no time zone data here. UTC would not do: its evening is another date.
    """
    try:
        return ZoneInfo(LEAGUE_ZONE)
    except ZoneInfoNotFoundError as error:
        msg = f"time zone: {LEAGUE_ZONE} is not known here; install the package tzdata"
        raise ConfigurationError(msg) from error


EASTERN = league_zone()

NIGHT = timedelta(hours=3)
"""How far past midnight Eastern a game of the evening may begin; none of the next date begins so early."""

_1970 = datetime(1970, 1, 1, tzinfo=UTC)

MORNING = time(6, 0)
"""When a day is run unless something says otherwise, US/Eastern."""


def utc_now() -> datetime:
    """The present, aware and UTC. Workflows use `workflow.now()` instead."""
    return datetime.now(UTC)


def game_date_of(instant: datetime) -> date:
    """The US/Eastern calendar date of an aware instant."""
    if instant.tzinfo is None:
        msg = "an instant needs a time zone to have a game date"
        raise ValueError(msg)
    return instant.astimezone(EASTERN).date()


def slate_date_of(tip: datetime) -> date:
    """The game date of an aware tip-off: one that is put off past midnight stays its evening's."""
    return game_date_of(tip - NIGHT)


def eastern(day: date, at: time) -> datetime:
    """The aware UTC instant of a US/Eastern wall time."""
    return datetime.combine(day, at, tzinfo=EASTERN).astimezone(UTC)


def season_of(day: date) -> str:
    """The NBA season that a date belongs to, as '2025-26'. Seasons turn on 1 August."""
    start = day.year if day.month >= 8 else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def season_start(season: str) -> date:
    """The first of October of a season; no regular season began earlier."""
    return date(int(season[:4]), 10, 1)


def previous_season(season: str) -> str:
    """The season before, as '2024-25'."""
    start = int(season[:4]) - 1
    return f"{start}-{(start + 1) % 100:02d}"


def iso_utc(instant: datetime) -> str:
    """An instant as '2025-11-07T18:01:00Z', the form that upstreams and URLs use."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """The aware UTC instant of an ISO 8601 text; a text without an offset is an error."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        msg = f"{text!r} has no UTC offset"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def microseconds(instant: datetime) -> int:
    """An aware instant as whole microseconds since 1970: an epoch that a fence compares."""
    return (instant - _1970) // timedelta(microseconds=1)


def days_between(first: date, last: date) -> list[date]:
    """Every date from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
