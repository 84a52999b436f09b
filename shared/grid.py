"""What `tipoff status` without a date asks and shows: dates by phases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from shared.messages import Message

LONGEST_RUN = timedelta(hours=1)
"""A phase that has said nothing for longer than this isn't running any more, whatever its row says."""


class CellState(StrEnum):
    """How a phase of a date stands."""

    OK = "ok"
    WARN = "warn"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"
    MISSING = "missing"
    STALE = "stale"
    NONE = "none"
    """Nothing is expected: no games, not due yet, or not reached yet."""


class GridInput(Message):
    """Asks for the dates up to one."""

    until: date | None = None
    """Inclusive. None: the latest date that was run."""
    days: int = Field(default=14, ge=1, le=400)


class GridCell(Message):
    """One phase of one date."""

    state: CellState
    why: str = ""


class GridDay(Message):
    """One date."""

    game_date: date
    games: int
    phases: dict[str, GridCell]
    features: dict[str, int] = Field(default_factory=dict)
    """Feature vectors by version."""
    predictions: int = 0
    """Active ones."""
    updated_at: datetime | None = None


class StatusGrid(Message):
    """The dates, the latest last."""

    days: tuple[GridDay, ...]
