"""What Temporal says of the health of the whole: server, workers, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client

from shared.predeploy import Finding
from shared.schedules import ScheduleName

ASKED = timedelta(seconds=5)
"""For one try. The server ends connections that are minutes old; the call which that meets is made again."""
PAUSED = "paused"


async def server_finding(client: Client, address: str) -> Finding:
    """The server's version. Raises `RPCError` if it does not answer."""
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=ASKED, retry=True)
    observed = f"version {info.server_version} at {address}, namespace {client.namespace}"
    return Finding(check="Temporal server", status="ok", observed=observed, expected="")


async def worker_finding(client: Client, task_queue: str) -> Finding:
    """Who polls the task queue, and which builds they are."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=ASKED,
        retry=True,
    )
    names = sorted({poller.identity for poller in described.pollers})
    if names:
        builds = sorted({poller.deployment_options.build_id for poller in described.pollers} - {""})
        observed = (
            f"{len(names)} on task queue {task_queue}: {', '.join(names[:3])}; "
            f"build {', '.join(builds) or 'unknown'}"
        )
        return Finding(check="workers", status="ok", observed=observed, expected="")
    return Finding(
        check="workers", status="fail", observed=f"none polls task queue {task_queue}",
        expected="at least one", remedy="tipoff up (or tipoff worker)",
    )  # fmt: skip


async def schedules_of(client: Client) -> dict[str, str]:
    """What each schedule on the server does next, in words; `PAUSED` for one that starts nothing."""
    found = {}
    async for schedule in await client.list_schedules():
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
