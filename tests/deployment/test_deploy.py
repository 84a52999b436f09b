"""A deployment in the middle of a day, with real worker processes and the real command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from shared.backfill import BackfillInput, BackfillSummary
from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput, DayReport, DayStatus
from shared.names import BACKFILL, DAILY_PIPELINE
from starter import deployments
from starter.temporal import Connection
from tests.starter.running import PROJECT, environ
from tests.workflows.world import assert_eventually, fresh_days, status_of


class Deployment:
    """Workers and commands of one deployment, on a task queue of its own."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.name = self.queue = f"deploy-{uuid.uuid4().hex[:8]}"
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def environ(self, build: str) -> dict[str, str]:
        return environ(
            TEMPORAL_ADDRESS=self.client.service_client.config.target_host, TEMPORAL_CONFIG_FILE="/dev/null",
            TIPOFF_TASK_QUEUE=self.queue, TIPOFF_DEPLOYMENT=self.name, TIPOFF_BUILD_ID=build,
            TIPOFF_HOME=str(self.folder / "home"),
        )  # fmt: skip

    def run_worker(self, build: str) -> None:
        command = [sys.executable, "-m", "tests.deployment.scripted_worker", str(self.folder)]
        self.workers[build] = subprocess.Popen(command, cwd=PROJECT, env=self.environ(build))

    async def begin(self, build: str, *words: str) -> asyncio.subprocess.Process:
        """A command of this build's checkout."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "starter", *words, "--json", cwd=PROJECT, env=self.environ(build),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def tipoff(self, build: str, *words: str) -> tuple[int | None, Any]:
        """A command's exit code, and its JSON or what it complained about."""
        process = await self.begin(build, *words)
        out, err = await process.communicate()
        return process.returncode, json.loads(out) if out else err.decode()

    async def start(self, day: date) -> WorkflowHandle[Any, DayReport]:
        return await self.client.start_workflow(
            DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
            task_queue=self.queue, result_type=DayReport,
        )  # fmt: skip

    def file(self, kind: str, day: date) -> Path:
        return self.folder / f"{kind}-{day}"

    def ran_on(self, day: date) -> set[str]:
        """The builds that ran a day's processors."""
        path = self.file("ran", day)
        return {line.split()[0] for line in path.read_text().splitlines()} if path.exists() else set()


@pytest.fixture
def deployment(server: WorkflowEnvironment, tmp_path: Path) -> Iterator[Deployment]:
    """A new deployment; its workers end with the test."""
    made = Deployment(server.client, tmp_path)
    yield made
    for worker in made.workers.values():
        worker.kill()
        worker.wait()


def outcomes(report: Any) -> dict[str, tuple[str, str]]:
    return {day["game_date"]: (day["build_id"], day["outcome"]) for day in report["days"]}


async def exists(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def reaches(handle: WorkflowHandle[Any, Any], check: Callable[[DayReport], bool]) -> None:
    async def so() -> bool:
        return check(await status_of(handle))

    await assert_eventually(so, timeout=60)


async def test_a_day_under_way_ends_on_its_build_and_a_parked_one_is_moved_and_answers(
    deployment: Deployment,
) -> None:
    held, following, parked, later = fresh_days(4)
    deployment.run_worker("old")
    code, first = await deployment.tipoff("old", "deploy")
    assert code == 0, first
    assert (first["build_id"], first["previous"]) == ("old", "")

    deployment.file("hold", held).touch()
    deployment.file("fail", parked).touch()
    backfill = await deployment.client.start_workflow(
        BACKFILL, BackfillInput(start=held, end=following, max_parallel=1), id=deployment.name,
        task_queue=deployment.queue, result_type=BackfillSummary,
    )  # fmt: skip
    waiting = await deployment.start(parked)
    on_old = deployment.client.get_workflow_handle(daily_workflow_id(held), result_type=DayReport)
    await reaches(waiting, lambda report: report.status is DayStatus.WAITING)
    await assert_eventually(lambda: exists(on_old), timeout=60)
    await reaches(on_old, lambda report: any(p.state == "running" for p in report.phases))

    code, refused = await deployment.tipoff("new", "deploy", "--wait", "0")
    assert code == 1
    assert "no versioned worker of build new polls" in refused
    assert f"TIPOFF_DEPLOYMENT={deployment.name} TIPOFF_BUILD_ID=new tipoff worker" in refused

    deployment.run_worker("new")
    code, report = await deployment.tipoff("new", "deploy")
    assert code == 0, report
    assert (report["build_id"], report["previous"]) == ("new", "old")
    assert outcomes(report) == {str(held): ("old", "finishes"), str(parked): ("old", "moved")}
    states = {b["build_id"]: (b["status"], b["days"]) for b in report["builds"]}
    assert states["new"] == ("current", [str(parked)]), "the deployment after this one finds it there"
    assert states["old"] == ("draining", [str(held)])
    code, drift = await deployment.tipoff("new", "check-drift")
    assert (code, drift["expected"], drift["expected_by"]) == (0, "new", "deployment")
    assert any("old, draining" in finding["observed"] for finding in drift["findings"])

    # The day under way: to its end on the build that began it.
    deployment.file("hold", held).unlink()
    assert (await on_old.result()).status is DayStatus.COMPLETED
    assert deployment.ran_on(held) == {"old"}

    # What outlasts builds is pinned to none: the backfill goes on, and its next date begins on the new build.
    assert (await backfill.result()).completed == 2
    assert deployment.ran_on(following) == {"new"}

    # Nothing of the old build is left: who was moved answers all the same, to queries and to signals.
    deployment.workers["old"].kill()
    assert (await status_of(waiting)).status is DayStatus.WAITING
    deployment.file("fail", parked).unlink()
    code, sent = await deployment.tipoff(
        "new", "retrigger", str(parked), "--phase", "scrape", "--reason", "mended"
    )
    assert (code, sent["accepted"]) == (0, True)
    assert (await waiting.result()).status is DayStatus.COMPLETED
    assert deployment.ran_on(parked) == {"new"}

    # And a day that begins now begins on the new build.
    await (await deployment.start(later)).result()
    assert deployment.ran_on(later) == {"new"}


async def test_a_build_whose_worker_does_not_ask_for_activities_yet_is_waited_for(
    deployment: Deployment,
) -> None:
    deployment.run_worker("old")
    code, report = await deployment.tipoff("old", "deploy")
    assert code == 0, report
    late = deployment.folder / "late-new"
    late.touch()
    deployment.run_worker("new")
    connection = Connection(deployment.client, "", deployment.queue, None)

    async def known() -> bool:
        return "new" in (await deployments.deployed(connection, deployment.name)).builds

    await assert_eventually(known, timeout=60)
    code, refused = await deployment.tipoff("new", "deploy", "--wait", "0")
    assert code == 1
    assert "build new can't be made current: its workers do not poll yet for all that" in refused

    command = await deployment.begin("new", "deploy")
    assert command.stderr is not None
    assert b"waiting, since its workers do not poll yet" in await command.stderr.readline()
    late.unlink()
    out, err = await command.communicate()
    assert command.returncode == 0, err
    assert json.loads(out)["build_id"] == "new"
    assert json.loads(out)["previous"] == "old"


async def test_a_day_whose_build_is_gone_is_told_of_from_the_warehouse(deployment: Deployment) -> None:
    (held,) = fresh_days(1)
    deployment.run_worker("old")
    code, report = await deployment.tipoff("old", "deploy")
    assert code == 0, report
    deployment.file("hold", held).touch()
    on_old = await deployment.start(held)
    await reaches(on_old, lambda report: any(p.state == "running" for p in report.phases))
    deployment.run_worker("new")
    code, report = await deployment.tipoff("new", "deploy")
    assert code == 0, report
    assert report["build_id"] == "new"
    deployment.workers["old"].kill()
    deployment.workers["old"].wait()
    async with asyncio.timeout(30):
        code, report = await deployment.tipoff("new", "status", str(held))
    assert (code, report["message"]) == (0, "from the warehouse: the day itself did not answer")
    assert [phase["name"] for phase in report["phases"] if phase["state"] == "completed"] == ["scrape"]
    await on_old.terminate()


@workflow.defn(name=DAILY_PIPELINE, sandboxed=False)
class OtherwiseDay:
    """A day as no saved one ever ran."""

    @workflow.run
    async def run(self, request: DailyPipelineInput) -> None:
        await workflow.sleep(1)


async def test_a_parked_day_whose_history_does_not_replay_stays_where_it_is(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    (parked,) = fresh_days(1)
    deployment.run_worker("old")
    code, report = await deployment.tipoff("old", "deploy")
    assert code == 0, report
    deployment.file("fail", parked).touch()
    waiting = await deployment.start(parked)
    await reaches(waiting, lambda report: report.status is DayStatus.WAITING)
    deployment.run_worker("new")

    code, report = await deployment.tipoff("other", "deploy", "new")
    assert code == 1, "a build that is not this checkout's can't be replayed here"
    assert outcomes(report) == {str(parked): ("old", "kept")}

    connection = Connection(deployment.client, "", deployment.queue, None)
    found = [day async for day in deployments.pinned_days(connection, deployment.name)]
    assert [(day.game_date, day.parked) for day in found] == [(parked, True)]
    assert await deployments.replay_fault(connection, found[0]) == ""
    monkeypatch.setattr(deployments, "WORKFLOWS", (OtherwiseDay,))
    assert "ondeterminis" in await deployments.replay_fault(connection, found[0])
    deployment.file("fail", parked).unlink()
    await waiting.terminate()
