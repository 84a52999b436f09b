"""Once a 34th feature was added under the same version and predictions stopped without a word.

The same change now: found before it is deployed, and if deployed all the same, refused loudly with nothing
written. That phase 5 refuses a stored vector of 34 is in tests/predictions/test_prediction_chunk.py.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from shared import messages, names
from shared.config import TASK_QUEUE
from shared.phases import PHASE_NAMES
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import PATIENCE, RunningStack

DATE = DAY.isoformat()
GROWN = "tests.e2e.tipoff_with_career_games"


def rows_of_the_day(stack: RunningStack) -> list[int]:
    """Feature vectors and predictions."""
    tables = ("nba_predictions.ml_feature_store_v2", "nba_predictions.player_prop_predictions")
    counts = [
        f"(SELECT COUNT(*) FROM {t} WHERE game_date = DATE '{DATE}') AS n{n}" for n, t in enumerate(tables)
    ]
    answer = stack.cli("sql", f"SELECT {', '.join(counts)}", "--json")
    assert answer.returncode == 0, answer.stderr
    found: list[int] = json.loads(answer.stdout)["rows"][0]
    return found


def test_it_is_found_before_it_is_deployed(new_stack: Callable[[str], RunningStack]) -> None:
    stack = new_stack("healthy")
    fits = stack.cli("predeploy", "--json")
    assert fits.returncode == 0, fits.stdout + fits.stderr
    refused = stack.cli("predeploy", "--json", module=GROWN)
    assert refused.returncode == 1, refused.stderr
    findings = {f["check"]: f for f in json.loads(refused.stdout)["findings"]}
    for check in ("contract_frozen", "champion_contract"):
        assert findings[check]["status"] == "fail"
        assert "career_games" in findings[check]["observed"]
        assert findings[check]["remedy"]


async def test_deployed_all_the_same_the_day_waits_and_nothing_is_written(
    prepared_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "grown"
    shutil.copytree(prepared_home, home)
    (home / "stack.json").unlink(missing_ok=True)
    stack = RunningStack(home, module=GROWN)
    try:
        client = await connect(stack)
        day = await client.start_workflow(
            names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=DAY), id=f"daily-{DATE}",
            task_queue=TASK_QUEUE,
        )  # fmt: skip
        report = await waiting(day)
        states = {phase["name"]: phase["state"] for phase in report["phases"]}
        done = ("scrape", "raw", "analytics", "grading")
        assert {name: states[name] for name in done} == dict.fromkeys(done, "completed")
        assert states["precompute"] == "waiting"
        assert {states[name] for name in PHASE_NAMES if name not in (*done, "precompute")} == {"pending"}
        (blocker,) = report["blockers"]
        assert (blocker["phase"], blocker["processor"]) == ("precompute", "ml_feature_store_v2")
        assert blocker["reason"].startswith("FeatureContractViolation: ")
        assert "career_games" in blocker["reason"]
        assert rows_of_the_day(stack) == [0, 0]
    finally:
        stack.stop()


async def waiting(day: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    """The day's report once it waits and nothing runs any more."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        report: dict[str, Any] = await day.query("status")
        assert report["status"] not in ("completed", "failed"), report
        running = any(phase["state"] == "running" for phase in report["phases"])
        if report["status"] == "waiting" and not running:
            return report
        assert asyncio.get_running_loop().time() < deadline, report
        await asyncio.sleep(0.1)
