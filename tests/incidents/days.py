"""Days on a real server, as the incident tests watch them."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle

from shared.messages import DayReport, DayStatus
from tests.workflows.world import assert_eventually, status_of

PARKED = (DayStatus.WAITING, DayStatus.PAUSED)


async def settled(handle: WorkflowHandle[Any, Any]) -> DayReport:
    """What a day says once it waits or has ended; one that waits is ended."""

    async def stands() -> bool:
        return (await status_of(handle)).status is not DayStatus.RUNNING

    await assert_eventually(stands, timeout=60)
    report = await status_of(handle)
    if report.status in PARKED:
        await handle.terminate()
    return report
