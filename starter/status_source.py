"""A day's status: from the day itself, else from what the warehouse last recorded of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from shared.ids import daily_workflow_id
from shared.messages import DayReport, DayStatus, PhaseState, PhaseStatus, ProcessorStatus
from shared.phases import PHASES
from starter.day import ask_status
from starter.failure import CommandError
from starter.temporal import Connection, patiently
from starter.warehouse import Row, select_all

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
    return from_rows(day, rows)


def from_rows(day: date, rows: list[Row]) -> DayReport:
    """A report made of the recorded rows."""
    phases: list[PhaseStatus] = []
    for phase in PHASES:
        of_phase = [row for row in rows if row["phase_name"] == phase.name]
        own = next((row for row in of_phase if not row["processor_name"]), None)
        phases.append(
            PhaseStatus(
                name=phase.name,
                number=phase.number,
                state=PhaseState(own["status"]) if own else PhaseState.PENDING,
                retrigger=int(own["retrigger"]) if own else 0,
                processors=tuple(_processor(row) for row in of_phase if row["processor_name"]),
            )
        )
    states = {phase.state for phase in phases}
    if PhaseState.FAILED in states:
        status = DayStatus.FAILED
    elif PhaseState.WAITING in states:
        status = DayStatus.WAITING
    elif states <= {PhaseState.COMPLETED, PhaseState.SKIPPED}:
        status = DayStatus.COMPLETED
    else:
        status = DayStatus.RUNNING
    return DayReport(
        game_date=day,
        status=status,
        phases=tuple(phases),
        message="from the warehouse: the day itself did not answer",
    )


def _processor(row: Row) -> ProcessorStatus:
    error = ": ".join(str(part) for part in (row["error_type"], row["message"]) if part)
    return ProcessorStatus(
        name=row["processor_name"],
        state=PhaseState(row["status"]),
        rows=int(row["rows_written"]),
        error=error if row["error_type"] else "",
    )
