"""A backfill on real processes: killed on the way, and the regeneration of features of a wrong version."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from shared import names
from shared.backfill import BackfillProgress
from shared.config import TASK_QUEUE
from shared.features import FEATURE_VERSION
from shared.messages import DailyPipelineInput
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import ROOT, RunningStack
from tests.e2e.test_kills import hashes
from tests.workflows.world import assert_eventually

DATES = [DAY + timedelta(days=n) for n in range(4)]
WRONG = "v1_baseline_25"
STALE = DATES[:3]


async def run_one_after_another(client: Client) -> None:
    """The dates as they would have been lived: each day when the one before has ended."""
    for day in DATES:
        await client.execute_workflow(
            names.DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=f"daily-{day}",
            task_queue=TASK_QUEUE,
        )  # fmt: skip


def command(stack: RunningStack, *words: str) -> subprocess.Popen[str]:
    """`tipoff backfill` of the dates."""
    return subprocess.Popen(
        [sys.executable, "-m", "starter", "backfill", str(DATES[0]), str(DATES[-1]), "--json", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**stack.environ, "TIPOFF_HOME": str(stack.home)},
    )  # fmt: skip


async def done(client: Client, number: int) -> bool:
    """Whether so many dates are done."""
    handle = client.get_workflow_handle(f"backfill-{DATES[0]}-{DATES[-1]}")
    try:
        told: BackfillProgress = await handle.query(
            "progress", result_type=BackfillProgress, rpc_timeout=timedelta(seconds=2)
        )
    except RPCError:
        return False
    return told.state == "running" and told.done >= number


async def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the command printed; it must have ended well."""
    out, err = await asyncio.to_thread(process.communicate, timeout=300)
    assert process.returncode == 0, err[-2_000:]
    return dict(json.loads(out))


async def worker_back(stack: RunningStack, old: int) -> bool:
    return stack.pid("worker") not in (0, old) and stack.alive("worker")


@pytest.mark.timeout(900)
async def test_a_backfill_killed_on_the_way_leaves_the_tables_of_days_run_one_after_another(
    new_stack: Callable[[str], RunningStack],
) -> None:
    lived = new_stack("lived")
    client = await connect(lived)
    await run_one_after_another(client)
    expected = await hashes(client)
    lived.stop()

    stack = new_stack("backfilled")
    client = await connect(stack)
    process = command(stack, "--max-parallel", "2")
    for number in (0, 2):
        await assert_eventually(partial(done, client, number), timeout=120, interval=0.05)
        old = stack.pid("worker")
        stack.kill("worker")
        if number:
            # Under the command, which goes on and prints nothing but its answer.
            stack.kill("Temporal server")
        await assert_eventually(partial(worker_back, stack, old), timeout=60)
        stack.kill_compute()
    printed = await ended(process)
    assert (printed["status"], printed["completed"], printed["failed"]) == ("completed", 4, 0)
    assert await hashes(client) == expected

    nothing = await ended(command(stack))
    assert (nothing["dates"], nothing["status"]) == (0, "completed"), "what is complete is left alone"

    stack.stop()
    before = active(stack.home)
    plant_wrong_version(stack.home)
    again = RunningStack(stack.home)
    try:
        await regenerated(again, before)
    finally:
        again.stop()


async def regenerated(stack: RunningStack, before: list[tuple[Any, ...]]) -> None:
    """The handoff's regeneration: found, made again, the old ones inactive, and what was right untouched."""
    spoilt = validated(stack, 1)
    assert spoilt["features_are_of_the_version_in_force"]["status"] == "fail"
    assert spoilt["predictions_are_of_the_version_in_force"]["status"] == "fail"
    remedy = spoilt["features_are_of_the_version_in_force"]["remedy"]
    assert remedy == f"tipoff backfill {STALE[0]} {STALE[-1]} --only stale"
    dry = await ended(command(stack, "--only", "stale", "--dry-run"))
    assert [d["game_date"] for d in dry["plan"]["days"] if d["kind"] == "stale"] == [str(d) for d in STALE]
    assert WRONG in dry["plan"]["days"][0]["reason"]
    made = await ended(command(stack, "--only", "stale"))
    assert (made["status"], made["completed"]) == ("completed", 4), "the date after grades again"
    clean = await ended(command(stack, "--only", "stale", "--dry-run"))
    assert clean["plan"]["days"] == []
    assert {name for name, found in validated(stack, 0).items() if found["status"] == "fail"} == set()
    stack.stop()
    with duckdb.connect(str(stack.home / "warehouse.duckdb"), read_only=True) as warehouse:
        versions = warehouse.execute(
            "SELECT DISTINCT feature_version FROM nba_predictions.ml_feature_store_v2"
        ).fetchall()
        assert versions == [(FEATURE_VERSION,)]
        kept = warehouse.execute(
            "SELECT DISTINCT game_date, is_active, superseded_by IS NOT NULL "
            "FROM nba_predictions.player_prop_predictions WHERE feature_version = ? ORDER BY game_date",
            [WRONG],
        ).fetchall()
    assert kept == [(day, False, True) for day in STALE]
    assert active(stack.home) == before


def validated(stack: RunningStack, code: int) -> dict[str, dict[str, Any]]:
    """What `tipoff validate historical` says of the three dates, by check; its exit code is as expected."""
    said = stack.cli("validate", "historical", str(STALE[0]), str(STALE[-1]), "--json")
    assert said.returncode == code, (said.stdout[-2_000:], said.stderr[-2_000:])
    return {finding["check"]: finding for finding in json.loads(said.stdout)["findings"]}


def active(home: Path) -> list[tuple[Any, ...]]:
    """The active predictions, and how each was graded."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(
            "SELECT p.game_date, p.prediction_id, p.predicted_points, p.prob_over, p.feature_version, "
            "r.outcome, r.absolute_error FROM nba_predictions.player_prop_predictions AS p "
            "LEFT JOIN nba_predictions.prediction_results AS r USING (game_date, prediction_id) "
            "WHERE p.is_active ORDER BY 1, 2"
        ).fetchall()


def plant_wrong_version(home: Path) -> None:
    """Features and predictions of three dates as if an old deployment had made them."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        for table, spoilt in (
            ("ml_feature_store_v2", "features = features[1:25], feature_names = feature_names[1:25]"),
            ("player_prop_predictions", "predicted_points = predicted_points + 3"),
        ):
            warehouse.execute(
                f"UPDATE nba_predictions.{table} SET feature_version = ?, {spoilt} "
                "WHERE game_date IN (SELECT unnest(?::DATE[]))",
                [WRONG, STALE],
            )
