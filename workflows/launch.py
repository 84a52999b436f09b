"""What the schedule starts: a small workflow that starts the day under the day's own id.

A schedule adds a suffix to the id of what it starts; the id of a day is its lock, so the schedule must not
start it directly.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.clock import game_date_of
    from shared.ids import daily_workflow_id
    from shared.messages import DailyPipelineInput, LaunchInput, LaunchResult
    from shared.names import DAILY_PIPELINE, LAUNCH

SCHEDULED = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


@workflow.defn(name=LAUNCH, failure_exception_types=[ValidationError])
class LaunchDailyPipelineWorkflow:
    """Starts a day and leaves it to itself."""

    @workflow.run
    async def run(self, request: LaunchInput) -> LaunchResult:
        """The date is the scheduled time's in US/Eastern: a late start still runs the right day."""
        scheduled: datetime | None = workflow.info().typed_search_attributes.get(SCHEDULED)
        game_date = request.game_date or game_date_of(scheduled or workflow.now())
        workflow_id = daily_workflow_id(game_date)
        try:
            await workflow.start_child_workflow(
                DAILY_PIPELINE,
                DailyPipelineInput(game_date=game_date, as_of=scheduled, requested_by="schedule"),
                id=workflow_id,
                # A day that somebody ran before its time stands: running it again is a re-trigger's business.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            return LaunchResult(workflow_id=workflow_id, game_date=game_date, already_running=True)
        return LaunchResult(workflow_id=workflow_id, game_date=game_date)
