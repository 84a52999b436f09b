"""One stack of a round: its processes, its upstreams, its receivers and a client of its server."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil
from temporalio.client import Client
from temporalio.service import RPCError

from benchmarks.chaos.control import Control
from benchmarks.chaos.receivers import Receivers
from benchmarks.chaos.worlds import World
from shared.config import TASK_QUEUE
from starter.temporal import Connection
from starter.temporal import connect as connect_to
from tests.e2e.stack import RunningStack
from warehouse.connect import connect
from warehouse.protocol import Warehouse

MODULE = "benchmarks.chaos.tipoff"
CONNECTS_WITHIN = 60.0
"""Seconds."""


class Lived:
    """A home that is being lived in. Started once; whoever kills everything starts it again."""

    def __init__(self, home: Path, source: str, world: World, days: Sequence[date]) -> None:
        self.home, self.source, self.world, self.days = home, source, world, tuple(days)
        self.control = Control(home)
        self.receivers = Receivers()
        self.stack: RunningStack | None = None
        self.has_asked = {day: asyncio.Event() for day in days}
        """Whether a day has all that it asks its upstreams for."""
        self._starting = asyncio.Lock()
        self.disks_full = 0
        """How many faults that fill the disk are under way."""
        self._under_way: list[float] = []
        self._connection: Connection | None = None

    # ---- processes

    async def start(self) -> None:
        """All of it, ready, in the round's world."""
        environ = {"TIPOFF_ALERT_URLS": self.receivers.urls, "TIPOFF_CHAOS": "1"}
        self.stack = await asyncio.to_thread(RunningStack, self.home, self.source, module=MODULE, **environ)
        self._connection = None
        for edit in self.world.edits(self.days, self.replay_url):
            await self.upstream(edit)

    async def stop(self) -> None:
        """In order."""
        if self.stack:
            await asyncio.to_thread(self.stack.stop)

    def warehouse(self) -> Warehouse:
        """What the round has left, once it is stopped."""
        return connect("duckdb", home=self.home)

    def close(self) -> None:
        """What outlasts its processes."""
        self.receivers.close()

    def pid(self, child: str) -> int:
        """Of a child that runs; 0: it does not, just now."""
        pid = self.stack.pid(child) if self.stack else 0
        return pid if pid and psutil.pid_exists(pid) else 0

    def signal(self, child: str, number: signal.Signals) -> bool:
        """Sends a signal to a child; whether it was there to get it."""
        pid = self.pid(child)
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, number)
                return True
        return False

    async def kill_everything(self) -> None:
        """SIGKILL of the supervisor and of all its children, and a new start as a person would."""
        async with self._starting:
            assert self.stack
            pids = [child["pid"] for child in self.stack.info.get("children", [])]
            for pid in (self.stack.process.pid, *pids):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(self.stack.process.wait)
            await self.start()

    def lasts(self, seconds: float) -> None:
        """A fault is under way for so long from now on."""
        self._under_way.append(time.time() + seconds)

    def ends(self, seconds: float) -> None:
        """The one that was to last longest ends in so long after all."""
        self._under_way.remove(max(self._under_way))
        self.lasts(seconds)

    @property
    def active_until(self) -> float:
        """Unix time at which the last fault so far is over."""
        return max(self._under_way, default=0.0)

    # ---- what it talks to

    @property
    def replay_url(self) -> str:
        """Of its upstreams."""
        assert self.stack
        return str(self.stack.info.get("replay_url", ""))

    async def upstream(self, fault: dict[str, Any]) -> str:
        """Sets a fault at the upstreams; its id."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            answer = await http.post(f"{self.replay_url}/faults", json=fault)
            if answer.status_code != httpx.codes.CREATED:
                msg = f"{fault}: {answer.text}"
                raise ValueError(msg)
            return str(answer.json()["id"])

    async def met(self, fault_id: str) -> int:
        """How many requests met a fault; 0 where the upstreams were started again since."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            known = (await http.get(f"{self.replay_url}/faults")).json()["faults"]
            return next((int(one["hits"]) for one in known if one["id"] == fault_id), 0)

    async def mend_upstream(self, fault_id: str) -> None:
        """Removes a fault; nothing where the upstreams were started again since."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            await http.delete(f"{self.replay_url}/faults/{fault_id}")

    async def connection(self) -> Connection:
        """To its server, as the command line has it; looked for again after everything was killed."""
        until = time.monotonic() + CONNECTS_WITHIN
        while self._connection is None:
            try:
                self._connection = await connect_to(home=self.home)
            except Exception:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.3)
        return self._connection

    async def client(self) -> Client:
        """The client of that."""
        return (await self.connection()).client

    @property
    def task_queue(self) -> str:
        """The one of the stack."""
        return TASK_QUEUE


PASSING = (RPCError, httpx.HTTPError, OSError)
"""What a call may meet while something is down."""
