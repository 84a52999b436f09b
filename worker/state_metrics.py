"""What who is on call asks of Temporal, as gauges: the days by status, and how the daily schedule stands.

Every worker publishes the same figures, so that they are there while any worker lives; dashboards and alerts
take their maximum.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError, RPCStatusCode

from shared.clock import utc_now
from shared.names import DAILY_PIPELINE, PIPELINE_STATUS
from shared.schedules import ScheduleName

log = structlog.get_logger("tipoff.worker")

EVERY = timedelta(seconds=15)
CALL = timedelta(seconds=5)
OPEN = ("running", "waiting", "paused")
CLOSED = ("completed", "failed")
RECENT = timedelta(hours=24)
"""How long ago a closed day still counts."""


class StateMetrics:
    """The gauges, and where their values come from."""

    def __init__(self, client: Client, meter: MetricMeter) -> None:
        self._client = client
        self._days = meter.create_gauge("tipoff_days", "days by status; closed ones of the last 24 hours")
        self._there = meter.create_gauge("tipoff_schedule_exists", "1 if there is a daily schedule")
        self._paused = meter.create_gauge("tipoff_schedule_paused", "1 if the daily schedule is paused")
        self._missed = meter.create_gauge(
            "tipoff_schedule_missed_starts", "starts not made up for within the catch-up window"
        )
        self._last = meter.create_gauge(
            "tipoff_schedule_last_start_timestamp_seconds", "when the schedule last started a day"
        )
        self._lag = meter.create_gauge_float(
            "tipoff_schedule_last_start_lag_seconds", "how late its last start was"
        )
        self._next = meter.create_gauge(
            "tipoff_schedule_next_start_timestamp_seconds", "when the schedule starts the next day"
        )
        self._read = meter.create_gauge(
            "tipoff_state_read_timestamp_seconds", "when these figures were last read from Temporal"
        )

    async def watch(self) -> None:
        """Reads again and again; a server that doesn't answer leaves the figures as they were."""
        answering = True
        while True:
            try:
                await self.read()
            except RPCError as error:
                if answering:
                    log.warning("state metrics are stale", error=error.message)
                answering = False
            else:
                answering = True
            await asyncio.sleep(EVERY.total_seconds())

    async def read(self) -> None:
        """Reads once.

        Raises:
            RPCError: the server doesn't answer.
        """
        now = utc_now()
        for status in OPEN:
            self._days.set(await self._count(status, "ExecutionStatus = 'Running'"), {"status": status})
        since = f"CloseTime > '{(now - RECENT).isoformat()}'"
        for status in CLOSED:
            self._days.set(await self._count(status, since), {"status": status})
        await self._schedule()
        self._read.set(_seconds(now))

    async def _count(self, status: str, when: str) -> int:
        query = f"WorkflowType = '{DAILY_PIPELINE}' AND {PIPELINE_STATUS} = '{status}' AND {when}"
        return (await self._client.count_workflows(query, rpc_timeout=CALL)).count

    async def _schedule(self) -> None:
        handle = self._client.get_schedule_handle(ScheduleName.DAILY.schedule_id)
        try:
            told = await handle.describe(rpc_timeout=CALL)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._there.set(0)
            return
        self._there.set(1)
        self._paused.set(int(told.schedule.state.paused))
        self._missed.set(told.info.num_actions_missed_catchup_window)
        if told.info.next_action_times:
            self._next.set(_seconds(told.info.next_action_times[0]))
        if told.info.recent_actions:
            last = told.info.recent_actions[-1]
            self._last.set(_seconds(last.started_at))
            self._lag.set((last.started_at - last.scheduled_at).total_seconds())


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
