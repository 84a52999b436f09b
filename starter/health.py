"""`tipoff health`: server, workers, schedules, warehouse, sources, data, quotas and days in one table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from shared.health import HealthInput, HealthReport
from shared.names import HEALTH
from shared.predeploy import Finding
from shared.schedules import ScheduleName
from starter.failure import DONE, FAILED
from starter.findings_view import findings_table
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from starter.temporal import Connection

ASKED = timedelta(seconds=5)
PAUSED = "paused"


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

    server, workers, schedules = (
        await _server(connection), await _workers(connection), await _schedules(connection)
    )  # fmt: skip
    behind: tuple[Finding, ...] = ()
    live = False
    if workers.status == "ok":
        # Without a worker nobody would answer, and that finding says enough.
        found = await answer(connection, HEALTH, HealthInput(), HealthReport, "health")
        behind, live = found.findings, found.live
    findings = (server, workers, schedule_finding(schedules, live=live), *behind)
    return HealthReport(findings=findings, live=live)


async def _server(connection: Connection) -> Finding:
    from temporalio.api.workflowservice.v1 import GetSystemInfoRequest  # noqa: PLC0415

    info = await connection.client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=ASKED)
    observed = (
        f"version {info.server_version} at {connection.address}, namespace {connection.client.namespace}"
    )
    return Finding(check="Temporal server", status="ok", observed=observed, expected="")


async def _workers(connection: Connection) -> Finding:
    from temporalio.api.enums.v1 import TaskQueueType  # noqa: PLC0415
    from temporalio.api.taskqueue.v1 import TaskQueue  # noqa: PLC0415
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest  # noqa: PLC0415

    client = connection.client
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=connection.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=ASKED,
    )
    names = sorted({poller.identity for poller in described.pollers})
    if names:
        builds = sorted({poller.deployment_options.build_id for poller in described.pollers} - {""})
        observed = (
            f"{len(names)} on task queue {connection.task_queue}: {', '.join(names[:3])}; "
            f"build {', '.join(builds) or 'unknown'}"
        )
        return Finding(check="workers", status="ok", observed=observed, expected="")
    return Finding(
        check="workers", status="fail", observed=f"none polls task queue {connection.task_queue}",
        expected="at least one", remedy="tipoff up (or tipoff worker)",
    )  # fmt: skip


async def _schedules(connection: Connection) -> dict[str, str]:
    """What each schedule on the server does next, in words; `PAUSED` for one that starts nothing."""
    found = {}
    async for schedule in await connection.client.list_schedules():
        state = schedule.schedule.state if schedule.schedule else None
        following = schedule.info.next_action_times[:1] if schedule.info else []
        when = f"next {following[0]:%Y-%m-%d %H:%M} UTC" if following else "nothing to come"
        found[schedule.id] = PAUSED if state and state.paused else when
    return found


def schedule_finding(found: Mapping[str, str], *, live: bool) -> Finding:
    """Whether what should start by itself does.

    Args:
        found: what each schedule on the server does next, by its id.
        live: days are made of the live upstreams. A replayed season's are started by hand, and need none.
    """
    missing = [str(name) for name in ScheduleName if name.schedule_id not in found]
    if not live and len(missing) == len(ScheduleName):
        return Finding(check="schedules", status="ok", observed="none: days are started by hand", expected="")
    observed = "; ".join(f"{name}: {what}" for name, what in sorted(found.items()))
    if missing:
        return Finding(
            check="schedules", status="warn", expected="all four", remedy="tipoff schedule create",
            observed=f"no schedule {', '.join(missing)}: nothing starts by itself there. {observed}".strip(),
        )  # fmt: skip
    if PAUSED in found.values():
        return Finding(
            check="schedules", status="warn", observed=observed, expected="none paused",
            remedy="tipoff schedule unpause --reason …",
        )  # fmt: skip
    return Finding(check="schedules", status="ok", observed=observed, expected="")
