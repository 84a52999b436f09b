"""Until when a phase waits, and whether the day will make its first tip-off: said while it still helps."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.day_state import SATISFIED, DayState, PhaseRecord

with workflow.unsafe.imports_passed_through():
    from shared.messages import PhaseState

SELF_HEAL_FIRST = timedelta(minutes=1)
SELF_HEAL_MOST = timedelta(minutes=30)
DOUBLINGS = 10
"""More make no longer wait, and from the fortieth on no `timedelta` could hold it."""
EARLY = timedelta(minutes=30)
"""How long before it is too late a person is told of a day that waits."""


def deadline_of(day: DayState, started_at: datetime) -> datetime | None:
    """The deadline by the workflow's clock; None where there are no games or their times aren't known yet."""
    plan = day.plan
    return started_at + (plan.deadline - plan.as_of) if plan and plan.deadline else None


def given_up_at(day: DayState, record: PhaseRecord, started_at: datetime, now: datetime) -> datetime:
    """When a waiting phase is given up: after the longest wait, or at the deadline if that binds it."""
    park = timedelta(seconds=day.plan.park_limit_seconds if day.plan else 43_200)
    limit = (record.waiting_since or now) + park
    deadline = deadline_of(day, started_at) if record.phase.before_tip else None
    return min(limit, deadline) if deadline else limit


def until_tried_again(failed_runs: int) -> timedelta:
    """How long a phase waits before it is tried again by itself."""
    doubled: int = 2 ** min(failed_runs - 1, DOUBLINGS)
    return min(SELF_HEAL_FIRST * doubled, SELF_HEAL_MOST)


def still_needed(day: DayState) -> timedelta:
    """What the phases before the tip-off that are not done usually take."""
    usual = day.plan.usual_seconds if day.plan else {}
    left = [name for name, r in day.phases.items() if r.phase.before_tip and r.state not in SATISFIED]
    return timedelta(seconds=sum(usual.get(name, 0.0) for name in left))


def told_late_at(day: DayState, started_at: datetime) -> datetime | None:
    """When a person is told that the day is about to be late; None: not at all, or it was told already."""
    deadline = deadline_of(day, started_at)
    if deadline is None or day.late or day.plan is None or not day.plan.usual_seconds:
        return None
    waiting = any(r.phase.before_tip for r in day.waiting())
    if not waiting and not any(
        r.phase.before_tip and r.state in (PhaseState.PENDING, PhaseState.RUNNING)
        for r in day.phases.values()
    ):
        return None
    return deadline - still_needed(day) - (EARLY if waiting else timedelta())


def lateness(day: DayState, started_at: datetime, now: datetime) -> str:
    """What there is to say then."""
    deadline = deadline_of(day, started_at) or now
    needed = still_needed(day)
    waiting = [r.phase.name for r in day.waiting() if r.phase.before_tip]
    if waiting:
        latest = deadline - needed
        return (
            f"{', '.join(waiting)} still waits; it must be mended by {latest:%H:%M} UTC, or the day misses "
            f"its deadline {deadline:%H:%M} UTC: what is left usually takes {_minutes(needed)}"
        )
    return (
        f"at the usual pace the predictions stand at {now + needed:%H:%M} UTC, "
        f"{_minutes(now + needed - deadline)} after the deadline {deadline:%H:%M} UTC"
    )


def _minutes(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
