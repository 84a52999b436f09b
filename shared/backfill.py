"""What a backfill is asked, plans, tells and answers, and what it and its days say to each other."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from shared.messages import DayStatus, Message, Name, Names

MOST_DATES = 4_000
"""Dates of one backfill: eleven seasons, summers included."""

PRIORITY = 4
"""Of a backfilled day's tasks; a live day has 3, and the smaller number goes first."""

RECENT = 20
"""Dates that a pace is measured over."""


class Only(StrEnum):
    """Which dates are wanted."""

    MISSING = "missing"
    FAILED = "failed"
    STALE = "stale"
    ALL = "all"


class Kind(StrEnum):
    """How a date stands in the warehouse, and so why it is run."""

    MISSING = "missing"
    FAILED = "failed"
    STALE = "stale"
    COMPLETE = "complete"
    REGRADE = "regrade"
    """Complete, but the predictions that it graded are made again."""


class PlannedDay(Message):
    """One date to be run."""

    game_date: date
    kind: Kind
    reason: str
    phases: tuple[str, ...] = ()
    """Re-triggered, with what depends on them. Empty: the whole day."""


class Span(Message):
    """Consecutive dates that stand alike."""

    first: date
    last: date
    kind: Kind
    reason: str


class Carried(Message):
    """What one run of the workflow hands to the next."""

    backfill_id: Name
    began: datetime
    following: date
    """The first date not yet planned."""
    total: int
    completed: int = 0
    failed: int = 0
    games: int = 0
    failures: tuple[Annotated[str, Field(max_length=2_000)], ...] = Field(default=(), max_length=100)
    """`<date>: <why>`, the first hundred."""
    paused: bool = False
    first_finished: tuple[datetime, ...] = Field(default=(), max_length=RECENT + 1)
    """When the first dates were done; the pace at the beginning."""
    last_finished: tuple[datetime, ...] = Field(default=(), max_length=RECENT + 1)


class BackfillInput(Message):
    """Run the dates from start to end that need it."""

    start: date
    end: date
    """Inclusive."""
    phase: Name = ""
    """This phase and what depends on it; empty: the whole day."""
    only: Only | None = None
    """None: what is missing, failed or stale."""
    dry_run: bool = False
    max_parallel: int = Field(default=2, ge=1, le=8)
    history_seasons: int = Field(default=2, ge=0, le=12)
    """Full seasons of games brought in before the first date, where they are missing."""
    requested_by: str = Field(default="", max_length=200)
    dates_per_run: int = Field(default=40, ge=1, le=200)
    """Dates after which the workflow continues as new."""
    carried: Carried | None = None
    """Set by the workflow itself when it continues as new."""

    @model_validator(mode="after")
    def _in_order(self) -> BackfillInput:
        if self.end < self.start:
            msg = f"end: {self.end} is before {self.start}"
            raise ValueError(msg)
        if (self.end - self.start).days >= MOST_DATES:
            msg = f"end: {self.start} to {self.end} is more than {MOST_DATES} dates; split it"
            raise ValueError(msg)
        return self


class BackfillPlanRequest(Message):
    """Asks how the dates of a range stand and which of them are to be run."""

    start: date
    end: date
    phase: str = ""
    only: Only | None = None
    following: date
    """Dates before this one are behind the backfill."""
    limit: int
    """Dates to name."""


class BackfillPlan(Message):
    """How the dates stand, and the next ones to run."""

    counts: dict[str, int]
    """Dates of the range by kind."""
    chosen: int
    """Dates to run from `following` on."""
    days: tuple[PlannedDay, ...]
    """The next of them, in order."""
    following: date | None = None
    """Where the rest begins; None: that was all."""
    spans: tuple[Span, ...] = ()
    """The range, for reading; the first hundred spans."""
    champion: bool = True
    """Whether a model may serve the first date that is run."""
    refusal: str = ""
    """Why no date is begun, with the command that helps; empty: models can serve all of them."""


class BackfillProgress(Message):
    """The answer of the `progress` query."""

    backfill_id: str
    state: str
    """planning, preparing, running, paused, stopping or done."""
    done: int
    total: int
    failed: int = 0
    running: tuple[str, ...] = ()
    """`<date> <phase or status>`."""
    seconds_per_date: float | None = None
    """Between the ends of the last twenty dates."""
    remaining_seconds: float | None = None
    note: str = ""


class BackfillSummary(Message):
    """What became of a backfill: its result, and a row of `nba_orchestration.backfill_runs`."""

    backfill_id: str
    start: date
    end: date
    phase: str = ""
    only: str = ""
    max_parallel: int = 1
    requested_by: str = ""
    status: str
    """planned (a dry run), running, completed, failed or stopped."""
    dates: int
    completed: int = 0
    failed: int = 0
    games: int = 0
    failures: tuple[str, ...] = ()
    seconds: float = 0.0
    first_seconds: float | None = None
    """Seconds a date, over the first twenty."""
    last_seconds: float | None = None
    """Seconds a date, over the last twenty."""
    began: datetime
    plan: BackfillPlan | None = None
    """Of a dry run."""


# ---- between a backfill and its days


class Watch(Message):
    """Asks a day to tell a workflow of its progress, until its end."""

    workflow_id: str = Field(min_length=1, max_length=200)


class Release(Message):
    """The day before is far enough: these phases of a day may begin."""

    phases: Names


class DayProgress(Message):
    """What a day tells who watches it."""

    game_date: date
    status: DayStatus
    satisfied: tuple[str, ...] = ()
    """Phases completed or skipped, of those that the day after needs."""
    ended: bool = False
    games: int = 0
    message: str = ""
