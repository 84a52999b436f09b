"""What the histories of a run say: its events, the actions that Temporal Cloud would bill, its payloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

ACTIONS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "workflow started",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: "child initiated",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "search attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
    EventType.EVENT_TYPE_TIMER_STARTED: "timer",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "update",
}
"""The events that are one action each; https://docs.temporal.io/cloud/actions. Retries and markers are
counted apart; heartbeats, queries and the two actions of a schedule's start are in no history."""


@dataclass
class Told:
    """What the histories of a workflow and its children hold."""

    events: int = 0
    workflows: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    """Of all events, as they are stored."""
    biggest_payload: int = 0
    biggest_history: int = 0
    """Events of the longest single history."""


async def events_of(
    client: Client, workflow_id: str, run_id: str | None = None
) -> AsyncIterator[tuple[str, HistoryEvent]]:
    """All events of a run and of its children, each with its workflow's id."""
    waiting: list[tuple[str, str | None]] = [(workflow_id, run_id)]
    while waiting:
        one, run = waiting.pop()
        async for event in client.get_workflow_handle(one, run_id=run).fetch_history_events():
            started = event.child_workflow_execution_started_event_attributes.workflow_execution
            if started.workflow_id:
                waiting.append((started.workflow_id, started.run_id))
            yield one, event


async def told(client: Client, workflow_id: str, run_id: str | None = None) -> Told:
    """Counts them."""
    found = Told()
    lengths: Counter[str] = Counter()
    marked: set[tuple[str, int]] = set()
    async for one, event in events_of(client, workflow_id, run_id):
        found.events += 1
        lengths[one] += 1
        found.bytes += event.ByteSize()
        found.biggest_payload = max(found.biggest_payload, *payload_sizes(event), 0)
        if name := ACTIONS.get(event.event_type):
            found.actions[name] += 1
        retries = event.activity_task_started_event_attributes.attempt - 1
        if retries > 0:
            found.actions["retry"] += retries
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            # All markers of one workflow task are one action.
            task = event.marker_recorded_event_attributes.workflow_task_completed_event_id
            found.actions["marker"] += (one, task) not in marked
            marked.add((one, task))
    found.workflows, found.biggest_history = len(lengths), max(lengths.values(), default=0)
    return found


def payload_sizes(message: Message) -> list[int]:
    """Bytes of each payload in a message, at any depth."""
    if isinstance(message, Payload):
        return [len(message.data)]
    sizes = []
    for described, value in message.ListFields():
        if described.message_type is None:
            continue
        if described.message_type.GetOptions().map_entry:
            parts = [part for part in value.values() if isinstance(part, Message)]
        elif hasattr(value, "ListFields"):
            parts = [value]
        else:
            parts = list(value)
        sizes += [size for part in parts for size in payload_sizes(part)]
    return sizes
