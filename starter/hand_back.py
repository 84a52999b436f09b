"""What a worker was doing when it died, handed back to the server at once."""

from __future__ import annotations

import socket
from datetime import timedelta

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import AsyncActivityCancelledError, Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

CALL = timedelta(seconds=5)
AGAIN_AFTER = timedelta(milliseconds=10)


async def hand_back(client: Client, pid: int) -> int:
    """Fails the attempts under way on a dead worker of this machine, so that they are made again now.

    The server would find out by the heartbeat timeout, or by the whole timeout of an activity without
    heartbeats. To be called once the process is gone for certain: then nothing of those attempts can still
    run. Attempts of every other worker are let be.

    Args:
        client: of the server it worked for.
        pid: its process number, which the SDK puts into its identity.

    Returns:
        How many attempts were handed back.

    Raises:
        RPCError: the server does not answer; what it was not told it finds out by its timeouts.
    """
    identity = f"{pid}@{socket.gethostname()}"
    handed = 0
    async for found in client.list_workflows("ExecutionStatus = 'Running'", rpc_timeout=CALL):
        handle = client.get_workflow_handle(found.id, run_id=found.run_id)
        described = (await handle.describe(rpc_timeout=CALL)).raw_description
        for one in described.pending_activities:
            started = one.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
            if not started or one.last_worker_identity != identity:
                continue
            attempt = client.get_async_activity_handle(
                workflow_id=found.id, run_id=found.run_id, activity_id=one.activity_id
            )
            died = ApplicationError(
                f"the worker {identity} died while it did this", type="WorkerDied",
                next_retry_delay=AGAIN_AFTER,
            )  # fmt: skip
            try:
                await attempt.fail(died, rpc_timeout=CALL)
            except (AsyncActivityCancelledError, RPCError):
                continue  # It has ended meanwhile.
            handed += 1
    return handed
