"""The schedules: their names, what they were told to be, and what they say of themselves."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

from shared.errors import BadRequest
from shared.messages import Message

TIME_ZONE = "America/New_York"
"""Wall times of schedules are of this zone; the server knows its clock changes."""

_UNSURE_FROM, _UNSURE_UNTIL = time(1, 0), time(3, 0)


class ScheduleName(StrEnum):
    """The schedules there are."""

    DAILY = "daily"
    REFRESH = "refresh"
    ABSENCE = "absence"
    RECONCILE = "reconcile"

    @property
    def schedule_id(self) -> str:
        """Its id on the Temporal server."""
        return f"tipoff-{self}"


def wall_time(text: str, field: str) -> time:
    """A wall time of America/New_York that every date has exactly once, as '06:00'.

    Raises:
        BadRequest: it isn't one; the message names the field and says how one is written.
    """
    try:
        parsed = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time has no zone
    except ValueError:
        msg = f"{field}: {text!r} is not a wall time; write it as HH:MM, like 06:00"
        raise BadRequest(msg) from None
    if _UNSURE_FROM <= parsed < _UNSURE_UNTIL:
        msg = (
            f"{field}: on dates on which the clocks change {text} comes twice or not at all; "
            "choose a time before 01:00 or from 03:00 on"
        )
        raise BadRequest(msg)
    return parsed


BEGUN_WITHIN = 30
"""Minutes after its time by which a day has begun, or is missed."""

LOOKS_EVERY = 15
"""Minutes between two looks for a day that has not begun."""


def absence_times(daily_at: time) -> tuple[time, ...]:
    """Wall times at which the date's day is looked for: from when it is due until midnight.

    Those that some dates have twice or not at all are left out.
    """
    due = min(daily_at.hour * 60 + daily_at.minute + BEGUN_WITHIN, 24 * 60 - 1)
    times = (time(*divmod(at, 60)) for at in range(due, 24 * 60, LOOKS_EVERY))
    return tuple(at for at in times if not _UNSURE_FROM <= at < _UNSURE_UNTIL)


RECONCILED_AFTER = (90, 360)
"""Minutes after the daily run at which schedule, tables and statuses are reconciled: when the run should be
over, and once more while most games are still to come."""


def reconcile_times(daily_at: time) -> tuple[time, ...]:
    """Wall times of reconciliations; those that some dates have twice or not at all are left out."""
    minutes = (daily_at.hour * 60 + daily_at.minute + after for after in RECONCILED_AFTER)
    times = (time(*divmod(at % (24 * 60), 60)) for at in minutes)
    return tuple(sorted(at for at in times if not _UNSURE_FROM <= at < _UNSURE_UNTIL))


LAST_REFRESH = time(22, 30)
"""No game begins later in New York; after the last tip-off a refresh finds nothing to do and ends."""


def refresh_times(daily_at: time, every: int) -> tuple[time, ...]:
    """Wall times of refreshes: every so many hours after the daily run, until no game can begin any more.

    Those that some dates have twice or not at all are left out.
    """
    minutes = range(daily_at.hour * 60 + daily_at.minute + every * 60, 24 * 60, every * 60)
    times = (time(*divmod(at, 60)) for at in minutes)
    return tuple(at for at in times if at <= LAST_REFRESH and not _UNSURE_FROM <= at < _UNSURE_UNTIL)


class ScheduledStart(Message):
    """One start that a schedule made."""

    scheduled_at: datetime
    started_at: datetime
    workflow_id: str


class ScheduleReport(Message):
    """What a schedule says of itself."""

    name: ScheduleName
    schedule_id: str
    workflow: str
    task_queue: str
    times: tuple[time, ...]
    """Wall times of each date, in order."""
    time_zone: str
    overlap: str
    catch_up_seconds: float
    paused: bool
    note: str = ""
    next_starts: tuple[datetime, ...] = ()
    latest_starts: tuple[ScheduledStart, ...] = ()
    starts: int = 0
    missed: int = 0
    """Starts not made up for: the server was away for longer than the catch-up window."""
    overlapped: int = 0
    """Starts left out because the one before was still under way."""
