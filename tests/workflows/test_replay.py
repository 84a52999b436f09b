"""Every saved history replays on today's workflows, and every workflow runs without a cache."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.workflows.scenarios import SCENARIOS
from tests.workflows.world import World, running_worker
from worker.served import SANDBOX, WORKFLOWS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda p: p.stem)
async def test_a_saved_history_replays(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    started = WorkflowHistory.from_json("", text).events[0].workflow_execution_started_event_attributes
    history = WorkflowHistory.from_json(started.workflow_id, text)
    replayer = Replayer(
        workflows=list(WORKFLOWS), workflow_runner=SANDBOX, data_converter=pydantic_data_converter
    )
    await replayer.replay_workflow(history)


def test_every_workflow_type_has_a_saved_history() -> None:
    texts = [path.read_text(encoding="utf-8") for path in HISTORIES]
    missing = [w.__name__ for w in WORKFLOWS if not any(f'"{w.__name__}"' in text for text in texts)]
    assert missing == []


@pytest.mark.parametrize("name", SCENARIOS)
async def test_every_scenario_ends_without_any_workflow_cache(client: Client, name: str) -> None:
    async with running_worker(client, World(), max_cached_workflows=0) as day:
        assert await SCENARIOS[name](day)
