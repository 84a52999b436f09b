"""The reconciler: finds what schedule, tables and statuses disagree about, and has the days mend it.

It writes no row of any date: it starts `daily-<date>`, or signals the run that is under way.
"""

from __future__ import annotations

from datetime import date, timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError

from workflows.steps import BOOKKEEPING, HEARTBEAT_TIMEOUT, one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.ids import daily_workflow_id
    from shared.messages import DailyPipelineInput, DayReport, Retrigger
    from shared.names import DAILY_PIPELINE, PLAN_RECONCILE, RECONCILE, RECORD_RECONCILE, SWEEP_STAGING
    from shared.reconcile import (
        Found,
        Kind,
        ReconcileInput,
        ReconcilePlan,
        ReconcilePlanRequest,
        ReconcileRecord,
        ReconcileReport,
        Remedy,
        SweepRequest,
        SweepResult,
    )

ONE_DAY_TAKES = timedelta(minutes=15)
"""So long a day that was started is waited for before the next one is: dates are mended in order."""

RETRIGGER_SIGNAL = "retrigger"


@workflow.defn(name=RECONCILE, failure_exception_types=[ValidationError])
class ReconcileWorkflow:
    """Looks, acts unless told not to, and keeps what it did."""

    @workflow.run
    async def run(self, request: ReconcileInput) -> ReconcileReport:
        """One finding after another, in order of dates."""
        plan = await one_activity(
            PLAN_RECONCILE,
            ReconcilePlanRequest(
                start=request.start,
                end=request.end,
                now=workflow.now(),
                unfinished_minutes=request.unfinished_minutes,
            ),
            ReconcilePlan,
            timedelta(minutes=10),
        )
        found = plan.found
        if not request.dry_run:
            found = tuple([await self._mend(one, request.requested_by) for one in plan.found])
            await self._record(found, request.requested_by)
        return ReconcileReport(
            start=plan.start, end=plan.end, dry_run=request.dry_run, found=found, left_out=plan.left_out
        )

    async def _mend(self, found: Found, requested_by: str) -> Found:
        if found.remedy is Remedy.SWEEP:
            swept = await one_activity(
                SWEEP_STAGING, SweepRequest(now=workflow.now()), SweepResult, timedelta(minutes=10)
            )
            done = f"{swept.dropped} dropped"
        elif found.remedy is Remedy.START and found.game_date:
            day = DailyPipelineInput(game_date=found.game_date, requested_by=requested_by)
            done = await self._start(day) or "it runs already"
        elif found.remedy is Remedy.RETRIGGER and found.game_date:
            done = await self._retrigger(found, found.game_date, requested_by)
        else:
            done = "nothing"
        return found.model_copy(update={"done": done})

    async def _retrigger(self, found: Found, game_date: date, requested_by: str) -> str:
        again = Retrigger(
            request_id=found.request_id,
            reason=f"{found.kind}: {found.what}"[:500],
            requested_by=requested_by,
            phase=found.phase,
        )
        day = DailyPipelineInput(game_date=game_date, requested_by=requested_by, retriggers=(again,))
        done = await self._start(day)
        if done:
            return done
        if found.kind is Kind.UNFINISHED:
            # Whatever it waits for, its run knows, and tries again by itself.
            return "its run is alive and goes on"
        handle = workflow.get_external_workflow_handle(daily_workflow_id(game_date))
        try:
            await handle.signal(RETRIGGER_SIGNAL, again)
        except FailureError:
            return "its run ended in between; the next reconciliation looks again"
        return f"its run was asked to do {found.phase} again"

    async def _start(self, day: DailyPipelineInput) -> str:
        """What became of the day that was started; empty if a run of it is under way."""
        try:
            handle = await workflow.start_child_workflow(
                DAILY_PIPELINE,
                day,
                id=daily_workflow_id(day.game_date),
                result_type=DayReport,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            return ""
        await workflow.wait([handle], timeout=ONE_DAY_TAKES.total_seconds())
        if not handle.done():
            return "started; it goes on"
        try:
            report: DayReport = await handle
        except FailureError as error:
            return f"started; it ended: {error.cause or error}"[:500]
        return f"started; {report.status}"

    async def _record(self, found: tuple[Found, ...], requested_by: str) -> None:
        if not found:
            return
        await workflow.execute_activity(
            RECORD_RECONCILE,
            ReconcileRecord(at=workflow.now(), requested_by=requested_by, found=found),
            start_to_close_timeout=timedelta(minutes=2),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=BOOKKEEPING,
        )
