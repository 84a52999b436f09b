"""`tipoff deploy`: new days begin on this build; those under way end on theirs or, parked, are moved."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

import typer

from shared.build import build_id
from shared.config import load_settings
from shared.deployments import DEPLOYMENT, DayMoved, DeployReport
from shared.errors import BadRequest
from starter.failure import DONE, FAILED, CommandError
from starter.options import AddressOption, JsonOption, KeptReasonOption, requester
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from temporalio.common import WorkerDeploymentVersion

    from starter.deployments import PinnedDay
    from starter.temporal import Connection

POLL_SECONDS = 0.5


def deploy(
    build: Annotated[
        str | None, typer.Argument(metavar="[BUILD]", help="Build id. Default: that of this checkout.")
    ] = None,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", min=0, max=3600, help="How long to wait for its workers."),
    ] = 60.0,
    status: Annotated[
        bool, typer.Option("--status", help="Show builds, workers and days; change nothing.")
    ] = False,
    reason: KeptReasonOption = "",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let new days begin on a build whose workers run already (TIPOFF_DEPLOYMENT and TIPOFF_BUILD_ID).

    A day with work under way ends on the build that began it: keep that build's
    workers until it is drained. A parked day is moved once its history replays on
    the code of this checkout. Exit code 1: a parked day could not be moved.
    """
    settings = load_settings()
    ours = build_id(settings.build_id)
    name = settings.deployment or DEPLOYMENT
    if status and build:
        raise BadRequest("build: --status changes nothing; leave the build out")

    async def command() -> int:
        from starter.deploy_view import deploy_view  # noqa: PLC0415
        from starter.recorded import record  # noqa: PLC0415
        from starter.temporal import connect  # noqa: PLC0415

        connection = await connect(address)
        if not status:
            await record(connection, "deploy", f"{name} {build or ours}", reason)
        report = (
            await _report(connection, name, "", ())
            if status
            else await _deploy(connection, name, build or ours, ours, wait)
        )
        if as_json:
            print_json(report)
        else:
            stdout_console().print(deploy_view(report))
        return FAILED if any(day.outcome == "kept" for day in report.days) else DONE

    raise typer.Exit(run(command()))


async def _deploy(connection: Connection, name: str, build: str, ours: str, wait: float) -> DeployReport:
    from temporalio.common import WorkerDeploymentVersion  # noqa: PLC0415

    from starter.deployments import pinned_days  # noqa: PLC0415

    until = time.monotonic() + wait
    await _wait_for_workers(connection, name, build, until)
    previous = await _made_current(connection, name, build, until)
    moved = [
        await _moved(connection, day, WorkerDeploymentVersion(name, build), same_code=build == ours)
        async for day in pinned_days(connection, name)
        if day.build_id != build
    ]
    return await _report(connection, name, previous, tuple(sorted(moved, key=lambda d: d.game_date)))


async def _wait_for_workers(connection: Connection, name: str, build: str, until: float) -> None:
    """Until a versioned worker of the build polls: made current without one, it would stop every new day.

    Raises:
        CommandError: none does; the message says how one is started.
    """
    from starter.deployments import deployed, running_workers  # noqa: PLC0415

    told = False
    while True:
        workers = await running_workers(connection)
        if any(w.versioned and w.build_id == build for w in workers):
            if build in (await deployed(connection, name)).builds:
                return
        elif not told and time.monotonic() < until:
            told = True
            stderr_console().print(f"waiting for a worker of build {build} …", soft_wrap=True)
        if time.monotonic() > until:
            there = ", ".join(sorted({w.build_id or "of unknown build" for w in workers})) or "none"
            raise CommandError(
                f"no versioned worker of build {build} polls task queue {connection.task_queue} "
                f"(there: {there}); start one with TIPOFF_DEPLOYMENT={name} TIPOFF_BUILD_ID={build} "
                "tipoff worker"
            )
        await asyncio.sleep(POLL_SECONDS)


async def _made_current(connection: Connection, name: str, build: str, until: float) -> str:
    """Make the build current; returns the one that was before.

    A worker begins to poll for workflows and for activities one after the other, and the server refuses a
    build that does not serve yet what the current one serves. That passes, as does a server that is away.

    Raises:
        CommandError: it was still refused at the end of the wait, or somebody else deployed in the meantime.
    """
    from temporalio.service import RPCError  # noqa: PLC0415

    from starter.deployments import deployed, make_current, refused_for_now  # noqa: PLC0415

    known = await deployed(connection, name)
    before, told = known.current, False
    while known.current != build:
        if known.current != before:
            raise CommandError(
                f"build {known.current} was deployed by somebody else in the meantime; run this again to "
                f"replace it by {build}"
            )
        try:
            await make_current(connection, name, build, known.conflict_token, requester())
        except RPCError as error:
            why = refused_for_now(error)
            if not why:
                raise
            if time.monotonic() > until:
                raise CommandError(f"build {build} can't be made current: {why}") from error
            if not told:
                told = True
                stderr_console().print(f"waiting, since {why} …", soft_wrap=True)
            await asyncio.sleep(POLL_SECONDS)
        known = await deployed(connection, name)
    return before


async def _moved(
    connection: Connection, day: PinnedDay, to: WorkerDeploymentVersion, *, same_code: bool
) -> DayMoved:
    from starter.deployments import move, replay_fault  # noqa: PLC0415

    if not day.parked:
        return DayMoved(game_date=day.game_date, build_id=day.build_id, outcome="finishes")
    fault = (
        await replay_fault(connection, day)
        if same_code
        else "this checkout is not the build deployed, so its history can't be replayed here"
    )
    if fault:
        return DayMoved(game_date=day.game_date, build_id=day.build_id, outcome="kept", why=fault)
    await move(connection, day, to, requester())
    return DayMoved(game_date=day.game_date, build_id=day.build_id, outcome="moved")


async def _report(
    connection: Connection, name: str, previous: str, days: tuple[DayMoved, ...]
) -> DeployReport:
    from starter.deployments import (  # noqa: PLC0415
        build_states,
        deployed,
        pinned_days,
        running_workers,
    )

    now = await deployed(connection, name)
    return DeployReport(
        deployment=name,
        build_id=now.current,
        previous=previous,
        builds=build_states(
            now, await running_workers(connection), [day async for day in pinned_days(connection, name)]
        ),
        days=days,
    )
