"""A worker's warehouse, and the workflows over its models by what they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client

from activities.predictions.champions import champion_row
from activities.surroundings import Surroundings
from shared import messages, models, names
from shared.config import load_settings
from shared.jobs import TrainInput, TrainResult
from tests.training.league import write_games, write_prediction
from warehouse.connect import connect
from warehouse.writer import Writer
from worker.wiring import new_worker

DAYS = 40
"""So many days of games are in its warehouse."""


@dataclass
class Registry:
    """A worker's warehouse, and its workflows by what they do."""

    client: Client
    around: Surroundings

    async def ask(self, workflow: str, request: messages.Message, result: type[Any]) -> Any:
        return await self.client.execute_workflow(
            workflow, request, id=f"test-{uuid4().hex}", result_type=result,
            task_queue=self.around.settings.task_queue,
        )  # fmt: skip

    async def train(self, through: date, **fields: Any) -> TrainResult:
        request = TrainInput(trained_through=through, only_if_missing=False, **fields)
        return await self.ask(names.TRAIN_MODEL, request, TrainResult)

    async def promote(self, model_id: str, day: date | None = None, **fields: Any) -> models.ModelDecision:
        said = {"approved_by": "ada@desk", "reason": "better on rotation players", **fields}
        request = models.PromoteInput(model_id=model_id, effective_from=day, **said)
        return await self.ask(names.PROMOTE_MODEL, request, models.ModelDecision)

    async def rollback(self, day: date | None = None) -> models.ModelDecision:
        request = models.RollbackInput(approved_by="ada@desk", reason="worse live", effective_from=day)
        return await self.ask(names.ROLLBACK_MODEL, request, models.ModelDecision)

    async def shadow(self, model_id: str, on: bool = True, **fields: Any) -> models.ModelDecision:
        request = models.ShadowInput(model_id=model_id, on=on, requested_by="ada", reason="look", **fields)
        return await self.ask(names.SHADOW_MODEL, request, models.ModelDecision)

    async def compare(self, a: str, b: str) -> models.ModelComparison:
        request = models.CompareInput(model_a=a, model_b=b)
        return await self.ask(names.COMPARE_MODELS, request, models.ModelComparison)

    def statuses(self) -> dict[str, str]:
        rows = self.around.warehouse.read("nba_predictions.ml_models")
        return dict(zip(rows["model_id"], rows["status"], strict=True))

    def decisions(self) -> list[tuple[str, str, date]]:
        rows = self.around.warehouse.read("nba_predictions.model_decisions").sort_values("decided_at")
        days = [day.date() for day in rows["effective_from"]]
        return list(zip(rows["action"], rows["model_id"], days, strict=True))

    def champion(self, day: date) -> str:
        warehouse = self.around.warehouse
        registered = warehouse.read("nba_predictions.ml_models")
        decisions = warehouse.read("nba_predictions.model_decisions")
        return str(champion_row(registered, decisions, "xgboost_v1", day)["model_id"])

    def predicted(self, day: date) -> None:
        write_prediction(self.around.warehouse, self.around.writer, day)


@asynccontextmanager
async def running_registry(client: Client, home: Path) -> AsyncIterator[Registry]:
    """A worker on a queue of its own, over forty days of games."""
    settings = load_settings({}, home=home, source="simulated")
    settings = settings.model_copy(update={"task_queue": f"test-{uuid4().hex}"})
    warehouse = connect("duckdb", home=home)
    warehouse.ensure_tables()
    around = Surroundings(settings, warehouse, Writer(warehouse))
    write_games(warehouse, around.writer, DAYS)
    with ThreadPoolExecutor(settings.worker_threads) as threads:
        async with new_worker(client, around, threads):
            yield Registry(client, around)
    warehouse.close()
