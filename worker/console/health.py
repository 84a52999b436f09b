"""The page of health: Temporal, workers, schedules, and all that the warehouse knows to be well or not."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from temporalio.service import RPCError

from activities.operations.health import findings_of
from activities.source_states import BREAKERS
from shared.build import build_id
from shared.clock import utc_now
from shared.predeploy import Finding
from worker.console.rendering import page
from worker.console.rows import plain
from worker.console.surroundings import Console
from worker.temporal_health import schedule_finding, schedules_of, server_finding, worker_finding

_GRAVEST_FIRST = {"fail": 0, "warn": 1, "ok": 2}


async def of_temporal(console: Console) -> tuple[Finding, ...]:
    """Server, workers, schedules; one finding if the server does not answer."""
    client = console.client
    address = client.service_client.config.target_host
    try:
        server, workers, schedules = await asyncio.gather(
            server_finding(client, address),
            worker_finding(client, console.settings.task_queue),
            schedules_of(client),
        )
        live = console.settings.replay_url is None
        return server, workers, schedule_finding(schedules, live=live)
    except RPCError as error:
        return (
            Finding(
                check="Temporal server", status="fail", observed=f"{address}: {error.message}"[:300],
                expected="an answer", remedy="tipoff up, or see TEMPORAL_ADDRESS",
            ),
        )  # fmt: skip


async def health_page(console: Console, request: Request) -> Response:
    """`/health`: what `tipoff health` prints."""
    temporal, behind, breakers = await asyncio.gather(
        of_temporal(console),
        console.reader(findings_of, console.surroundings, utc_now()),
        console.reader(console.warehouse.read, BREAKERS),
    )
    findings = sorted((*temporal, *behind), key=lambda f: _GRAVEST_FIRST[f.status])
    counts = {status: sum(f.status == status for f in findings) for status in _GRAVEST_FIRST}
    settings = console.settings
    return page(
        "health.html",
        {
            **console.frame(request, "Health", "Health"),
            "findings": findings,
            "counts": counts,
            "breakers": plain(breakers),
            "versions": {
                "build of this worker": build_id(settings.build_id),
                "deployment": settings.deployment or "unversioned",
                "task queue": settings.task_queue,
                "source": settings.source,
                "warehouse": settings.warehouse,
            },
        },
    )
