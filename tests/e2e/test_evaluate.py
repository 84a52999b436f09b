"""`tipoff evaluate` on a real stack, its worker killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from shared.messages import EVALUATE_SEGMENT
from tests.e2e.conftest import connect
from tests.e2e.stack import ROOT, RunningStack, wait_for
from tests.workflows.world import assert_eventually

START, END = "2026-01-05", "2026-01-20"


async def segments(handle: WorkflowHandle[object, object]) -> Counter[str]:
    """How often the activity of each segment was completed, by the workflow's history."""
    done: Counter[str] = Counter()
    names: dict[int, str] = {}
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == EVALUATE_SEGMENT:
                names[event.event_id] = event.user_metadata.summary.data.decode().strip('"')
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            at = event.activity_task_completed_event_attributes.scheduled_event_id
            if at in names:
                done[names[at]] += 1
    return done


async def _one_segment_done(client: Client) -> bool:
    try:
        return bool(await segments(client.get_workflow_handle(f"evaluate-{START}-{END}")))
    except RPCError:
        return False


def evaluating(stack: RunningStack) -> subprocess.Popen[str]:
    """The command, under way."""
    return subprocess.Popen(
        [sys.executable, "-m", "starter", "evaluate", START, END, "--seasons", "1", "--home", str(stack.home),
         "--json"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=stack.environ,
    )  # fmt: skip


def believed(path: Path) -> dict[str, object]:
    """A report without what differs from run to run: the memory it took."""
    report: dict[str, object] = json.loads(path.read_text())
    assert report.pop("peak_mib")
    return report


async def test_an_evaluation_killed_in_the_middle_repeats_no_segment_and_says_the_same(
    tmp_path: Path,
) -> None:
    stack = RunningStack(tmp_path / "home")
    try:
        client = await connect(stack)
        command = evaluating(stack)
        await assert_eventually(lambda: _one_segment_done(client), timeout=120)
        old = stack.pid("worker")
        stack.kill("worker")
        wait_for(lambda: stack.pid("worker") not in (0, old) and stack.alive("worker"), "the worker is back")
        told = json.loads(command.communicate(timeout=240)[0])
        assert command.returncode == 0
        handle = client.get_workflow_handle(f"evaluate-{START}-{END}")
        done = await segments(handle)
        assert len(done) >= 3
        assert set(done.values()) == {1}
        assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
        path = Path(told["html"]).with_suffix(".json")
        killed = believed(path)
        again = evaluating(stack)
        again.communicate(timeout=240)
        assert again.returncode == 0
        assert believed(path) == killed
        assert told["market"]["n"] > 500
        assert told["canaries"] == dict.fromkeys(told["canaries"], "pass")
        assert len(told["systems"]) == 5
    finally:
        stack.stop()
