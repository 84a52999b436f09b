"""A real worker process of the real workflows over scripted activities: `scripted_worker FOLDER`.

A file `hold-<date>` in the folder holds that date's first processor, `fail-<date>` makes it park;
`late-<build>` keeps a worker of that build from asking for activities until it is taken away. Deployment,
build, server and task queue come from the environment, as for a real worker.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from shared import names
from shared.config import load_settings
from shared.jobs import QueryInput, QueryResult
from shared.messages import ProcessorRequest
from shared.phases import PHASES
from tests.workflows.world import World
from worker.connection import configured_server, connect_client
from worker.served import SANDBOX, served_workflows
from worker.wiring import deployment_of


class Recorded(World):
    """A warehouse that has recorded of every day that its first phase was completed."""

    @activity.defn(name=names.RUN_QUERY)
    async def run_query(self, request: QueryInput) -> QueryResult:
        row = {
            "phase_name": "scrape", "processor_name": "", "status": "completed", "rows_written": 0,
            "error_type": None, "message": None, "retrigger": 0,
        }  # fmt: skip
        return QueryResult(columns=tuple(row), rows=(tuple(row.values()),), total_rows=1)


async def serve(folder: Path) -> None:
    """Until it is killed."""
    settings, world = load_settings(), Recorded()
    client = await connect_client(configured_server(), patience=30)

    async def scripted(request: ProcessorRequest) -> None:
        while (folder / f"hold-{request.game_date}").exists():
            activity.heartbeat()
            await asyncio.sleep(0.05)
        if (folder / f"fail-{request.game_date}").exists():
            raise ApplicationError("broken on purpose", type="SchemaViolation", non_retryable=True)
        with (folder / f"ran-{request.game_date}").open("a") as file:
            file.write(f"{settings.build_id} {request.processor}\n")

    world.behaviours = {p.name: scripted for phase in PHASES for p in phase.processors}
    served = [one for name in dir(world) if callable(one := getattr(world, name))]
    activities = [one for one in served if activity._Definition.from_callable(one)]
    async with Worker(
        client, task_queue=settings.task_queue, workflows=served_workflows(versioned=True),
        workflow_runner=SANDBOX, deployment_config=deployment_of(settings),
    ):  # fmt: skip
        while (folder / f"late-{settings.build_id}").exists():
            await asyncio.sleep(0.05)
        async with Worker(
            client, task_queue=settings.task_queue, activities=activities,
            deployment_config=deployment_of(settings),
        ):  # fmt: skip
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
