"""What a day says of itself, live: its own answer, and what its phase that runs has under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from shared.clock import utc_now
from shared.ids import daily_workflow_id, phase_workflow_id
from shared.messages import DayReport, DayStatus, PhaseState, ProcessorResult, TimelineEntry
from shared.names import RUN_PROCESSOR

PATIENCE = timedelta(seconds=2)
MOST_EVENTS = 2_000
MOST_KEPT = 400
"""Answers of ended runs; two seasons of days."""

Answer = tuple[DayReport, tuple[TimelineEntry, ...]]
"""What a day says of itself: its status, and its timeline."""

_ENDED = {
    WorkflowExecutionStatus.FAILED: DayStatus.FAILED,
    WorkflowExecutionStatus.TIMED_OUT: DayStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED: DayStatus.ABORTED,
    WorkflowExecutionStatus.CANCELED: DayStatus.ABORTED,
}


@dataclass(frozen=True)
class Underway:
    """One run of a processor, or of one of its chunks, in the phase that runs."""

    processor: str
    state: PhaseState
    attempt: int = 1
    rows: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    note: str = ""
    """How far it says it is, or why its last attempt failed."""


@dataclass(frozen=True)
class DaySeen:
    """What Temporal knows of a day. Nothing of it: `report` is None."""

    report: DayReport | None = None
    timeline: tuple[TimelineEntry, ...] = ()
    run_id: str = ""
    is_open: bool = False
    underway: tuple[Underway, ...] = field(default=())


class EndedRuns:
    """What runs that have ended have answered: it changes no more.

    To answer a query of an ended run, a worker goes through its whole history again, at about 0.1 s a query.
    """

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def get(self, run_id: str) -> Answer | None:
        """What an ended run has answered, if it was asked."""
        return self._answers.get(run_id)

    def keep(self, run_id: str, answer: Answer) -> None:
        """Remembers it; the one kept longest makes room."""
        while len(self._answers) >= MOST_KEPT:
            del self._answers[next(iter(self._answers))]
        self._answers[run_id] = answer


async def look_at(client: Client, day: date, ended_runs: EndedRuns) -> DaySeen:
    """Ask the day, for at most a few seconds; an unknown one, and a server that is away, are nothing."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(daily_workflow_id(day))
    try:
        described = await handle.describe(rpc_timeout=PATIENCE)
    except RPCError:
        return DaySeen()
    seen = DaySeen(run_id=described.run_id, is_open=described.status is WorkflowExecutionStatus.RUNNING)
    answer = None if seen.is_open else ended_runs.get(described.run_id)
    if answer is None:
        try:
            answer = await _ask(client, day, described)
        except (RPCError, WorkflowQueryFailedError):
            return seen
        if not seen.is_open:
            ended_runs.keep(described.run_id, answer)
    report, timeline = answer
    ended = _ENDED.get(described.status) if described.status else None
    if ended and report.status in (DayStatus.RUNNING, DayStatus.WAITING, DayStatus.PAUSED):
        # Terminated or timed out from outside, a day can't say so itself.
        report = report.model_copy(update={"status": ended})
    return replace(seen, report=report, timeline=timeline, underway=await _underway(client, report))


async def _ask(client: Client, day: date, described: WorkflowExecutionDescription) -> Answer:
    handle: WorkflowHandle[Any, DayReport] = client.get_workflow_handle(
        daily_workflow_id(day), run_id=described.run_id, result_type=DayReport
    )
    if described.status is WorkflowExecutionStatus.COMPLETED:
        # Its result is its last status, and the server has that without a worker.
        report = await handle.result(rpc_timeout=PATIENCE)
    else:
        report = await handle.query("status", result_type=DayReport, rpc_timeout=PATIENCE)
    timeline: list[TimelineEntry] = await handle.query(
        "timeline", result_type=list[TimelineEntry], rpc_timeout=PATIENCE
    )
    return report, tuple(timeline)


async def _underway(client: Client, report: DayReport) -> tuple[Underway, ...]:
    found: list[Underway] = []
    for phase in report.phases:
        if phase.state is PhaseState.RUNNING:
            handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(
                phase_workflow_id(report.game_date, phase.name, phase.retrigger)
            )
            try:
                described = await handle.describe(rpc_timeout=PATIENCE)
                events = handle.fetch_history_events(page_size=MOST_EVENTS, rpc_timeout=PATIENCE)
                found += await _runs(client, described, events)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    return tuple(found)
    return tuple(found)


async def _runs(
    client: Client, described: WorkflowExecutionDescription, events: AsyncIterator[HistoryEvent]
) -> list[Underway]:
    """Each processor's run from the phase's history, and from what is pending there."""
    runs: dict[int, Underway] = {}
    ids: dict[str, int] = {}
    async for event in events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == RUN_PROCESSOR:
                ids[scheduled.activity_id] = event.event_id
                summary = await client.data_converter.decode([event.user_metadata.summary], [str])
                runs[event.event_id] = Underway(
                    str(summary[0]), PhaseState.RUNNING, began=_at(event.event_time)
                )
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            if done.scheduled_event_id in runs:
                result = (await client.data_converter.decode(done.result.payloads, [ProcessorResult]))[0]
                runs[done.scheduled_event_id] = replace(
                    runs[done.scheduled_event_id], state=PhaseState.COMPLETED, attempt=result.attempt,
                    rows=result.rows, ended=_at(event.event_time),
                )  # fmt: skip
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
            failed = event.activity_task_failed_event_attributes
            if failed.scheduled_event_id in runs:
                runs[failed.scheduled_event_id] = replace(
                    runs[failed.scheduled_event_id], state=PhaseState.FAILED,
                    note=failed.failure.message[:300], ended=_at(event.event_time),
                )  # fmt: skip
    for pending in described.raw_description.pending_activities:
        if (number := ids.get(pending.activity_id)) is not None:
            note = await _note(client, pending)
            runs[number] = replace(runs[number], attempt=pending.attempt, note=note)
    return list(runs.values())


async def _note(client: Client, pending: PendingActivityInfo) -> str:
    """How far an activity says it is, or why it is tried again."""
    failed = pending.last_failure.message[:200] if pending.HasField("last_failure") else ""
    if failed and pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED:
        wait = _at(pending.scheduled_time) - utc_now()
        return f"tried again in {max(wait.total_seconds(), 0):.0f} s: {failed}"
    if pending.heartbeat_details.payloads:
        told = await client.data_converter.decode(pending.heartbeat_details.payloads)
        if len(told) == 3 and told[1]:
            return f"{told[0]} of {told[1]} {told[2]}".strip()
    return f"last attempt: {failed}" if failed else ""


def _at(stamp: Any) -> datetime:
    """A protobuf timestamp as an aware instant."""
    instant: datetime = stamp.ToDatetime(tzinfo=UTC)
    return instant
