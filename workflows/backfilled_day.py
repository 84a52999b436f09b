"""One day of a backfill: started, or found running; released phase by phase as the day before goes on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ChildWorkflowHandle

with workflow.unsafe.imports_passed_through():
    from shared.backfill import PRIORITY, DayProgress, PlannedDay, Release, Watch
    from shared.day_before import needs_of_day_before
    from shared.ids import daily_workflow_id
    from shared.messages import DailyPipelineInput, DayReport, DayStatus, Retrigger
    from shared.names import DAILY_PIPELINE
    from shared.phases import PHASE_NAMES, PHASES

LOOK_AGAIN = timedelta(minutes=1)
"""How often a day that someone else has started is asked whether it still runs."""


class BackfilledDay:
    """What the backfill knows of a day, and how it runs it."""

    def __init__(
        self, planned: PlannedDay, before: BackfilledDay | None, backfill_id: str, requested_by: str
    ) -> None:
        self.game_date = planned.game_date
        self.status = DayStatus.RUNNING
        self.message = ""
        self.games = 0
        self.ended = False
        self.task: asyncio.Task[None] | None = None
        self._planned = planned
        self._before = before
        self._backfill_id = backfill_id
        self._requested_by = requested_by
        self._satisfied: frozenset[str] = frozenset()
        self._held: set[str] = set()

    @property
    def parked(self) -> bool:
        """Whether it waits for an operator or for another attempt."""
        return self.status in (DayStatus.WAITING, DayStatus.PAUSED)

    def told(self) -> str:
        """A word for who looks at the progress."""
        return f"{self.game_date} {self.message or self.status}"

    def take(self, progress: DayProgress) -> None:
        """What the day says of itself."""
        self.status, self.message = progress.status, progress.message
        self.games = progress.games
        self._satisfied = frozenset(progress.satisfied)
        if progress.ended and self.task is not None:
            self._end(progress.status, progress.message)

    # ---- the day before

    def _is_free(self, phase: str) -> bool:
        """Whether the day before has behind it what a phase needs, or has ended, however that was."""
        before = self._before
        return before is None or before.ended or needs_of_day_before(phase) <= before._satisfied

    def may_begin(self) -> bool:
        """Whether a phase that needs nothing of this day itself is free."""
        return all(self._is_free(phase.name) for phase in PHASES if not phase.depends_on)

    async def release_what_is_free(self) -> None:
        """Tells the day which of its held phases may begin."""
        free = tuple(name for name in PHASE_NAMES if name in self._held and self._is_free(name))
        if free and not self.ended:
            self._held -= set(free)
            await self._signal("release", Release(phases=free))

    async def _signal(self, name: str, payload: Release | Watch | Retrigger) -> bool:
        handle = workflow.get_external_workflow_handle(daily_workflow_id(self.game_date))
        try:
            await handle.signal(name, payload)
        except FailureError:
            return False
        return True

    # ---- the day

    async def run(self) -> None:
        """Runs the day to its end."""
        retriggers = tuple(
            Retrigger(
                # Once a backfill: its days may be found running, or run, when it is started again.
                request_id=f"{self._backfill_id}/{phase}"[-100:],
                reason=f"backfill: {self._planned.reason}"[:500],
                requested_by=self._requested_by or "backfill",
                phase=phase,
            )
            for phase in self._planned.phases
        )
        while not self.ended:
            try:
                handle = await self._start(retriggers)
            except WorkflowAlreadyStartedError:
                # Where it ends before it could be watched, it is run again, which does no harm.
                await self._join(retriggers)
                continue
            await self.release_what_is_free()
            try:
                report = await handle
            except ChildWorkflowError as error:
                cause = error.cause
                kind = cause.type if isinstance(cause, ApplicationError) else ""
                status = DayStatus.ABORTED if kind == "DayAborted" else DayStatus.FAILED
                self._end(status, f"{kind or type(cause).__name__}: {cause}")
            else:
                self.games = report.games
                self._end(DayStatus.COMPLETED, "")

    async def _start(self, retriggers: tuple[Retrigger, ...]) -> ChildWorkflowHandle[object, DayReport]:
        self._held = {name for name in PHASE_NAMES if not self._is_free(name)}
        request = DailyPipelineInput(
            game_date=self.game_date,
            requested_by=self._requested_by,
            retriggers=retriggers,
            held=tuple(sorted(self._held)),
            watched_by=workflow.info().workflow_id,
        )
        return await workflow.start_child_workflow(
            DAILY_PIPELINE,
            request,
            id=daily_workflow_id(self.game_date),
            result_type=DayReport,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            priority=Priority(priority_key=PRIORITY),
        )

    async def _join(self, retriggers: tuple[Retrigger, ...]) -> None:
        """The day runs already: it is told what is wanted, and watched until its end."""
        self._held = set()
        for retrigger in retriggers:
            await self._signal("retrigger", retrigger)
        watch = Watch(workflow_id=workflow.info().workflow_id)
        while not self.ended and await self._signal("watch", watch):
            try:
                await workflow.wait_condition(lambda: self.ended, timeout=LOOK_AGAIN)
            except TimeoutError:
                continue

    def _end(self, status: DayStatus, message: str) -> None:
        self.status, self.message, self.ended = status, message, True
