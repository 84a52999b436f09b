"""The day as a Prefect flow: a task per processor, those of a level at once on its thread pool.

Defaults: tasks keep no results, so a flow that was killed is run again from its beginning. Durable: results
are persisted under a cache key of date and processor, so the flow run again finds what had been done.
"""

from __future__ import annotations

import os
from typing import Any

from prefect import flow, task
from prefect.context import TaskRunContext

from benchmarks.peers.program import durable, run
from benchmarks.peers.work import DATE, LEVELS, Done, Plan, work


def _key(_: TaskRunContext, arguments: dict[str, Any]) -> str:
    return f"{os.environ[DATE]}-{arguments.get('name', 'plan')}"


KEPT: dict[str, Any] = {"persist_result": True, "cache_key_fn": _key, "retries": 3} if durable() else {}


@task(**KEPT)
def plan_day() -> Plan:
    """The day's clock."""
    return work().plan()


@task(**KEPT)
def processor(name: str, plan: Plan, staged: list[str]) -> Done:
    """One processor."""
    return work().step(name, plan, staged)


@flow
def daily_pipeline() -> None:
    """Every level, once the one before is done."""
    plan = plan_day()
    staged: list[str] = []
    for _, names in LEVELS:
        running = [
            processor.with_options(name=name, task_run_name=name).submit(name, plan, staged) for name in names
        ]
        for future in running:
            staged += future.result()["staged"]


if __name__ == "__main__":
    work()
    run(daily_pipeline)
