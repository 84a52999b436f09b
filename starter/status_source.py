"""A day's status: from the day itself, else from what the warehouse last recorded of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from shared.ids import daily_workflow_id
from shared.messages import DayReport, DayStatus
from shared.recorded_status import report_from_rows
from starter.day import ask_status
from starter.failure import CommandError
from starter.temporal import Connection, patiently
from starter.warehouse import select_all

_ENDED = {
    WorkflowExecutionStatus.FAILED: DayStatus.FAILED,
    WorkflowExecutionStatus.TIMED_OUT: DayStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED: DayStatus.ABORTED,
    WorkflowExecutionStatus.CANCELED: DayStatus.ABORTED,
}


async def find_status(connection: Connection, day: date) -> DayReport:
    """What the day says within two seconds, else what the warehouse knows.

    Raises:
        CommandError: neither knows anything of it.
    """
    handle: WorkflowHandle[Any, DayReport] = connection.client.get_workflow_handle(
        daily_workflow_id(day), result_type=DayReport
    )
    try:
        described = await patiently(handle.describe)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        described = None
    if described is not None:
        report = await ask_status(handle)
        if report:
            ended = _ENDED.get(described.status) if described.status else None
            # Terminated or timed out from outside, a day can't say so itself.
            wrong = ended and report.status in (DayStatus.RUNNING, DayStatus.WAITING, DayStatus.PAUSED)
            return report.model_copy(update={"status": ended}) if wrong else report
    try:
        rows = await select_all(
            connection,
            "SELECT phase_name, processor_name, status, rows_written, error_type, message, retrigger "
            "FROM nba_orchestration.phase_status WHERE game_date = CAST(@day AS DATE) "
            "ORDER BY phase_name, processor_name",
            day=day,
        )
    except CommandError:
        if described is None:
            rows = []
        else:
            raise CommandError(
                f"{day} does not answer and the warehouse neither; is a worker running? "
                "(`tipoff up` runs one)"
            ) from None
    if not rows:
        raise CommandError(f"{day} has not been run; `tipoff start {day}` runs it")
    return report_from_rows(day, rows)
