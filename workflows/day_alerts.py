"""What a day tells the people on call: what broke, what it blocks, what is being done, what to run."""

from __future__ import annotations

from datetime import date

from temporalio import workflow
from temporalio.workflow import ActivityCancellationType

from workflows.day_state import PhaseRecord
from workflows.steps import BOOKKEEPING_TIMEOUT, retry_policy

with workflow.unsafe.imports_passed_through():
    from shared.messages import Alert, ProcessorFailure
    from shared.names import SEND_ALERT
    from shared.phases import dependants


def parked(day: date, record: PhaseRecord) -> Alert:
    """A phase waits for an operator or for its next attempt."""
    first, name = record.failures[0], record.phase.name
    return Alert(
        cause=f"{name}/{first.processor}/{first.error_type}",
        severity="error",
        title=f"{day}: {name} waits for {first.processor}",
        text=f"{first.error_type}: {first.message} It is tried again by itself at "
        f"{record.next_attempt:%H:%M:%S} UTC. Blocked: " + (", ".join(dependants(name)) or "nothing else"),
        command=f"tipoff retrigger {day} --phase {name} --reason …",
        workflow_id=workflow.info().workflow_id,
    )


def not_refreshed(day: date, phase: str, first: ProcessorFailure) -> Alert:
    """A refresh could not have all that it asked for."""
    return Alert(
        cause=f"refresh/{phase}/{first.processor}/{first.error_type}",
        severity="warning",
        title=f"{day}: refreshed without {first.processor}",
        text=f"{first.error_type}: {first.message} What stood before stands; the next refresh tries again.",
        command="tipoff schedule trigger refresh",
        workflow_id=workflow.info().workflow_id,
    )


async def send(alert: Alert) -> None:
    """Sends one; a day doesn't fail for want of an alert's delivery while it can be tried again."""
    await workflow.execute_activity(
        SEND_ALERT,
        alert,
        start_to_close_timeout=BOOKKEEPING_TIMEOUT,
        retry_policy=retry_policy("compute"),
        cancellation_type=ActivityCancellationType.ABANDON,
    )
