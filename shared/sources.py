"""What `tipoff sources` asks the worker, and is answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.messages import Message


class SourcesInput(Message):
    """Asks how every source stands; with `close`, one is asked again at once."""

    close: str = Field(default="", max_length=100)
    """The source whose breaker is closed first; empty: only a look."""
    reason: str = Field(default="", max_length=500)
    requested_by: str = Field(default="", max_length=200)


class SourceRow(Message):
    """How one source stands."""

    source: str
    state: str
    """closed, open or half_open."""
    not_before: datetime | None = None
    """It is not asked before this; None, or in the past: it may be asked."""
    failed_today: int = 0
    """Failed calls of this UTC day."""
    failed_a_day: int
    """So many are let happen a day."""
    reason: str = ""


class SourcesReport(Message):
    """Every source there is, by name."""

    sources: tuple[SourceRow, ...]
