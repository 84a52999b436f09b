"""What the schedules are on the Temporal server, and what they are read back as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import time, timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)

from shared.alerts import AbsenceInput
from shared.messages import LaunchInput
from shared.names import ABSENCE_ALARM, LAUNCH, RECONCILE, REFRESH_DAY
from shared.reconcile import ReconcileInput
from shared.refresh import RefreshInput
from shared.schedules import LOOKS_EVERY, TIME_ZONE, ScheduledStart, ScheduleName, ScheduleReport

DAILY_OVERLAP = ScheduleOverlapPolicy.BUFFER_ALL
"""Each start is another date's. One that waits, for want of a worker, must not cost the next date its day."""


REFRESH_OVERLAP = ScheduleOverlapPolicy.SKIP
"""A refresh that waited for the one before would fetch what that one has just fetched."""


RECONCILE_OVERLAP = ScheduleOverlapPolicy.SKIP
"""One that is under way looks at all that the next one would."""


ABSENCE_OVERLAP = ScheduleOverlapPolicy.SKIP
"""A look that waits for a worker says all that the next one could."""


def daily_schedule(at: time, catch_up: timedelta, task_queue: str, note: str) -> Schedule:
    """Launches the day of each date at a wall time; one missed by no more than `catch_up` is made up for."""
    return Schedule(
        action=ScheduleActionStartWorkflow(LAUNCH, LaunchInput(), id="launch-daily", task_queue=task_queue),
        spec=spec_of([at]),
        policy=SchedulePolicy(overlap=DAILY_OVERLAP, catchup_window=catch_up),
        state=ScheduleState(note=note),
    )


def refresh_schedule(times: Iterable[time], every: timedelta, task_queue: str, note: str) -> Schedule:
    """Refreshes the date's day at these wall times; of missed ones only the latest is made up for."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            REFRESH_DAY, RefreshInput(), id="refresh-day", task_queue=task_queue
        ),
        spec=spec_of(times),
        policy=SchedulePolicy(overlap=REFRESH_OVERLAP, catchup_window=every),
        state=ScheduleState(note=note),
    )


def absence_schedule(times: Sequence[time], task_queue: str, note: str) -> Schedule:
    """Looks for the date's day at these wall times, of which the first is when it is due."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            ABSENCE_ALARM, AbsenceInput(due=f"{times[0]:%H:%M}"), id="absence-alarm", task_queue=task_queue
        ),
        spec=spec_of(times),
        policy=SchedulePolicy(overlap=ABSENCE_OVERLAP, catchup_window=timedelta(minutes=LOOKS_EVERY)),
        state=ScheduleState(note=note),
    )


def reconcile_schedule(times: Iterable[time], task_queue: str, note: str) -> Schedule:
    """Reconciles the last dates at these wall times; of missed ones only the latest is made up for."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RECONCILE, ReconcileInput(), id="reconcile-scheduled", task_queue=task_queue
        ),
        spec=spec_of(times),
        policy=SchedulePolicy(overlap=RECONCILE_OVERLAP, catchup_window=timedelta(hours=6)),
        state=ScheduleState(note=note),
    )


def spec_of(times: Iterable[time]) -> ScheduleSpec:
    """Every date at these wall times.

    Calendars, not intervals: an interval counts from 1970 in UTC and moves by an hour when the clocks change.
    """
    hours: dict[int, list[int]] = defaultdict(list)
    for at in times:
        hours[at.minute].append(at.hour)
    return ScheduleSpec(
        calendars=[
            ScheduleCalendarSpec(
                second=[ScheduleRange(0)],
                minute=[ScheduleRange(minute)],
                hour=[ScheduleRange(hour) for hour in sorted(set(of_day))],
            )
            for minute, of_day in sorted(hours.items())
        ],
        time_zone_name=TIME_ZONE,
    )


def times_of(spec: ScheduleSpec) -> tuple[time, ...]:
    """The wall times that a specification has on every date."""
    return tuple(
        sorted(
            time(hour, minute)
            for calendar in spec.calendars
            for minute in _values(calendar.minute)
            for hour in _values(calendar.hour)
        )
    )


def _values(ranges: Iterable[ScheduleRange]) -> list[int]:
    # A range read back may have end and step 0: no end of its own, every one.
    return [n for r in ranges for n in range(r.start, max(r.end, r.start) + 1, max(r.step, 1))]


def report_of(name: ScheduleName, described: ScheduleDescription) -> ScheduleReport:
    """What a schedule says of itself."""
    schedule, info = described.schedule, described.info
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        msg = f"schedule {described.id} starts no workflow: {action!r}"
        raise TypeError(msg)
    return ScheduleReport(
        name=name,
        schedule_id=described.id,
        workflow=action.workflow,
        task_queue=action.task_queue,
        times=times_of(schedule.spec),
        time_zone=schedule.spec.time_zone_name or "UTC",
        overlap=schedule.policy.overlap.name,
        catch_up_seconds=(schedule.policy.catchup_window or timedelta()).total_seconds(),
        paused=schedule.state.paused,
        note=schedule.state.note or "",
        next_starts=tuple(info.next_action_times),
        latest_starts=tuple(
            ScheduledStart(
                scheduled_at=one.scheduled_at, started_at=one.started_at, workflow_id=one.action.workflow_id
            )
            for one in info.recent_actions
            if isinstance(one.action, ScheduleActionExecutionStartWorkflow)
        ),
        starts=info.num_actions,
        missed=info.num_actions_missed_catchup_window,
        overlapped=info.num_actions_skipped_overlap,
    )
