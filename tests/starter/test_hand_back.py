"""What a dead worker was doing is done again at once; what another one does is let be."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle

from starter.hand_back import hand_back
from tests.starter.hanging_worker import HangsOnce
from tests.workflows.world import assert_eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def worker(client: Client) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts workers in processes of their own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(queue: str) -> subprocess.Popen[bytes]:
        address = client.service_client.config.target_host
        command = [sys.executable, "-m", "tests.starter.hanging_worker", address, queue]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


async def attempts(handle: WorkflowHandle[HangsOnce, int]) -> list[int]:
    """The attempts of the workflow's activities that are under way."""
    described = (await handle.describe()).raw_description
    return [one.attempt for one in described.pending_activities if one.state == 2]


async def test_what_a_killed_worker_was_doing_is_done_again_before_any_timeout(
    client: Client, worker: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    queues = [f"hangs-{uuid4().hex}" for _ in range(2)]
    hangs = [await client.start_workflow(HangsOnce.run, id=queue, task_queue=queue) for queue in queues]
    killed, alive = (worker(queue) for queue in queues)
    for handle in hangs:
        await assert_eventually(lambda handle=handle: _is(handle, [1]), timeout=60)
    killed.kill()
    killed.wait()

    assert await hand_back(client, killed.pid) == 1
    worker(queues[0])

    assert await asyncio.wait_for(hangs[0].result(), 60) == 2
    assert await attempts(hangs[1]) == [1], "that worker lives"
    assert await hand_back(client, killed.pid) == 0
    assert alive.poll() is None
    await hangs[1].terminate()


async def _is(handle: WorkflowHandle[HangsOnce, int], wanted: list[int]) -> bool:
    return await attempts(handle) == wanted
