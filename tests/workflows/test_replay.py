"""Every saved history replays on today's workflows, and every workflow runs without a cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from shared import phases
from tests.workflows.scenarios import HURRIED, SCENARIOS
from tests.workflows.world import World, running_worker
from worker.served import SANDBOX, WORKFLOWS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda p: p.stem)
async def test_a_saved_history_replays(path: Path) -> None:
    await replayed(path)


async def replayed(path: Path) -> None:
    """Raises what the replayer finds wrong."""
    text = path.read_text(encoding="utf-8")
    started = WorkflowHistory.from_json("", text).events[0].workflow_execution_started_event_attributes
    history = WorkflowHistory.from_json(started.workflow_id, text)
    replayer = Replayer(
        workflows=list(WORKFLOWS), workflow_runner=SANDBOX, data_converter=pydantic_data_converter
    )
    await replayer.replay_workflow(history)


async def test_a_phase_under_way_replays_after_a_processor_was_added_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, path in (("scrape", "undisturbed_day-1.v3"), ("predictions", "undisturbed_day-2.v3")):
        phase = phases.phase_named(name)
        added = replace(phase.processors[0], name="added_later", chunked=False, after=())
        grown = replace(phase, processors=(*phase.processors, added))
        monkeypatch.setitem(phases._PHASES, name, grown)
        await replayed(HISTORIES[0].parent / f"{path}.json")


def test_every_workflow_type_has_a_saved_history() -> None:
    texts = [path.read_text(encoding="utf-8") for path in HISTORIES]
    missing = [w.__name__ for w in WORKFLOWS if not any(f'"{w.__name__}"' in text for text in texts)]
    assert missing == []


@pytest.mark.parametrize("name", SCENARIOS)
async def test_every_scenario_ends_without_any_workflow_cache(client: Client, name: str) -> None:
    hurried = name in HURRIED
    async with running_worker(client, World(), max_cached_workflows=0, hurried=hurried) as day:
        assert await SCENARIOS[name](day)
