"""The day as a DBOS workflow: a step per processor, those of a level at once.

The id `daily-<date>` makes it one workflow however often the program is started; a start recovers what was
pending and goes on after the last recorded step. Defaults: its own SQLite file. Durable: PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os

from dbos import DBOS, DBOSConfig, SetWorkflowID

from benchmarks.peers.program import run
from benchmarks.peers.work import DATE, LEVELS, Done, Plan, work

DATABASE = "TIPOFF_PEER_DATABASE"


@DBOS.step()
async def plan_day() -> Plan:
    """The day's clock."""
    return await asyncio.to_thread(work().plan)


@DBOS.step(retries_allowed=True)
async def processor(name: str, plan: Plan, staged: list[str]) -> Done:
    """One processor."""
    return await asyncio.to_thread(work().step, name, plan, staged)


@DBOS.workflow()
async def daily_pipeline() -> None:
    """Every level, once the one before is done."""
    plan = await plan_day()
    staged: list[str] = []
    for _, names in LEVELS:
        done = await asyncio.gather(*(processor(name, plan, list(staged)) for name in names))
        staged += [table for one in done for table in one["staged"]]


async def day() -> None:
    """Starts the date's workflow, or waits for the one that has been recovered."""
    with SetWorkflowID(f"daily-{os.environ[DATE]}"):
        handle = await DBOS.start_workflow_async(daily_pipeline)
    await handle.get_result()


if __name__ == "__main__":
    work()
    DBOS(config=DBOSConfig(name="tipoff-peer", system_database_url=os.environ[DATABASE], log_level="WARNING"))
    DBOS.launch()
    run(lambda: asyncio.run(day()))
    DBOS.destroy()
