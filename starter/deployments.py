"""Worker deployments as the Temporal server knows them: builds, who polls, days pinned to a build."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import (
    TaskQueueType,
    VersionDrainageStatus,
    WorkerDeploymentVersionStatus,
    WorkerVersioningMode,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client, WorkflowHistory
from temporalio.common import PinnedVersioningOverride, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from shared.deployments import BuildState, BuildStatus, RunningWorker
from shared.messages import DayStatus
from shared.names import DAILY_PIPELINE, PIPELINE_STATUS
from starter.temporal import Connection, passing, patiently
from worker.served import SANDBOX, WORKFLOWS

CALL = timedelta(seconds=10)
STILL_POLLS = timedelta(seconds=75)
"""A worker asks at least once a minute; the server remembers one that was killed for five."""

PARKED = (DayStatus.WAITING, DayStatus.PAUSED)

_STATUS: dict[int, BuildStatus] = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
}
_DRAINAGE: dict[int, BuildStatus] = {
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING: "draining",
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED: "drained",
}


@dataclass(frozen=True)
class Deployed:
    """A deployment's builds by their status, and which of them is current; empty: none is."""

    current: str
    builds: dict[str, BuildStatus]
    conflict_token: bytes = b""


@dataclass(frozen=True)
class PinnedDay:
    """A day under way, and the build that it is pinned to."""

    game_date: date
    workflow_id: str
    run_id: str
    build_id: str
    parked: bool
    """Waits for a person, and has nothing under way."""


async def deployed(connection: Connection, name: str) -> Deployed:
    """What the server knows of a deployment; one that it doesn't know has no builds."""
    client = connection.client
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
    try:
        found = await patiently(
            lambda: client.workflow_service.describe_worker_deployment(request, timeout=CALL)
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Deployed("", {})
        raise
    info: WorkerDeploymentInfo = found.worker_deployment_info
    return Deployed(
        info.routing_config.current_deployment_version.build_id,
        {
            summary.deployment_version.build_id: _STATUS.get(summary.status)
            or _DRAINAGE.get(summary.drainage_status, "inactive")
            for summary in info.version_summaries
        },
        found.conflict_token,
    )


async def running_workers(connection: Connection) -> tuple[RunningWorker, ...]:
    """Who polls our task queue, for workflows or for activities; each build of a process once."""
    client, found = connection.client, {}
    for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
        request = DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=connection.task_queue),
            task_queue_type=kind,
        )
        described = await patiently(
            lambda request=request: client.workflow_service.describe_task_queue(request, timeout=CALL)  # type: ignore[misc]
        )
        for poller in described.pollers:
            seen = poller.last_access_time.ToDatetime(tzinfo=UTC)
            if datetime.now(UTC) - seen <= STILL_POLLS:
                options = poller.deployment_options
                found[poller.identity, options.build_id] = RunningWorker(
                    identity=poller.identity,
                    build_id=options.build_id,
                    versioned=options.worker_versioning_mode
                    == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED,
                )
    return tuple(found[key] for key in sorted(found))


async def make_current(
    connection: Connection, name: str, build_id: str, token: bytes, requested_by: str
) -> None:
    """New days begin on this build from now on. Raises `RPCError`, which `refused_for_now` tells of."""
    client = connection.client
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=name,
            build_id=build_id,
            version=f"{name}.{build_id}",
            conflict_token=token,
            identity=requested_by,
        ),
        timeout=CALL,
    )


def refused_for_now(error: RPCError) -> str:
    """Why a build could not be made current for the moment; empty: asking again changes nothing."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        text = error.message.lower()
        if "missing active task queues" in text:
            return "its workers do not poll yet for all that the current build's poll for"
        # Whoever asks again sees which build is current now, and whether that was somebody else.
        return "its deployment changed in the meantime" if "conflict token" in text else ""
    busy = error.status is RPCStatusCode.RESOURCE_EXHAUSTED
    return "the Temporal server is busy or away" if busy or passing(error) else ""


async def pinned_days(connection: Connection, name: str) -> AsyncIterator[PinnedDay]:
    """The days under way that are pinned to a build of the deployment, parked or not."""
    client = connection.client
    query = f"WorkflowType = '{DAILY_PIPELINE}' AND ExecutionStatus = 'Running'"
    async for listed in client.list_workflows(query):
        handle = client.get_workflow_handle(listed.id, run_id=listed.run_id)
        described = await patiently(handle.describe)
        raw = described.raw_description
        versioning = raw.workflow_execution_info.versioning_info
        override = versioning.versioning_override
        # One that was moved says where to; until its next task it still names the build that it was on.
        version = override.pinned.version if override.HasField("pinned") else versioning.deployment_version
        if version.deployment_name != name or override.auto_upgrade:
            continue
        status = described.search_attributes.get(PIPELINE_STATUS, [""])[0]
        yield PinnedDay(
            date.fromisoformat(listed.id.removeprefix("daily-")),
            listed.id,
            listed.run_id,
            version.build_id,
            parked=status in PARKED and not raw.pending_children and not raw.pending_activities,
        )


async def replay_fault(connection: Connection, day: PinnedDay) -> str:
    """Why a day's history does not replay on the workflows of this checkout; empty: it does."""
    client: Client = connection.client
    history: WorkflowHistory = await client.get_workflow_handle(
        day.workflow_id, run_id=day.run_id
    ).fetch_history()
    replayer = Replayer(
        workflows=list(WORKFLOWS),
        workflow_runner=SANDBOX,
        data_converter=client.data_converter,
        namespace=client.namespace,
    )
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return " ".join(str(result.replay_failure).split())[:300] if result.replay_failure else ""


async def move(
    connection: Connection, day: PinnedDay, to: WorkerDeploymentVersion, requested_by: str
) -> None:
    """The day goes on on another build from its next workflow task on, and is pinned to that one.

    Not to whatever is current: the deployment after this one must see its history replayed as well.
    """
    client = connection.client
    await client.workflow_service.update_workflow_execution_options(
        UpdateWorkflowExecutionOptionsRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=day.workflow_id, run_id=day.run_id),
            workflow_execution_options=WorkflowExecutionOptions(
                versioning_override=PinnedVersioningOverride(to)._to_proto()
            ),
            update_mask={"paths": ["versioning_override"]},
            identity=requested_by,
        ),
        timeout=CALL,
    )


def build_states(
    known: Deployed, workers: Iterable[RunningWorker], days: Iterable[PinnedDay]
) -> tuple[BuildState, ...]:
    """Every build that the server knows or that runs, the current one first."""
    running, pinned = list(workers), list(days)
    builds = dict.fromkeys([known.current] if known.current else [])
    builds |= dict.fromkeys([*known.builds, *(w.build_id for w in running)])
    return tuple(
        BuildState(
            build_id=build,
            status=known.builds.get(build, "unversioned"),
            workers=tuple(w.identity for w in running if w.build_id == build),
            days=tuple(sorted(d.game_date for d in pinned if d.build_id == build)),
        )
        for build in builds
    )
