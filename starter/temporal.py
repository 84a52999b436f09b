"""The Temporal client of the command line: where the server is, and calls that outlast its restarts."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from shared.config import load_settings
from shared.errors import TemporalUnavailable, deepest
from starter.failure import CommandError, UnreachableError
from starter.home import StackInfo, read_stack
from worker.connection import configured_server, connect_client, converter_of, embedded_server

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

QUERY = timedelta(seconds=2)
PATIENCE_SECONDS = 60.0
_PASSING = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED)


@dataclass(frozen=True)
class Connection:
    """A client, and the stack it belongs to where that is known."""

    client: Client
    address: str
    task_queue: str
    stack: StackInfo | None


async def connect(address: str | None = None, home: Path | None = None) -> Connection:
    """Connect to --address, TEMPORAL_ADDRESS, the stack of the home, `temporal.toml`, 127.0.0.1:7233.

    Raises:
        UnreachableError: nothing answers there.
        ConfigurationError: `temporal.toml` or a TEMPORAL_* variable is wrong.
    """
    settings = load_settings(home=home)
    stack = read_stack(settings.home)
    if stack and (address or os.environ.get("TEMPORAL_ADDRESS") or stack.address) == stack.address:
        server = (
            embedded_server(stack.address) if stack.own_server else configured_server(address=stack.address)
        )
    else:
        server, stack = configured_server(address=address), None
    if not server.configured and (home or os.environ.get("TIPOFF_HOME")):
        # The default address may be another home's server: a day must not start there by mistake.
        raise UnreachableError(f"no stack runs in {settings.home}; `tipoff up` starts one")
    try:
        client = await connect_client(server, converter=converter_of(settings))
    except TemporalUnavailable as error:
        raise UnreachableError(f"{error}; `tipoff up` starts one, --address names another") from error
    return Connection(client, server.address, settings.task_queue, stack)


async def patiently(call: Callable[[], Awaitable[T]], seconds: float = PATIENCE_SECONDS) -> T:
    """The call's answer; asked again while the server is away, which a supervisor restarts.

    The patience begins when the server is first missed: a result may have been waited for in peace for hours.
    """
    until = 0.0
    while True:
        asked = time.monotonic()
        try:
            return await call()
        except RPCError as error:
            now = time.monotonic()
            if not until or now - asked > seconds:
                until = now + seconds
            if not passing(error) or now > until:
                raise
        await asyncio.sleep(0.3)


def passing(error: RPCError) -> bool:
    """Whether the server is merely away; a connection cut in the middle of an answer has no status for it."""
    return error.status in _PASSING or error.message == "transport error"


async def ask_query(handle: WorkflowHandle[Any, Any], query: str, answer: type[M]) -> M | None:
    """What a workflow answers to a query; None if nobody answers within two seconds."""
    try:
        found: M = await handle.query(query, result_type=answer, rpc_timeout=QUERY)
    except (RPCError, WorkflowQueryFailedError):
        return None
    return found


async def start_or_attach(
    connection: Connection, workflow: str, argument: BaseModel, workflow_id: str, result: type[M]
) -> tuple[WorkflowHandle[Any, M], bool]:
    """A handle on the workflow of this id and whether this call started it.

    Running: that one. Completed: that one, for its result. Failed before: started again.
    """
    known: WorkflowHandle[Any, M] = connection.client.get_workflow_handle(workflow_id, result_type=result)
    try:
        handle = await patiently(
            lambda: connection.client.start_workflow(
                workflow,
                argument,
                id=workflow_id,
                task_queue=connection.task_queue,
                result_type=result,
                # Not USE_EXISTING: that would not tell whether it was this call.
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
        )
    except WorkflowAlreadyStartedError:
        return known, False
    return handle, True


async def start_or_join(
    connection: Connection, workflow: str, argument: BaseModel, workflow_id: str, result: type[M]
) -> WorkflowHandle[Any, M]:
    """A handle on the running workflow of this id, or on a new run: one that has ended is asked anew."""
    handle: WorkflowHandle[Any, M] = await patiently(
        lambda: connection.client.start_workflow(
            workflow,
            argument,
            id=workflow_id,
            task_queue=connection.task_queue,
            result_type=result,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    )
    return handle


async def result_of(handle: WorkflowHandle[Any, M], what: str) -> M:
    """A workflow's result.

    Raises:
        CommandError: it failed; the message is what the innermost cause said.
    """
    try:
        return await patiently(handle.result)
    except WorkflowFailureError as error:
        raise CommandError(f"{what}: {deepest(error)}") from error
