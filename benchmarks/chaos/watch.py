"""What can be seen of a day from outside while it runs: which phases have begun, and its status."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import date

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from benchmarks.chaos.lived import Lived
from shared.ids import daily_workflow_id
from shared.messages import DayReport
from shared.names import DAILY_PIPELINE
from starter.temporal import ask_query

PAUSE = 0.1
"""Seconds between two looks."""


class Watch:
    """Follows the history of a date, over all its runs."""

    def __init__(self, lived: Lived, day: date) -> None:
        self._lived, self.day = lived, day
        self.began: dict[str, float] = {}
        """By phase: the Unix time at which its beginning was seen."""
        self.runs: set[str] = set()

    async def follow(self) -> None:
        """Until cancelled."""
        prefix = f"{daily_workflow_id(self.day)}/"
        while True:
            await asyncio.sleep(PAUSE)
            with suppress(RPCError, RuntimeError):
                handle = (await self._lived.client()).get_workflow_handle(daily_workflow_id(self.day))
                async for event in handle.fetch_history_events(wait_new_event=True):
                    if event.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
                        child = event.start_child_workflow_execution_initiated_event_attributes.workflow_id
                        phase = child.removeprefix(prefix).split("/")[0]
                        self.began.setdefault(phase, time.time())

    async def closed(self) -> WorkflowExecutionStatus | None:
        """How the latest run of the day ended; None: it has not, or nobody can say."""
        try:
            handle = (await self._lived.client()).get_workflow_handle(daily_workflow_id(self.day))
            described = await asyncio.wait_for(handle.describe(), 5)
        except (RPCError, TimeoutError):
            return None
        if described.workflow_type != DAILY_PIPELINE:
            return None
        running = described.status in (None, WorkflowExecutionStatus.RUNNING)
        return None if running else described.status

    async def report(self) -> DayReport | None:
        """What the day says; None: nobody answers."""
        client = await self._lived.client()
        handle = client.get_workflow_handle(daily_workflow_id(self.day))
        return await ask_query(handle, "status", DayReport)
