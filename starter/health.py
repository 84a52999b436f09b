"""`tipoff health`: server, workers, schedules, warehouse, sources, data, quotas and days in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from shared.health import HealthInput, HealthReport
from shared.names import HEALTH
from shared.predeploy import Finding
from starter.failure import DONE, FAILED
from starter.findings_view import findings_table
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from starter.temporal import Connection


def health(address: AddressOption = None, as_json: JsonOption = False) -> None:
    """Show how everything is: exit code 1 if something has failed."""

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415

        connection = await connect(address)
        report = await _report(connection)
        if as_json:
            print_json(report)
        else:
            stdout_console().print(findings_table(report.findings))
        return FAILED if any(f.status == "fail" for f in report.findings) else DONE

    raise typer.Exit(run(command()))


async def _report(connection: Connection) -> HealthReport:
    from starter.warehouse import answer  # noqa: PLC0415
    from worker.temporal_health import (  # noqa: PLC0415
        schedule_finding,
        schedules_of,
        server_finding,
        worker_finding,
    )

    client = connection.client
    server = await server_finding(client, connection.address)
    workers = await worker_finding(client, connection.task_queue)
    schedules = await schedules_of(client)
    behind: tuple[Finding, ...] = ()
    live = False
    if workers.status == "ok":
        # Without a worker nobody would answer, and that finding says enough.
        found = await answer(connection, HEALTH, HealthInput(), HealthReport, "health")
        behind, live = found.findings, found.live
    findings = (server, workers, schedule_finding(schedules, live=live), *behind)
    return HealthReport(findings=findings, live=live)
