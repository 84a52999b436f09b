"""A worker whose activity hangs at its first attempt, as one that is killed in the middle does."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@activity.defn
async def hang_once() -> int:
    """Hangs, or says which attempt it is."""
    if activity.info().attempt == 1:
        await asyncio.Event().wait()
    return activity.info().attempt


@workflow.defn
class HangsOnce:
    """One activity without heartbeats: the server would wait its ten minutes."""

    @workflow.run
    async def run(self) -> int:
        """The attempt that was answered."""
        return await workflow.execute_activity(hang_once, start_to_close_timeout=timedelta(minutes=10))


async def _serve(address: str, queue: str) -> None:
    client = await Client.connect(address)
    async with Worker(
        client, task_queue=queue, workflows=[HangsOnce], activities=[hang_once],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):  # fmt: skip
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
