"""Calls of the command line outlive a server that is killed and started again, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from starter.recorded import record
from starter.temporal import Connection, patiently
from tests.workflows.world import assert_eventually


def failing(*errors: RPCError) -> tuple[list[RPCError], Callable[[], Awaitable[str]]]:
    """A call that fails with each of these in turn and then answers."""
    left = list(errors)

    async def call() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return left, call


async def test_a_call_is_made_again_while_the_server_is_away() -> None:
    away = [
        # Connections cut in the middle of an answer, as a server killed under a long poll leaves them.
        RPCError("transport error", RPCStatusCode.UNKNOWN, b""),
        RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b""),
    ]
    left, call = failing(*away)
    assert await patiently(call) == "answer"
    assert not left


async def test_patience_begins_when_the_server_is_missed_not_when_it_was_asked() -> None:
    left, call = failing(RPCError("transport error", RPCStatusCode.UNKNOWN, b""))

    async def long() -> str:
        await asyncio.sleep(0.3)
        return await call()

    assert await patiently(long, seconds=0.2) == "answer"
    assert not left


async def test_patience_ends() -> None:
    _, call = failing(*(RPCError("gone", RPCStatusCode.UNAVAILABLE, b"") for _ in range(50)))
    with pytest.raises(RPCError, match="gone"):
        await patiently(call, seconds=0.5)


@pytest.mark.parametrize("status", [RPCStatusCode.UNKNOWN, RPCStatusCode.INVALID_ARGUMENT])
async def test_what_the_server_itself_refuses_is_told_at_once(status: RPCStatusCode) -> None:
    left, call = failing(RPCError("refused", status, b""), RPCError("refused", status, b""))
    with pytest.raises(RPCError, match="refused"):
        await patiently(call)
    assert len(left) == 1


async def test_an_action_whose_acknowledgement_was_cut_off_is_kept_once(server: WorkflowEnvironment) -> None:
    starts = server.client.start_workflow

    class CutOff:
        """A client whose first start reaches the server, and whose answer does not come back."""

        cut = False

        async def start_workflow(self, *args: Any, **options: Any) -> Any:
            handle = await starts(*args, **options)
            if not self.cut:
                self.cut = True
                raise RPCError("transport error", RPCStatusCode.UNKNOWN, b"")
            return handle

    queue = f"actions-{uuid4().hex}"
    await record(Connection(CutOff(), "", queue, None), "schedule pause", "daily", "why")  # type: ignore[arg-type]

    async def kept_once() -> bool:
        return (await server.client.count_workflows(f"TaskQueue = '{queue}'")).count == 1

    await assert_eventually(kept_once)
