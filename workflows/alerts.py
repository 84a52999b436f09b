"""What concerns alerts and no single day: a look at them, and the alarm for a day that has not begun."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.launch import SCHEDULED
from workflows.steps import BOOKKEEPING, HEARTBEAT_TIMEOUT, one_activity

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.alerts import AbsenceCheck, AbsenceInput, AbsenceResult, AlertsInput, AlertsReport
    from shared.clock import eastern, game_date_of
    from shared.ids import daily_workflow_id
    from shared.names import ABSENCE_ALARM, ALERTS, CHECK_ABSENCE, LOOK_AT_ALERTS
    from shared.schedules import wall_time


@workflow.defn(name=ALERTS, failure_exception_types=[ValidationError])
class AlertsWorkflow:
    """What stands in the table of alerts, and whether the channels work."""

    @workflow.run
    async def run(self, request: AlertsInput) -> AlertsReport:
        """One look."""
        return await one_activity(LOOK_AT_ALERTS, request, AlertsReport, timedelta(minutes=2))


@workflow.defn(name=ABSENCE_ALARM, failure_exception_types=[ValidationError])
class AbsenceAlarmWorkflow:
    """From outside the day that would have run: has today's begun? Also tells what no channel has taken yet.

    A schedule of its own starts it every quarter of an hour.
    """

    @workflow.run
    async def run(self, request: AbsenceInput) -> AbsenceResult:
        """One look, tried for an hour while the warehouse refuses; then the next look has its turn."""
        scheduled: datetime | None = workflow.info().typed_search_attributes.get(SCHEDULED)
        now = scheduled or workflow.now()
        day = request.game_date or game_date_of(now)
        check = AbsenceCheck(
            game_date=day,
            due=eastern(day, wall_time(request.due, "due")),
            now=workflow.now(),
            workflow_id=daily_workflow_id(day),
        )
        result: AbsenceResult = await workflow.execute_activity(
            CHECK_ABSENCE,
            check,
            result_type=AbsenceResult,
            schedule_to_close_timeout=timedelta(hours=1),
            start_to_close_timeout=timedelta(minutes=2),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=BOOKKEEPING,
        )
        return result
