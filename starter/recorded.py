"""Says who is about to change what, and why, before it is done."""

from __future__ import annotations

from contextlib import suppress

from temporalio.exceptions import WorkflowAlreadyStartedError

from shared.clock import utc_now
from shared.names import RECORD_ACTION
from shared.operator_actions import OperatorAction
from starter.options import new_request_id, requester
from starter.temporal import Connection, patiently


async def record(connection: Connection, action: str, subject: str, reason: str = "") -> None:
    """Start the workflow that keeps it, and don't wait: what is urgent must not need a worker."""
    request = OperatorAction(
        action_id=new_request_id(), action=action, subject=subject[:500], requested_by=requester(),
        reason=reason[:500], requested_at=utc_now(),
    )  # fmt: skip
    # The id is this call's own: who has it already is an attempt of ours whose answer was cut off.
    with suppress(WorkflowAlreadyStartedError):
        await patiently(
            lambda: connection.client.start_workflow(
                RECORD_ACTION, request, id=f"action-{request.action_id}", task_queue=connection.task_queue
            )
        )
