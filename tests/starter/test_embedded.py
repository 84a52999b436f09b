"""The embedded stack: really started, killed, started again, supervised, stopped in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from shared.config import TASK_QUEUE
from shared.names import SEARCH_ATTRIBUTES
from starter.home import HomeLock, StackInfo, running_stack, started_at, write_stack
from starter.places import cache_folder
from starter.server_binary import VERSION
from tests.starter.hanging_worker import HangsOnce
from tests.starter.running import alive, eventually, kill_group, ready, stack, start, stop, tipoff
from tests.workflows.world import assert_eventually

pytestmark = pytest.mark.skipif(
    not (cache_folder() / f"temporal-{VERSION}" / "temporal").exists() and not shutil.which("go"),
    reason="no Temporal CLI and nothing to build it with",
)


def up(home):
    return start("up", "--home", str(home), "--source", "simulated")


def pids(found):
    return {child["name"]: child["pid"] for child in found["children"]}


async def test_killed_as_a_group_and_started_again_it_goes_on(tmp_path):
    first = up(tmp_path)
    before = ready(tmp_path, first)
    client = await Client.connect(before["address"])
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="default")
    )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)
    registered = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="default")
    )
    assert set(SEARCH_ATTRIBUTES) <= set(registered.custom_attributes)
    # On a queue that nobody serves, so that it is still there afterwards.
    await client.start_workflow("Anything", id="still-here", task_queue="nobody")

    kill_group(first)
    eventually(lambda: not any(map(alive, pids(before).values())), "the children died too", 10)

    second = up(tmp_path)
    after = ready(tmp_path, second)
    client = await Client.connect(after["address"])
    found = await client.get_workflow_handle("still-here").describe()
    assert found.status is not None
    assert found.status.name == "RUNNING"
    code, out, _ = stop(second)
    assert code == 0
    assert "SIMULATED league" in out
    assert after["ui_url"] in out
    assert stack(tmp_path) == {}
    assert not any(map(alive, pids(after).values()))


async def test_killed_as_a_group_what_its_worker_was_doing_is_done_again_before_any_timeout(tmp_path):
    first = up(tmp_path)
    client = await Client.connect(ready(tmp_path, first)["address"])
    handle = await client.start_workflow(HangsOnce.run, id="hangs", task_queue=TASK_QUEUE)

    async def under_way():
        pending = (await handle.describe()).raw_description.pending_activities
        return [one.attempt for one in pending if one.state == 2] == [1]

    await assert_eventually(under_way, timeout=60)
    kill_group(first)

    second = up(tmp_path)
    client = await Client.connect(ready(tmp_path, second)["address"])
    assert await asyncio.wait_for(client.get_workflow_handle("hangs").result(), 60) == 2
    assert stop(second)[0] == 0


async def test_only_its_supervisor_killed_the_children_die_and_a_new_one_starts(tmp_path):
    first = up(tmp_path)
    before = ready(tmp_path, first)
    found = running_stack(tmp_path)
    assert found is not None
    assert found.pid == first.pid
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    # Its file is still there and says that it is ready: whoever believed it would wait for no one.
    assert stack(tmp_path)["ready"]
    assert running_stack(tmp_path) is None
    second = up(tmp_path)
    ready(tmp_path, second)
    assert not any(map(alive, pids(before).values()))
    assert stop(second)[0] == 0


async def test_a_second_up_on_one_home_names_the_holder_and_exits_1(tmp_path):
    first = up(tmp_path)
    ready(tmp_path, first)
    second = tipoff("up", "--home", str(tmp_path), "--source", "simulated")
    assert second.returncode == 1
    assert f"process {first.pid}" in second.stderr
    assert first.poll() is None
    # Another home beside it gets other ports.
    other = up(tmp_path / "other")
    found = ready(tmp_path / "other", other)
    assert found["address"] != stack(tmp_path)["address"]
    assert stop(other)[0] == 0
    assert stop(first)[0] == 0


async def test_a_child_that_dies_is_started_again(tmp_path):
    process = up(tmp_path)
    before = pids(ready(tmp_path, process))
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def all_back():
        now = pids(stack(tmp_path))
        return all(now[name] != pid and alive(now[name]) for name, pid in before.items())

    eventually(all_back, "all three are back")
    question = tipoff("sql", "SELECT 1", "--json", TIPOFF_HOME=str(tmp_path))
    assert question.returncode == 0, question.stderr
    code, _, err = stop(process)
    assert code == 0
    assert "starting it again" in err


def test_recorded_data_that_cannot_be_read_is_bad_usage(tmp_path):
    (tmp_path / "data" / "box_scores").mkdir(parents=True)
    (tmp_path / "data" / "box_scores" / "torn.parquet").write_text("not parquet")
    wrong = tipoff(
        "up", "--home", str(tmp_path / "home"), "--source", "recorded", "--data", str(tmp_path / "data")
    )
    assert wrong.returncode in (1, 2)
    assert "replay" in wrong.stderr
    assert stack(tmp_path / "home") == {}


def test_a_process_that_took_a_dead_childs_number_is_left_alone(tmp_path):
    lock = HomeLock(tmp_path)
    lock.acquire()
    ours = os.getpid()
    assert started_at(ours)
    write_stack(
        StackInfo.model_validate(
            {
                "home": tmp_path, "pid": 1, "source": "live", "address": "x",
                "children": [{"name": "worker", "pid": ours, "started": "long ago"}],
            }
        )
    )  # fmt: skip
    from starter.home import end_leftovers  # noqa: PLC0415

    end_leftovers(tmp_path)
    assert Path(f"/proc/{ours}").exists() or started_at(ours)
    lock.release()
