"""A person at the console, over HTTP: loads a day's page and sends its form."""

from __future__ import annotations

import re
from datetime import date

import httpx
from temporalio.client import WorkflowHandle

from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput, DayReport
from shared.names import DAILY_PIPELINE
from tests.console.serving import Served


async def started(console: Served, day: date) -> WorkflowHandle[object, DayReport]:
    """A day that runs."""
    return await console.client.start_workflow(
        DAILY_PIPELINE, DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
        task_queue=console.around.settings.task_queue, result_type=DayReport,
    )  # fmt: skip


async def form_of(http: httpx.AsyncClient, day: date) -> dict[str, str]:
    """The fields of a day's form as its page has them, with who and why filled in."""
    page = (await http.get(f"/days/{day}")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page))
    return {**hidden, "who": "Ada", "reason": "tried by a test", "target": ""}
