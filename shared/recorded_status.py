"""A day's status from the rows that the warehouse keeps of it, for where the day itself does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.messages import DayReport, DayStatus, PhaseState, PhaseStatus, ProcessorStatus
from shared.phases import PHASES


def report_from_rows(day: date, rows: Sequence[Mapping[str, Any]]) -> DayReport:
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


def _processor(row: Mapping[str, Any]) -> ProcessorStatus:
    error = ": ".join(str(part) for part in (row["error_type"], row["message"]) if part)
    return ProcessorStatus(
        name=row["processor_name"],
        state=PhaseState(row["status"]),
        rows=int(row["rows_written"]),
        error=error if row["error_type"] else "",
    )
