"""A home with history and a model, made once; each test of a day begins with a copy of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from shared import jobs, names
from shared.config import TASK_QUEUE
from tests.e2e.stack import RunningStack

DAY = date(2025, 11, 28)
"""A full slate of the simulated season, five weeks in: enough history to train on, quick to load."""


async def connect(stack: RunningStack) -> Client:
    """A client of a stack's server."""
    return await Client.connect(stack.info["address"], data_converter=pydantic_data_converter)


async def prepare(stack: RunningStack) -> None:
    """Loads the history before the day and trains the model."""
    client = await connect(stack)
    as_of = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    await client.execute_workflow(
        names.LOAD_HISTORY,
        jobs.LoadHistoryInput(until=DAY - timedelta(days=1), seasons=0, as_of=as_of),
        id="history", task_queue=TASK_QUEUE,
    )  # fmt: skip
    await client.execute_workflow(
        names.TRAIN_MODEL,
        jobs.TrainInput(trained_through=DAY - timedelta(days=2), as_champion=True),
        id="train", task_queue=TASK_QUEUE,
    )  # fmt: skip


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with everything that the day needs, its stack stopped."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    stack = RunningStack(home)
    try:
        asyncio.run(prepare(stack))
    finally:
        stack.stop()
    return home


@pytest.fixture
def new_stack(prepared_home: Path, tmp_path: Path) -> Iterator[Callable[..., RunningStack]]:
    """Starts stacks on copies of the prepared home, and stops them."""
    started: list[RunningStack] = []

    def start(name: str, **environ: str) -> RunningStack:
        home = tmp_path / name
        shutil.copytree(prepared_home, home)
        (home / "stack.json").unlink(missing_ok=True)
        stack = RunningStack(home, **environ)
        started.append(stack)
        return stack

    yield start
    for stack in started:
        stack.stop()
