"""`tipoff evaluate` as a user runs it, undisturbed and killed in the middle: the same report, to the byte."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from shared.names import EVALUATE_SEGMENT
from tests.e2e.conftest import connect
from tests.e2e.stack import ROOT, RunningStack, wait_for
from tests.workflows.world import assert_eventually

DATES = {"simulated": ("2026-01-05", "2026-01-20"), "recorded": ("2025-10-21", "2025-10-31")}
"""A short range of each source; one season before it is history."""

PATIENCE = 400
recorded = pytest.mark.parametrize("evaluated", ["recorded"], indirect=True)
simulated = pytest.mark.parametrize("evaluated", ["simulated"], indirect=True)


@dataclass(frozen=True)
class Evaluated:
    """A home in which a range was evaluated, the stack stopped, and what was said."""

    home: Path
    source: str
    environ: dict[str, str]
    told: dict[str, Any]

    @property
    def workflow_id(self) -> str:
        return "evaluate-{}-{}".format(*DATES[self.source])

    def command(self, home: Path) -> subprocess.Popen[str]:
        """The same command in another home, under way."""
        return subprocess.Popen(
            [sys.executable, "-m", "starter", "evaluate", *DATES[self.source], "--seasons", "1", "--source",
             self.source, "--home", str(home), "--json"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **self.environ},
        )  # fmt: skip

    def report(self, home: Path) -> dict[str, bytes]:
        """The files of the report, by name."""
        found = {path.name: path.read_bytes() for path in home.rglob("evaluations/*/report.*")}
        assert set(found) == {"report.json", "report.html"}
        return found

    def copy(self, home: Path) -> Path:
        """A home with the history and the lines, and without the report."""
        shutil.copytree(self.home, home)
        (home / "stack.json").unlink(missing_ok=True)
        for folder in home.rglob("evaluations"):
            shutil.rmtree(folder)
        return home


def finished(command: subprocess.Popen[str]) -> dict[str, Any]:
    """What a command printed when it ended well."""
    told = command.communicate(timeout=PATIENCE)[0]
    assert command.returncode == 0, told
    found: dict[str, Any] = json.loads(told)
    return found


@pytest.fixture(scope="module", params=["simulated", "recorded"])
def evaluated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Evaluated]:
    """An undisturbed evaluation, by the command with a stack of its own."""
    source = request.param
    environ = {"TIPOFF_DATA": str(request.getfixturevalue("recorded_data"))} if source == "recorded" else {}
    home = tmp_path_factory.mktemp(f"evaluated-{source}") / "home"
    made = Evaluated(home, source, environ, {})
    told = finished(made.command(home))
    yield Evaluated(home, source, environ, told)
    shutil.rmtree(home)


@dataclass
class Run:
    """One segment in a workflow's history: how often it was asked for, and who did it in which attempt."""

    scheduled: int = 0
    attempt: int = 0
    worker: str = ""


async def segments(handle: WorkflowHandle[Any, Any]) -> dict[str, Run]:
    """The segments of an evaluation by their dates; those under way have no attempt yet."""
    runs: dict[str, Run] = {}
    names: dict[int, str] = {}
    attempts: dict[int, int] = {}
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            if event.activity_task_scheduled_event_attributes.activity_type.name == EVALUATE_SEGMENT:
                name = event.user_metadata.summary.data.decode().strip('"')
                names[event.event_id] = name
                runs.setdefault(name, Run()).scheduled += 1
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            started = event.activity_task_started_event_attributes
            attempts[started.scheduled_event_id] = started.attempt
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            if done.scheduled_event_id in names:
                run = runs[names[done.scheduled_event_id]]
                run.attempt, run.worker = attempts[done.scheduled_event_id], done.identity
    return runs


def in_the_middle(client: Client, workflow_id: str) -> Callable[[], Any]:
    """Whether a segment is done and the next is under way in a worker."""

    async def check() -> bool:
        handle = client.get_workflow_handle(workflow_id)
        try:
            description = await handle.describe()
        except RPCError:
            return False
        if description.status is not WorkflowExecutionStatus.RUNNING:
            return False
        under_way = [
            activity.activity_type.name == EVALUATE_SEGMENT and activity.state == 2
            for activity in description.raw_description.pending_activities
        ]
        return any(under_way) and any(run.worker for run in (await segments(handle)).values())

    return check


def assert_only_the_interrupted_segment_was_repeated(before: dict[str, Run], after: dict[str, Run]) -> None:
    """What was done at the kill was not done again; the rest was done by another worker.

    One segment at most needed a second attempt: the kill may have come in the moment between two.
    """
    done = {name: run for name, run in before.items() if run.worker}
    rest = {name: run for name, run in after.items() if name not in done}
    assert {name: after[name] for name in done} == done
    assert {run.worker for run in done.values()}.isdisjoint(run.worker for run in rest.values())
    assert {run.scheduled for run in after.values()} == {1}
    assert sum(run.attempt - 1 for run in after.values()) <= 1
    assert rest, "segments were left to do"


@simulated
async def test_a_worker_killed_in_the_middle_repeats_the_one_segment_and_the_report_is_the_same(
    evaluated: Evaluated, tmp_path: Path
) -> None:
    home = evaluated.copy(tmp_path / "home")
    stack = RunningStack(home, evaluated.source, **evaluated.environ)
    try:
        client = await connect(stack)
        command = evaluated.command(home)
        await assert_eventually(in_the_middle(client, evaluated.workflow_id), timeout=240)
        old = stack.pid("worker")
        stack.kill("worker")
        handle = client.get_workflow_handle(evaluated.workflow_id)
        before = await segments(handle)
        wait_for(lambda: stack.pid("worker") not in (0, old) and stack.alive("worker"), "the worker is back")
        finished(command)
        assert_only_the_interrupted_segment_was_repeated(before, await segments(handle))
        assert evaluated.report(home) == evaluated.report(evaluated.home)
    finally:
        stack.stop()


@simulated
async def test_a_command_killed_with_its_stack_goes_on_where_it_was_when_it_is_given_again(
    evaluated: Evaluated, tmp_path: Path
) -> None:
    home = evaluated.copy(tmp_path / "home")
    command = evaluated.command(home)

    def ready() -> bool:
        try:
            return bool(json.loads((home / "stack.json").read_text()).get("ready"))
        except (FileNotFoundError, json.JSONDecodeError):
            return False

    wait_for(ready, "the command's own stack is ready")
    address = json.loads((home / "stack.json").read_text())["address"]
    client = await Client.connect(address)
    await assert_eventually(in_the_middle(client, evaluated.workflow_id), timeout=240)
    before = await segments(client.get_workflow_handle(evaluated.workflow_id))
    os.kill(command.pid, signal.SIGKILL)
    command.wait(timeout=30)
    finished(evaluated.command(home))
    stack = RunningStack(home, evaluated.source, **evaluated.environ)
    try:
        after = await segments((await connect(stack)).get_workflow_handle(evaluated.workflow_id))
    finally:
        stack.stop()
    assert_only_the_interrupted_segment_was_repeated(before, after)
    assert evaluated.report(home) == evaluated.report(evaluated.home)


def test_every_system_is_judged_on_the_same_rows_and_no_canary_fails(evaluated: Evaluated) -> None:
    told = evaluated.told
    assert told["source"] == evaluated.source
    assert told["market"]["n"] > 500
    assert told["canaries"] == dict.fromkeys(told["canaries"], "pass")
    assert "shuffled_labels" in told["canaries"]
    judged = [*told["systems"].values(), *told["no_lines_used"].values(), *told["baselines"].values()]
    assert (len(told["systems"]), len(told["no_lines_used"]), len(told["baselines"])) == (5, 1, 4)
    assert {found["all"]["n"] for found in judged} == {told["rows"]["all"]}
    assert min(found["all"]["n"] for found in judged) > 1_000


def test_each_fit_has_learned_only_from_games_before_the_dates_that_it_predicts(evaluated: Evaluated) -> None:
    history = evaluated.told["history"]
    assert len(history["seasons"]) == 2
    assert all(
        history["first"] == refit["trained_from"] < refit["trained_through"] < refit["from"] <= refit["to"]
        for refit in history["refits"]
    )
    assert history["refits"][-1]["to"] <= DATES[evaluated.source][1]


@recorded
def test_every_recorded_line_is_of_a_player_who_played_or_void(evaluated: Evaluated) -> None:
    rows = evaluated.told["rows"]
    covered, void = rows["coverage"], rows["void"]
    away = void["did_not_play"] + void["postponed"] + covered["unresolved_names"]
    assert covered["lines"] == covered["played"] + away
    assert void["did_not_play"] > 0
    # The season's first eleven days: whoever has a line and played is predicted, but for rookies.
    assert covered["predicted"] / covered["played"] > 0.9
    for found in rows["by_system"].values():
        assert found["predicted"] == found["covered"] + found["void"]["did_not_play"]
        assert 0 < found["void"]["did_not_play"] <= void["did_not_play"]
        assert found["void_bets"]["did_not_play"] <= found["void"]["did_not_play"]
