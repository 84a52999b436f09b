"""What a day tells the people on call: what broke, what it blocks, what is done, what to run, its end."""

from __future__ import annotations

from datetime import date, datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

from workflows.day_state import DayState, PhaseRecord
from workflows.deadline import lateness, told_late_at
from workflows.steps import BOOKKEEPING_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from shared.alerts import Resolution
    from shared.messages import Alert, Message, PhaseState, ProcessorFailure
    from shared.names import RESOLVE_ALERTS, SEND_ALERT
    from shared.phases import dependants


def parked(day: date, record: PhaseRecord) -> Alert:
    """A phase waits for an operator or for its next attempt."""
    first, name = record.failures[0], record.phase.name
    again = f" at {record.next_attempt:%H:%M:%S} UTC" if record.next_attempt else ""
    return Alert(
        cause=f"{name}/{first.processor}/{first.error_type}",
        severity="error",
        title=f"{day}: {name} waits for {first.processor}",
        text=f"{first.error_type}: {first.message}",
        blocks=", ".join(dependants(name)),
        doing=f"tries again by itself{again}",
        command=f'tipoff retrigger {day} --phase {name} --reason "mended"',
        workflow_id=workflow.info().workflow_id,
        game_date=day,
    )


def not_refreshed(day: date, phase: str, first: ProcessorFailure) -> Alert:
    """A refresh could not have all that it asked for."""
    return Alert(
        cause=f"refresh/{phase}/{first.processor}/{first.error_type}",
        severity="warning",
        title=f"{day}: refreshed without {first.processor}",
        text=f"{first.error_type}: {first.message}",
        doing="lets stand what stood before; the next refresh tries again",
        command="tipoff schedule trigger refresh",
        workflow_id=workflow.info().workflow_id,
        game_date=day,
    )


def late(day: DayState) -> Alert:
    """The day will miss its first tip-off, or is about to."""
    waiting = [r.phase.name for r in day.waiting()]
    mend = f'tipoff retrigger {day.game_date} --phase {waiting[0]} --reason "mended"' if waiting else ""
    return Alert(
        cause="day/late",
        severity="critical",
        title=f"{day.game_date}: the first tip-off will be missed",
        text=day.late,
        blocks="every prediction of the date",
        doing="tries again by itself until the deadline" if waiting else "goes on as fast as it can",
        command=mend or f"tipoff status {day.game_date}",
        workflow_id=workflow.info().workflow_id,
        game_date=day.game_date,
    )


def failed(day: DayState, phase: str) -> Alert:
    """The day has ended without what it was for."""
    return Alert(
        cause="day/failed",
        severity="critical",
        title=f"{day.game_date}: the day has failed",
        text=day.message,
        blocks="its predictions: nothing more is published for the date",
        doing="nothing more: the deadline has passed",
        command=f'tipoff retrigger {day.game_date} --phase {phase} --reason "for the record"',
        workflow_id=workflow.info().workflow_id,
        game_date=day.game_date,
    )


async def send(alert: Alert) -> None:
    """Tells it. Whatever becomes of that, the day goes on."""
    await _tell(SEND_ALERT, alert)


async def end(day: date, how: str, *causes: str) -> None:
    """What people were told of phases, or of the day, is over."""
    await _tell(RESOLVE_ALERTS, Resolution(game_date=day, causes=causes, text=how))


async def say_if_late(day: DayState, started_at: datetime) -> None:
    """Tells a person once that the first tip-off will be missed, while that can still be helped."""
    at = told_late_at(day, started_at)
    if at is not None and workflow.now() >= at:
        day.late = lateness(day, started_at, workflow.now())
        day.note(workflow.now(), day.late)
        await send(late(day))


async def end_of_day(day: DayState) -> None:
    """What an earlier run, or this one, has told of the day as a whole is over."""
    over = ["day"] if day.late or day.opened_again else []
    if day.plan is not None and day.plan.alerted:
        # An earlier run told of a phase and was ended before it could say that this is over.
        over = ["day", *(name for name, r in day.phases.items() if r.state is PhaseState.COMPLETED)]
    if day.opened_again and not day.refreshed_in_part:
        over.append("refresh")
    if over and workflow.patched("alerts-end"):
        await end(day.game_date, "the day completed", *over)


async def _tell(activity: str, message: Message) -> None:
    try:
        await workflow.execute_activity(
            activity,
            message,
            start_to_close_timeout=BOOKKEEPING_TIMEOUT,
            retry_policy=retry_policy("compute"),
            cancellation_type=ActivityCancellationType.ABANDON,
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.error("%s: %s", activity, error.cause)
