"""What workflows, activities, the worker and the command line say to each other.

One model per call, so that a field can be added later. Payloads are references: counts, hashes and table
names, never rows.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(max_length=200)]
"""A name, an id or a checksum from outside."""

Names = Annotated[tuple[Name, ...], Field(max_length=500)]
"""Several of them."""


Text = Annotated[str, Field(max_length=20_000)]
"""A sentence, or several."""


class Message(BaseModel):
    """Frozen, and strict about fields: a misspelt one is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DayStatus(StrEnum):
    """The status of a day."""

    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"


class PhaseState(StrEnum):
    """The status of a phase or a processor."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


# ---- the day


class DailyPipelineInput(Message):
    """Starts a day: `{"game_date": "2025-11-07"}` is enough."""

    game_date: date
    as_of: datetime | None = None
    """Fixes the day's `as_of`; the schedule gives its scheduled time. None: planned from the source."""
    phases: Names = ()
    """Run these phases only; empty means all."""
    requested_by: str = Field(default="", max_length=200)
    retriggers: tuple[Retrigger, ...] = Field(default=(), max_length=100)
    """Open a new run of a day that has ended, for these phases and what depends on them."""
    refresh: Refresh | None = None
    """Open a new run of a day that was completed, to fetch lines and injuries again."""
    held: Names = ()
    """Phases that may not begin before the signal `release` names them."""
    watched_by: str = Field(default="", max_length=200)
    """The workflow that is told of the day's progress by the signal `day_progress`."""


class DayPlan(Message):
    """The day's clock, fixed once in its history."""

    game_date: date
    source: Literal["recorded", "simulated", "live"]
    as_of: datetime
    first_tip: datetime | None = None
    deadline: datetime | None = None
    """First tip-off less the lead, in the day's own time (`as_of` plus the time elapsed)."""
    snapshot_assumed: bool = False
    tip_assumed: bool = False
    games: int = 0
    park_limit_seconds: float = 43_200
    usual_seconds: dict[str, float] = Field(default_factory=dict)
    """What each phase before the tip-off usually takes; empty: not known, and lateness is not foreseen."""
    completed_phases: tuple[str, ...] = ()
    """Phases that an earlier run of this day has completed, by the warehouse."""
    alerted: bool = False
    """Whether people were told of an earlier run of this day what has not ended yet."""


class PlanRequest(Message):
    """Asks for a day's plan."""

    game_date: date
    as_of: datetime | None
    started_at: datetime


class LaunchInput(Message):
    """What the schedule starts. The date comes from the scheduled time unless given."""

    game_date: date | None = None


class LaunchResult(Message):
    """Which day was launched."""

    workflow_id: str
    game_date: date
    already_running: bool = False
    """The day runs, or was completed, already: it was not started again."""


class ProcessorRequest(Message):
    """One run of one processor."""

    game_date: date
    phase: str
    processor: str
    as_of: datetime
    started_at: datetime
    """When the day began by Temporal's clock: `now = as_of + (clock - started_at)`."""
    epoch: int
    """Microseconds since 1970 at which the day's run began: its fence."""
    retrigger: int = 0
    dates: tuple[date, ...] = ()
    """The scope, where the caller knows it; empty: found in the day's own scrape log."""
    chunk: int = 0
    staged: tuple[str, ...] = ()
    """Staging tables to consolidate."""


class ProcessorResult(Message):
    """What a processor wrote."""

    processor: str
    table: str
    rows: int
    content_hash: str
    write_key: str
    replayed: bool = False
    """The write was found in the ledger: an earlier attempt had committed it."""
    attempt: int = 1
    partitions: tuple[date, ...] = ()
    warnings: tuple[str, ...] = ()
    """The first twenty."""
    warning_count: int = 0
    facts: dict[str, str | int | float | bool] = Field(default_factory=dict)
    staged: str = ""
    seconds: float = 0.0
    bytes_processed: int = 0
    """By BigQuery, for all its queries. The embedded engine counts nothing."""
    bytes_billed: int = 0


BLOCKED = "Blocked"
"""The error type of a processor that could not be started, because one it waits for failed."""


class ProcessorFailure(Message):
    """Why a processor gave up."""

    processor: str
    error_type: str
    message: str
    required: bool
    non_retryable: bool = False
    attempts: int = 0
    chunk: int | None = None
    """Of a processor that runs in chunks: the one that failed."""


class PhaseRequest(Message):
    """One run of one phase."""

    game_date: date
    phase: Name
    as_of: datetime
    started_at: datetime
    epoch: int
    retrigger: int = 0
    processors: Names = ()
    """Only these; empty means all."""
    planned: Names = ()
    """The phase's processors when it began: a later deployment adds none to a phase that is under way."""
    first_chunk: int | None = None
    """The chunk that failed before: the others wait until it is done."""


class PhaseResult(Message):
    """What became of a phase. A failure is a result, not an exception: the day decides."""

    phase: str
    ok: bool
    results: tuple[ProcessorResult, ...] = ()
    failures: tuple[ProcessorFailure, ...] = ()


class ChunkCount(Message):
    """How many chunks of players there are to predict."""

    chunks: int
    players: int


# ---- messages to a day


class OperatorRequest(Message):
    """What every message of an operator carries. `request_id` makes it act once."""

    request_id: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=500)
    requested_by: str = Field(default="unknown", max_length=200)


class Retrigger(OperatorRequest):
    """Run a phase again, and what depends on it."""

    phase: Name
    processors: Names = ()


class Skip(OperatorRequest):
    """Go on without a phase."""

    phase: Name


class Pause(OperatorRequest):
    """Start nothing new until resumed."""


class Resume(OperatorRequest):
    """Go on."""


class Refresh(OperatorRequest):
    """Fetch lines and injuries again, and predict the games that have not begun anew."""


class Abort(OperatorRequest):
    """End the day now."""


class Claim(Message):
    """A request id to be claimed for a day, once across all its runs."""

    game_date: date
    request_id: str
    action: str
    reason: str
    requested_by: str
    run_id: str


class ClaimResult(Message):
    """Whether this run holds the claim."""

    granted: bool
    held_by: str = ""


class Answer(Message):
    """What an update answers: what will happen."""

    accepted: bool
    message: str


# ---- status


class ProcessorStatus(Message):
    """A processor in `status`."""

    name: str
    state: PhaseState
    rows: int = 0
    attempts: int = 0
    seconds: float = 0.0
    warnings: int = 0
    error: str = ""
    bytes_billed: int = 0


class PhaseStatus(Message):
    """A phase in `status`."""

    name: str
    number: int
    state: PhaseState
    retrigger: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    processors: tuple[ProcessorStatus, ...] = ()


class TimelineEntry(Message):
    """One thing that happened to a day."""

    at: datetime
    what: str


class Blocker(Message):
    """What keeps a day from going on, and the command that helps."""

    phase: str
    processor: str
    reason: str
    since: datetime
    next_attempt: datetime | None = None
    command: str


class DayReport(Message):
    """The answer of the `status` query and the result of a day."""

    game_date: date
    status: DayStatus
    source: str = ""
    as_of: datetime | None = None
    deadline: datetime | None = None
    games: int = 0
    phases: tuple[PhaseStatus, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    late: str = ""
    """That it will miss its first tip-off, or is about to; empty: not foreseen."""
    sources: tuple[str, ...] = ()
    """Sources that were left alone when the day last scraped: which, until when, why."""
    rejected: tuple[str, ...] = ()
    """Messages that were malformed or refused, with the reason."""
    message: str = ""


class Transition(Message):
    """A row for the status tables, written once per transition."""

    game_date: date
    phase: str
    processor: str = ""
    """Empty: the phase itself."""
    state: PhaseState
    run_id: str
    retrigger: int = 0
    attempt: int = 1
    at: datetime
    started_at: datetime | None = None
    rows: int = 0
    warnings: int = 0
    error_type: str = ""
    message: str = ""
    bytes_processed: int = 0
    bytes_billed: int = 0


class Transitions(Message):
    """Several transitions, recorded in one write per table."""

    epoch: int
    transitions: tuple[Transition, ...]


class Alert(Message):
    """Something a person should know: what broke, what it blocks, what is being done, what to run."""

    cause: str
    severity: Literal["info", "warning", "error", "critical"]
    title: str
    text: str
    blocks: str = ""
    doing: str = ""
    command: str = ""
    workflow_id: str = ""
    game_date: date | None = None
    """The date it is about; None: about none, and counted under the date on which it arose."""
