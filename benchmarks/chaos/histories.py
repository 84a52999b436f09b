"""What the histories of a round's days say: progress, what was done twice, and whether they replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from shared.ids import daily_workflow_id
from shared.messages import ProcessorResult
from shared.names import RUN_PROCESSOR
from worker.served import served_workflows

PROGRESS = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
)


@dataclass
class Figures:
    """Of one round."""

    progress: list[float]
    """Unix times at which something was completed, in order."""
    completed: int = 0
    """Runs of processors, chunks included."""
    begun_again: int = 0
    """Attempts beyond the first."""
    done_twice: int = 0
    """Runs that found their rows written by an earlier attempt."""
    chunks: int = 0
    """Of the runs: chunks of predictions."""
    chunks_again: int = 0
    """Of the attempts beyond the first: chunks of predictions."""
    events: int = 0
    longest: int = 0
    """Events of the longest history."""

    def shown(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)

    def until_progress(self, at: float) -> float | None:
        """Seconds from an instant to the next progress; None: there was none, for nothing was left to do."""
        later = [one for one in self.progress if one > at]
        return later[0] - at if later else None


async def histories(client: Client, days: Sequence[date]) -> list[WorkflowHistory]:
    """Of every workflow of the days: each run of the day itself, and its children."""
    wanted = [daily_workflow_id(day) for day in days]
    found = []
    async for one in client.list_workflows():
        if one.id.split("/")[0] in wanted or one.id.startswith("chaos-launch"):
            found.append(await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history())
    return found


async def faults_of_replay(given: Iterable[WorkflowHistory], *, versioned: bool = False) -> list[str]:
    """Which histories don't replay on this code, and why.

    Outside the sandbox, whose imports take longer than all the rest: what it forbids the worker has shown.
    """
    replayer = Replayer(
        workflows=served_workflows(versioned=versioned), workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=pydantic_data_converter,
    )  # fmt: skip
    wrong = []
    for history in given:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure:
            wrong.append(f"{history.workflow_id}: {result.replay_failure}"[:300])
    return wrong


async def figures_of(given: Iterable[WorkflowHistory]) -> Figures:
    """What they add up to."""
    figures = Figures([])
    for history in given:
        scheduled: dict[int, str] = {}
        attempts: dict[int, int] = {}
        figures.events += len(history.events)
        figures.longest = max(figures.longest, len(history.events))
        for event in history.events:
            if event.event_type in PROGRESS:
                figures.progress.append(event.event_time.ToDatetime(UTC).timestamp())
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                about = event.activity_task_scheduled_event_attributes
                scheduled[event.event_id] = about.activity_type.name
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                began = event.activity_task_started_event_attributes
                attempts[began.scheduled_event_id] = began.attempt
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                ended = event.activity_task_completed_event_attributes
                if scheduled.get(ended.scheduled_event_id) == RUN_PROCESSOR:
                    (result,) = await pydantic_data_converter.decode(
                        list(ended.result.payloads), [ProcessorResult]
                    )
                    again = attempts.get(ended.scheduled_event_id, 1) - 1
                    figures.completed += 1
                    figures.begun_again += again
                    figures.done_twice += bool(result.replayed)
                    figures.chunks += bool(result.staged)
                    figures.chunks_again += again if result.staged else 0
    figures.progress.sort()
    return figures


def at_time(seconds: float) -> str:
    """A Unix time, to be read."""
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S.%f}"[:-4]
