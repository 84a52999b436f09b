"""A worker of the real workflows with activities that only pretend, for tests of the command line.

It remembers, in a folder, what was asked of it: one line per activity, so that a test can count.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import threading
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from shared import jobs, names
from shared import messages as m
from shared.config import TASK_QUEUE
from tests.starter.hanging_worker import HangsOnce, hang_once
from workflows.daily_pipeline import DailyPipelineWorkflow
from workflows.history import LoadHistoryWorkflow
from workflows.phase import PhaseWorkflow
from workflows.predictions import PredictionsWorkflow
from workflows.queries import DaySummaryWorkflow, QueryWorkflow
from workflows.training import TrainModelWorkflow

HOME = Path(os.environ["TIPOFF_HOME"])
PLAYERS = 130
SLOW = float(os.environ.get("FAKE_SLOW", "0"))


def note(*words: object) -> None:
    """Remember an activity."""
    with (HOME / "asked.txt").open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")


def asked() -> list[str]:
    """All activities so far, of all processes."""
    path = HOME / "asked.txt"
    return path.read_text().splitlines() if path.exists() else []


@activity.defn(name=names.PLAN_DAY)
async def plan_day(request: m.PlanRequest) -> m.DayPlan:
    day = request.game_date
    as_of = datetime.combine(day, time(17), UTC)
    done = {line.split()[2] for line in asked() if line.startswith(f"phase-done {day} ")}
    return m.DayPlan(
        game_date=day, source="simulated", as_of=as_of, first_tip=as_of + timedelta(hours=7),
        deadline=as_of + timedelta(hours=6), games=7, completed_phases=tuple(sorted(done)),
    )  # fmt: skip


@activity.defn(name=names.RUN_PROCESSOR)
async def run_processor(request: m.ProcessorRequest) -> m.ProcessorResult:
    note("run", request.game_date, request.processor, request.retrigger)
    if request.processor == os.environ.get("FAKE_BROKEN"):
        raise ApplicationError("the file is torn", type="SchemaViolation", non_retryable=True)
    await asyncio.sleep(SLOW)
    while (HOME / f"hold-{request.game_date}").exists():
        activity.heartbeat()
        await asyncio.sleep(0.05)
    return m.ProcessorResult(
        processor=request.processor, table="t", rows=10, content_hash="h", write_key="k", staged="s"
    )


@activity.defn(name=names.COUNT_CHUNKS)
async def count_chunks(request: m.ProcessorRequest) -> m.ChunkCount:
    return m.ChunkCount(chunks=2, players=PLAYERS)


@activity.defn(name=names.RECORD_TRANSITIONS)
async def record_transitions(request: m.Transitions) -> None:
    for it in request.transitions:
        if not it.processor and it.state == "completed":
            note("phase-done", it.game_date, it.phase)


@activity.defn(name=names.CLAIM_REQUEST)
async def claim_request(request: m.Claim) -> m.ClaimResult:
    line = f"claim {request.request_id} {request.run_id}"
    held = [it for it in asked() if it.startswith(f"claim {request.request_id} ")]
    if held and line not in held:
        return m.ClaimResult(granted=False, held_by=held[0])
    note(line)
    return m.ClaimResult(granted=True)


@activity.defn(name=names.PLAN_HISTORY)
async def plan_history(request: jobs.LoadHistoryInput) -> jobs.HistoryPlan:
    last = request.until - timedelta(days=1)
    chunk = jobs.HistoryChunk(season="2025-26", first=date(2025, 10, 21), last=last)
    return jobs.HistoryPlan(chunks=(chunk,) * 3)


@activity.defn(name=names.LOAD_HISTORY_CHUNK)
async def load_history_chunk(request: jobs.HistoryChunkRequest) -> jobs.HistoryChunkResult:
    note("history", request.chunk.last)
    await asyncio.sleep(SLOW)
    return jobs.HistoryChunkResult(games=100, players=2_000)


@activity.defn(name=names.TRAIN_MODEL_ACTIVITY)
async def train_model(request: jobs.TrainInput) -> jobs.TrainResult:
    note("train", request.trained_through)
    await asyncio.sleep(SLOW)
    return jobs.TrainResult(
        model_id=f"{request.system}-1", system=request.system, trained_through=request.trained_through,
        rows=1_000, checksum="c",
    )  # fmt: skip


@activity.defn(name=names.SEND_ALERT)
async def send_alert(request: m.Alert) -> None:
    note("alert", request.cause)


def prediction(number: int, system: str) -> dict[str, Any]:
    """One row of predictions: the first hundred players have a line."""
    lined = number < 100
    return {
        "player_id": number, "player_name": f"Player Number{number:03d}", "team_abbr": "LAC",
        "opponent_abbr": "PHX", "is_home": False, "system_id": system,
        "points_line": 30.5 - number / 10 if lined else None, "predicted_points": 20.25,
        "prob_over": 0.4 if lined else None, "confidence_score": 0.5,
        "recommendation": "PASS" if lined else "NO_LINE", "reason": "edge below the threshold",
        "prediction_id": f"{number:03d}-{system}",
    }  # fmt: skip


def result(row: dict[str, Any]) -> dict[str, Any]:
    """How it came out."""
    return {
        "prediction_id": row["prediction_id"], "player_name": row["player_name"],
        "system_id": row["system_id"], "predicted_points": 20.25, "actual_points": 22,
        "signed_error": -1.75, "absolute_error": 1.75, "outcome": "over",
        "prediction_correct": None, "is_void": False, "void_reason": None,
    }  # fmt: skip


def answer(sql: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
    """All rows of a query."""
    day = parameters.get("day", "")
    if "player_prop_predictions" in sql:
        ran = any(line.startswith(f"run {day} prediction_chunk") for line in asked())
        systems = ("moving_average", "xgboost_v1")
        rows = [prediction(n, s) for n in range(PLAYERS) for s in systems] if ran else []
        return [r for r in rows if r["system_id"] == parameters.get("system", r["system_id"])]
    if "prediction_results" in sql:
        after = date.fromisoformat(day) + timedelta(days=1)
        graded = any(line.startswith(f"run {after} prediction_results") for line in asked())
        rows = answer(sql.replace("prediction_results", "player_prop_predictions"), parameters)
        return [result(row) for row in rows] if graded else []
    return [{"one": 1, "name": "Jokić [bold]"}]


@activity.defn(name=names.RUN_QUERY)
async def run_query(request: jobs.QueryInput) -> jobs.QueryResult:
    if "FROM nowhere" in request.sql:
        raise ApplicationError("there is no table nowhere", type="BadRequest", non_retryable=True)
    rows = answer(request.sql, request.parameters)
    window = re.search(r"LIMIT (\d+) OFFSET (\d+)$", request.sql)
    if window:
        limit, offset = map(int, window.groups())
        rows = rows[offset : offset + limit]
    # Pages come short, as with long reasons.
    shown = rows[:70]
    return jobs.QueryResult(
        columns=tuple(rows[0]) if rows else (),
        rows=tuple(tuple(row.values()) for row in shown),
        total_rows=len(rows),
        truncated=len(shown) < len(rows),
    )


@activity.defn(name=names.DAY_SUMMARY_ACTIVITY)
async def day_summary(request: jobs.DaySummaryInput) -> jobs.DaySummary:
    note("summary", request.game_date, "hashes" if request.hashes else "")
    each = {"moving_average": PLAYERS, "xgboost_v1": PLAYERS}
    return jobs.DaySummary(
        game_date=request.game_date, source="simulated", games=7,
        box_scores=jobs.BoxScoreCounts(games=1, players=26, points=217), players_with_line=102,
        predicted=each, predicted_with_line=dict.fromkeys(each, 100),
        withheld=(jobs.WithheldPlayer(player="Nobody Known", reason="unresolved name"),),
        table_hashes={"nba_raw.schedule": "abc"} if request.hashes else {},
    )  # fmt: skip


class Ready(BaseHTTPRequestHandler):
    """Always ready."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"pid": os.getpid()}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


async def main() -> None:
    """Work until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], data_converter=pydantic_data_converter)
    passed = SandboxRestrictions.default.with_passthrough_modules("shared", "pydantic", "pydantic_core")
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            DailyPipelineWorkflow, PhaseWorkflow, PredictionsWorkflow, LoadHistoryWorkflow,
            TrainModelWorkflow, QueryWorkflow, DaySummaryWorkflow, HangsOnce,
        ],
        activities=[
            plan_day, run_processor, count_chunks, record_transitions, claim_request, plan_history,
            load_history_chunk, train_model, send_alert, run_query, day_summary, hang_once,
        ],
        workflow_runner=SandboxedWorkflowRunner(restrictions=passed),
    )  # fmt: skip
    port = int(os.environ["TIPOFF_HEALTH_PORT"])
    server = ThreadingHTTPServer(("127.0.0.1", port), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    async with worker:
        await stop.wait()
    # Told to stop, workers are known to abort on their way out: the exit code must not matter.
    os._exit(134)


if __name__ == "__main__":
    asyncio.run(main())
