"""The commands a person runs, ours and the plain `temporal`, against a running stack."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import httpx
from temporalio.client import Client

from shared.phases import PHASE_NAMES
from starter.server_binary import find_server_binary
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import ROOT, RunningStack

DATE = DAY.isoformat()


def temporal(stack: RunningStack, *words: str) -> subprocess.CompletedProcess[str]:
    """The plain Temporal command line."""
    return subprocess.run(
        [str(find_server_binary().path), *words, "--address", stack.info["address"]],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


async def test_a_day_is_started_watched_retriggered_and_queried(
    new_stack: Callable[[str], RunningStack],
) -> None:
    stack = new_stack("commands")
    client = await connect(stack)
    await _plain_temporal_starts_a_day_and_reads_it(stack, client)
    await _its_history_is_small(client)
    _status_and_predictions_show_it(stack)
    _sql_answers_while_the_worker_holds_the_file(stack)
    await _a_retrigger_after_completion_runs_that_phase_and_its_dependants(stack, client)
    await _plain_temporal_reopens_a_finished_day(stack, client)
    _usage_errors_say_what_is_possible(stack)
    _health_is_on_loopback(stack)
    _a_second_worker_is_told_who_holds_the_warehouse(stack)


async def _plain_temporal_starts_a_day_and_reads_it(stack: RunningStack, client: Client) -> None:
    day_input = json.dumps({"game_date": DATE})
    started = temporal(
        stack, "workflow", "start", "--task-queue", "tipoff", "--type", "DailyPipelineWorkflow",
        "--workflow-id", f"daily-{DATE}", "--input", day_input,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    queried = temporal(stack, "workflow", "query", "--workflow-id", f"daily-{DATE}", "--type", "status")
    assert DATE in queried.stdout, queried.stderr
    malformed = temporal(
        stack, "workflow", "signal", "--workflow-id", f"daily-{DATE}", "--name", "retrigger",
        "--input", '{"phase": "raw"}',
    )  # fmt: skip
    assert malformed.returncode == 0, malformed.stderr
    await client.get_workflow_handle(f"daily-{DATE}").result()
    queried = temporal(
        stack, "workflow", "query", "--workflow-id", f"daily-{DATE}", "--type", "status", "-o", "json"
    )
    assert "retrigger: request_id" in queried.stdout
    assert "completed" in queried.stdout


async def _its_history_is_small(client: Client) -> None:
    events = 0
    ids = [f"daily-{DATE}", *(f"daily-{DATE}/{name}" for name in PHASE_NAMES)]
    for workflow_id in ids:
        async for event in client.get_workflow_handle(workflow_id).fetch_history_events():
            events += 1
            assert event.ByteSize() < 100_000, "no payload over 100 kB"
    assert events < 1_000


def _status_and_predictions_show_it(stack: RunningStack) -> None:
    status = stack.cli("status", DATE, "--json")
    assert status.returncode == 0, status.stderr
    report = json.loads(status.stdout)
    assert report["status"] == "completed"
    assert report["source"] == "simulated"
    shown = stack.cli("predictions", DATE)
    assert shown.returncode == 0, shown.stderr
    assert "simulated" in (shown.stdout + shown.stderr).lower()
    assert max(len(line) for line in stack.cli("status", DATE).stdout.splitlines()) <= 80


def _sql_answers_while_the_worker_holds_the_file(stack: RunningStack) -> None:
    answer = stack.cli(
        "sql",
        "SELECT system_id, COUNT(*) AS n FROM `nba_predictions.player_prop_predictions` "
        f"WHERE game_date = DATE '{DATE}' AND is_active AND has_prop_line GROUP BY 1 ORDER BY 1",
        "--json",
    )
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)["rows"]
    assert len(rows) == 5, "every system"
    refused = stack.cli("sql", "DELETE FROM `nba_raw.schedule` WHERE TRUE")
    assert refused.returncode != 0
    assert "SELECT" in refused.stderr


async def _a_retrigger_after_completion_runs_that_phase_and_its_dependants(
    stack: RunningStack, client: Client
) -> None:
    answer = stack.cli(
        "retrigger", DATE, "--phase", "predictions", "--reason", "test", "--request-id", "once"
    )
    assert answer.returncode == 0, answer.stderr + answer.stdout
    await client.get_workflow_handle(f"daily-{DATE}").result()
    report = json.loads(stack.cli("status", DATE, "--json").stdout)
    again = {p["name"] for p in report["phases"] if p["retrigger"]}
    assert again == {"predictions", "publishing"}
    stack.cli("retrigger", DATE, "--phase", "predictions", "--reason", "test", "--request-id", "once")
    await client.get_workflow_handle(f"daily-{DATE}").result()
    report = json.loads(stack.cli("status", DATE, "--json").stdout)
    assert not any(p["retrigger"] for p in report["phases"]), "the same request id acts once, across runs"
    assert "acted on by an earlier run" in str(report["rejected"])


async def _plain_temporal_reopens_a_finished_day(stack: RunningStack, client: Client) -> None:
    request = {"request_id": "plain", "phase": "grading", "reason": "test", "requested_by": "tester"}
    sent = temporal(
        stack, "workflow", "signal-with-start", "--task-queue", "tipoff", "--type", "DailyPipelineWorkflow",
        "--workflow-id", f"daily-{DATE}", "--input", json.dumps({"game_date": DATE}),
        "--signal-name", "retrigger", "--signal-input", json.dumps(request),
    )  # fmt: skip
    assert sent.returncode == 0, sent.stderr
    await client.get_workflow_handle(f"daily-{DATE}").result()
    report = json.loads(stack.cli("status", DATE, "--json").stdout)
    assert {p["name"] for p in report["phases"] if p["retrigger"]} == {"grading"}


def _usage_errors_say_what_is_possible(stack: RunningStack) -> None:
    for words, expected in (
        (("start", "2025-13-45"), "date"),
        (("retrigger", DATE, "--phase", "analytic", "--reason", "x"), "did you mean analytics"),
        (
            ("retrigger", DATE, "--phase", "raw", "--processor", "raw_shedule", "--reason", "x"),
            "raw_schedule",
        ),
    ):
        answer = stack.cli(*words)
        assert answer.returncode == 2, words
        assert expected in answer.stderr + answer.stdout


def _health_is_on_loopback(stack: RunningStack) -> None:
    health = stack.info["health_url"]
    told = httpx.get(f"{health}/health").json()
    assert told.pop("build")
    assert told == {
        "status": "alive", "service": "tipoff worker", "deployment": "unversioned", "task_queue": "tipoff",
    }  # fmt: skip
    ready = httpx.get(f"{health}/ready").json()
    assert ready["checks"] == {"temporal": "ok", "warehouse": "ok", "sources": "ok"}
    assert "temporal_" in httpx.get(f"{health}/metrics").text


def _a_second_worker_is_told_who_holds_the_warehouse(stack: RunningStack) -> None:
    info = stack.info
    second = subprocess.run(
        [sys.executable, "-m", "worker"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        env={
            **stack.environ, "TIPOFF_HOME": str(stack.home), "TEMPORAL_ADDRESS": info["address"],
            "TIPOFF_HEALTH_PORT": "0",
        },
    )  # fmt: skip
    assert second.returncode == 1
    assert f"held by worker pid {stack.pid('worker')}" in second.stderr
