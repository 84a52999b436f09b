"""Saves a history of every scenario, or of those named: `python -m tests.workflows.save_histories v2 NAME`.

A changed workflow needs newly saved histories beside the old ones; CI replays them all.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from shared.names import SEARCH_ATTRIBUTES
from starter.server_binary import find_server_binary
from tests.workflows.scenarios import SCENARIOS
from tests.workflows.world import World, running_worker

FOLDER = Path(__file__).parent / "histories"
STACK_TRACE = re.compile(r'("stackTrace": )"(?:[^"\\]|\\.)*"')
"""Stack traces hold the paths of one machine and play no part in a replay."""


async def save(version: str, only: list[str]) -> None:
    """Runs every scenario on a server of its own and writes its histories."""
    FOLDER.mkdir(exist_ok=True)
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(find_server_binary().path),
        search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
    ) as server:
        for name, scenario in SCENARIOS.items():
            if only and name not in only:
                continue
            async with running_worker(server.client, World()) as day:
                for number, workflow_id in enumerate(await scenario(day)):
                    history = await server.client.get_workflow_handle(workflow_id).fetch_history()
                    path = FOLDER / f"{name}-{number}.{version}.json"
                    path.write_text(STACK_TRACE.sub(r'\1""', history.to_json()), encoding="utf-8")
                    sys.stderr.write(f"{path.name}: {workflow_id}, {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(save(sys.argv[1] if len(sys.argv) > 1 else "v1", sys.argv[2:]))
