"""Sends an operator's message to a day: an update where the day runs and answers, else a signal.

The command line and the console's buttons both do it here, so a click is what a command is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from shared.errors import TipoffError, deepest
from shared.ids import daily_workflow_id
from shared.messages import Answer, DailyPipelineInput, OperatorRequest, Retrigger
from shared.names import DAILY_PIPELINE
from shared.phases import dependants

T = TypeVar("T")

ANSWER = timedelta(seconds=10)


class NotForThisDay(TipoffError):
    """The day has not been started, or has ended and can't be told this any more."""


class Calls(Protocol):
    """How often a call is made while the server is away."""

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """The call's answer."""


async def once(call: Callable[[], Awaitable[T]]) -> T:
    """One attempt."""
    return await call()


@dataclass(frozen=True)
class Sent:
    """What became of a message."""

    accepted: bool
    message: str
    how: str
    """`update`, `signal` or `signal-with-start`."""


@dataclass(frozen=True)
class DayMessages:
    """Where days are told something, and how patiently."""

    client: Client
    task_queue: str
    calls: Calls = once

    async def send(self, day: date, action: str, request: OperatorRequest) -> Sent:
        """Send it; a re-trigger of a day that has ended opens a new run of that day.

        Raises:
            NotForThisDay: the day has not been started or has ended.
        """
        handle: WorkflowHandle[object, object] = self.client.get_workflow_handle(daily_workflow_id(day))
        if await self._is_running(handle, day, action):
            try:
                return await self._update(handle, action, request)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                # It ended in between.
        if not isinstance(request, Retrigger):
            raise NotForThisDay(f"{day} has ended; {action} is for a running day (see `tipoff status {day}`)")
        return await self.reopen(day, request)

    async def reopen(self, day: date, request: Retrigger) -> Sent:
        """Open a new run of a day that has ended: that phase and its dependants only."""
        await self.calls(
            lambda: self.client.start_workflow(
                DAILY_PIPELINE,
                DailyPipelineInput(game_date=day, requested_by=request.requested_by),
                id=daily_workflow_id(day),
                task_queue=self.task_queue,
                start_signal="retrigger",
                start_signal_args=[request.model_dump(mode="json")],
            )
        )
        what = ", ".join(request.processors) or f"phase {request.phase}"
        follow = ", ".join(dependants(request.phase)) or "nothing"
        return Sent(
            True,
            f"{day} had ended; a new run does {what} again, then what depends on it: {follow}",
            "signal-with-start",
        )

    async def _is_running(self, handle: WorkflowHandle[object, object], day: date, action: str) -> bool:
        try:
            described = await self.calls(handle.describe)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if action == "retrigger":
                return False
            raise NotForThisDay(f"{day} has not been started; `tipoff start {day}` starts it") from None
        return described.status is WorkflowExecutionStatus.RUNNING

    async def _update(
        self, handle: WorkflowHandle[object, object], action: str, request: OperatorRequest
    ) -> Sent:
        payload = request.model_dump(mode="json")
        try:
            answer: Answer = await handle.execute_update(
                action, payload, id=request.request_id, result_type=Answer, rpc_timeout=ANSWER
            )
        except WorkflowUpdateFailedError as error:
            return Sent(False, deepest(error), "update")
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            # An update that nobody takes is lost; a signal waits. The request id lets it act only once.
            await self.calls(lambda: handle.signal(action, payload))
            return Sent(
                True,
                f"no worker answered within {ANSWER.seconds} s; left as a signal for when one is back",
                "signal",
            )
        return Sent(answer.accepted, answer.message, "update")
