"""The day under tipoff: starts the date's workflow, or waits for the one that is there.

Only a client: the work is done by the stack on the home, whose address is in its `stack.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import date
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError

from benchmarks.histories import events_of
from benchmarks.peers.program import run
from benchmarks.peers.work import DATE, HOME, JOURNAL
from shared import messages, names
from shared.config import TASK_QUEUE
from shared.ids import daily_workflow_id

home, game_date = Path(os.environ[HOME]), date.fromisoformat(os.environ[DATE])


async def connect() -> Client:
    """A client of the home's own server."""
    address = json.loads((home / "stack.json").read_text())["address"]
    return await Client.connect(address, data_converter=pydantic_data_converter)


async def day() -> None:
    """Until the day has ended."""
    client = await connect()
    try:
        handle = await client.start_workflow(
            names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=game_date),
            id=daily_workflow_id(game_date), task_queue=TASK_QUEUE, result_type=messages.DayReport,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )  # fmt: skip
    except WorkflowAlreadyStartedError:
        # Killed after it had completed.
        handle = client.get_workflow_handle(daily_workflow_id(game_date), result_type=messages.DayReport)
    await handle.result()


async def write_journal() -> None:
    """How often each processor was begun, from the histories."""
    scheduled: dict[tuple[str, int], str] = {}
    lines = []
    async for workflow_id, event in events_of(await connect(), daily_workflow_id(game_date)):
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            asked = event.activity_task_scheduled_event_attributes
            scheduled[workflow_id, event.event_id] = ""
            if asked.activity_type.name == names.RUN_PROCESSOR:
                request = json.loads(asked.input.payloads[0].data)
                scheduled[workflow_id, event.event_id] = f"{request['processor']}-{request['chunk']}"
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            started = event.activity_task_started_event_attributes
            if name := scheduled[workflow_id, started.scheduled_event_id]:
                lines += [f"begin {name}\n"] * started.attempt
    (home / JOURNAL).write_text("".join(lines))


if __name__ == "__main__":
    run(lambda: asyncio.run(day()))
    asyncio.run(write_journal())
    # All is said. The interpreter's finalization sometimes aborts in native threads.
    os._exit(0)
