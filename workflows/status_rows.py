"""When a day's status rows are written: a live day's with each phase, a backfilled day's in batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.day_state import DayState
from workflows.steps import BOOKKEEPING, BOOKKEEPING_TIMEOUT

with workflow.unsafe.imports_passed_through():
    from shared.messages import Transitions
    from shared.names import RECORD_TRANSITIONS

RECORDED_IN_BATCHES = "recorded-in-batches"
"""The patch before which a backfilled day wrote status rows at the beginning of each of its phases."""

RECORDED_EVERY = timedelta(seconds=30)
"""A backfilled day's status rows, at least. BigQuery takes 1,500 loads of a table a day, and the phases of a
season are 1,200."""


class StatusRows:
    """The transitions of a day that the warehouse has not been told of, and their writing."""

    def __init__(self, day: DayState, epoch: int, *, backfilled: bool) -> None:
        self._day = day
        self._epoch = epoch
        self._backfilled = backfilled
        self._written_at: datetime | None = None

    def due_within(self) -> timedelta:
        """How long the next ones may wait; those of a live day don't."""
        if not (
            self._backfilled
            and self._day.unrecorded
            and self._written_at
            and workflow.patched(RECORDED_IN_BATCHES)
        ):
            return timedelta()
        return max(self._written_at + RECORDED_EVERY - workflow.now(), timedelta())

    async def write(self) -> None:
        """Records the transitions since the last time: one write a table, whatever their number."""
        batch, self._day.unrecorded = self._day.unrecorded, []
        if not batch:
            return
        self._written_at = workflow.now()
        await workflow.execute_activity(
            RECORD_TRANSITIONS,
            Transitions(epoch=self._epoch, transitions=tuple(batch)),
            start_to_close_timeout=BOOKKEEPING_TIMEOUT,
            retry_policy=BOOKKEEPING,
        )

    async def write_unless(self, over: Callable[[], bool], within: timedelta) -> None:
        """Records the transitions, unless something comes first after which they are recorded anyway."""
        try:
            await workflow.wait_condition(over, timeout=within)
        except TimeoutError:
            await self.write()
