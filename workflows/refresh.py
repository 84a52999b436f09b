"""What the refresh schedule starts: a small workflow that has the day refresh its lines and injuries.

Only `daily-<date>` writes rows made for a date, so the day does the work: in a new run of the same id if it
has ended, or in the run that is under way, by a signal.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception

from workflows.launch import SCHEDULED
from workflows.steps import BOOKKEEPING

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.clock import game_date_of
    from shared.ids import daily_workflow_id
    from shared.messages import DailyPipelineInput, Refresh
    from shared.names import DAILY_PIPELINE, PLAN_REFRESH, REFRESH_DAY, REFRESH_SIGNAL
    from shared.refresh import RefreshInput, RefreshPlan, RefreshPlanRequest, RefreshResult

ATTEMPTS = 5
"""A day may end between being found running and being told; that it does so again and again, never."""


@workflow.defn(name=REFRESH_DAY, failure_exception_types=[ValidationError])
class RefreshDayWorkflow:
    """Asks whether a game is still to come, then has the day refresh."""

    @workflow.run
    async def run(self, request: RefreshInput) -> RefreshResult:
        """The date is the scheduled time's in US/Eastern. A day that was not completed is left alone."""
        scheduled: datetime | None = workflow.info().typed_search_attributes.get(SCHEDULED)
        at = request.as_of or scheduled or workflow.now()
        game_date = request.game_date or game_date_of(at)
        workflow_id = daily_workflow_id(game_date)
        plan: RefreshPlan = await workflow.execute_activity(
            PLAN_REFRESH,
            # A start that was made up for late asks about the present.
            RefreshPlanRequest(game_date=game_date, now=request.as_of or workflow.now()),
            result_type=RefreshPlan,
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=BOOKKEEPING,
        )
        if plan.due:
            refresh = Refresh(
                request_id=f"refresh-{at:%Y%m%dT%H%M%SZ}", reason=plan.reason, requested_by="schedule"
            )
            asked = await self._ask(DailyPipelineInput(game_date=game_date, as_of=at, refresh=refresh))
        else:
            asked = False
        return RefreshResult(workflow_id=workflow_id, game_date=game_date, asked=asked, reason=plan.reason)

    async def _ask(self, day: DailyPipelineInput) -> bool:
        workflow_id = daily_workflow_id(day.game_date)
        for _ in range(ATTEMPTS):
            try:
                await workflow.start_child_workflow(
                    DAILY_PIPELINE,
                    day,
                    id=workflow_id,
                    parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                )
            except WorkflowAlreadyStartedError:
                try:
                    await workflow.get_external_workflow_handle(workflow_id).signal(
                        REFRESH_SIGNAL, day.refresh
                    )
                except FailureError as error:
                    if is_cancelled_exception(error):
                        raise
                    continue
            return True
        return False
