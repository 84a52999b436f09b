"""Reconciling: what schedule, tables and statuses disagree about, and what is done about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from shared.grid import LONGEST_RUN
from shared.messages import Message, Name

DAYS = 14
"""Dates looked at unless others are asked for."""

UNFINISHED_MINUTES = LONGEST_RUN // timedelta(minutes=1)
"""A phase whose status has not changed for so long is looked after."""

TRIES = 3
"""So often a date is run again by itself; then a person is needed."""


class Kind(StrEnum):
    """What can be found."""

    NEVER_RUN = "never_run"
    """A date with games without any status, between dates that were run."""
    UNFINISHED = "unfinished"
    """A phase has stood running, waiting or pending for an hour."""
    FAILED = "failed"
    EMPTY_TABLE = "empty_table"
    """A phase is completed and its table has nothing of the date."""
    UNGRADED = "ungraded"
    """Predictions without results although the games' day was graded."""
    BOX_SCORE = "box_score"
    """A final game without a complete box score."""
    CLAIM = "claim"
    """A request that a run took and that no phase followed from."""
    STAGING = "staging"
    """Staging tables that nobody consolidates any more."""


class Remedy(StrEnum):
    """What is done about a finding."""

    START = "start"
    """The day is started. If it runs, it goes on."""
    RETRIGGER = "retrigger"
    """The day runs a phase again, and what depends on it."""
    SWEEP = "sweep"
    NONE = "none"
    """Nothing by itself: it mends itself, or a person is needed."""


class Found(Message):
    """One disagreement, and what was done about it."""

    kind: Kind
    game_date: date | None = None
    what: str = Field(max_length=500)
    remedy: Remedy
    phase: str = ""
    """What is to be run again."""
    request_id: str = Field(default="", max_length=100)
    """Of the re-trigger: the same finding acts once."""
    command: str = Field(default="", max_length=300)
    """What a person would run."""
    done: str = Field(default="", max_length=500)


class ReconcileInput(Message):
    """What to look at; by default the last fourteen dates."""

    start: date | None = None
    end: date | None = None
    dry_run: bool = False
    unfinished_minutes: int = Field(default=UNFINISHED_MINUTES, ge=0, le=10_000)
    requested_by: Name = "schedule"


class ReconcilePlanRequest(Message):
    """Asks what there is to reconcile at an instant."""

    start: date | None
    end: date | None
    now: datetime
    unfinished_minutes: int = UNFINISHED_MINUTES


class ReconcilePlan(Message):
    """What was found, in order of dates."""

    start: date | None = None
    end: date | None = None
    """None: nothing was ever run."""
    found: tuple[Found, ...] = ()
    left_out: int = 0
    """Findings beyond the first two hundred."""


class SweepRequest(Message):
    """Asks for orphaned staging tables to be dropped."""

    now: datetime


class SweepResult(Message):
    """How many were."""

    dropped: int


class ReconcileRecord(Message):
    """What is kept of it."""

    at: datetime
    requested_by: Name
    found: tuple[Found, ...]


class ReconcileReport(Message):
    """What was found and done."""

    start: date | None = None
    end: date | None = None
    dry_run: bool = False
    found: tuple[Found, ...] = ()
    left_out: int = 0
