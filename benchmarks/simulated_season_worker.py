"""A worker of a simulated season: the real one, whose clock is the server's, and which breaks on demand.

`python -m benchmarks.simulated_season_worker`, with `SEASON_ORDERS` naming the file of what is to be broken:
`{"refuse": {"id": "…", "calls": 5}, "fail": "ml_feature_store_v2"}`. It is read whenever it changes.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client

import shared.clock
from benchmarks.simulated_season_server import server_time

ORDERS = "SEASON_ORDERS"
DOOMED = "SEASON_DOOMED"
"""Set for a worker that may be killed: it caches no workflow. The test server gives what is for a cache to
nobody else, and a task left in the queue of a dead worker's cache would be lost; a real server waits 10 s."""
LOOK_SECONDS = 0.05
"""How often the server is asked for its time."""


class ServerClock:
    """The server's time: asked for in the background, and in an activity never before the activity began."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._known = threading.Event()
        threading.Thread(target=asyncio.run, args=(self._follow(),), daemon=True).start()
        self._known.wait(30)

    def __call__(self) -> datetime:
        """The present."""
        now = datetime.now(UTC) + self._ahead
        return max(now, activity.info().started_time) if activity.in_activity() else now

    async def _follow(self) -> None:
        client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
        while True:
            told = await server_time(client)
            self._ahead = told - datetime.now(UTC)
            self._known.set()
            await asyncio.sleep(LOOK_SECONDS)


class Orders:
    """What is to be broken at the moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read = 0.0
        self._given: dict[str, Any] = {}
        self._refused: dict[str, int] = {}

    @property
    def given(self) -> dict[str, Any]:
        """As the file says."""
        with self._lock:
            if time.monotonic() - self._read > LOOK_SECONDS:
                self._given = json.loads(self._path.read_text()) if self._path.exists() else {}
                self._read = time.monotonic()
            return self._given

    def refuses(self) -> bool:
        """Whether the warehouse refuses this call; counts it."""
        wanted = self.given.get("refuse")
        if not wanted:
            return False
        with self._lock:
            done = self._refused.get(wanted["id"], 0)
            self._refused[wanted["id"]] = done + 1
            return bool(done < wanted["calls"])

    def fails(self, processor: str) -> bool:
        """Whether a processor is broken."""
        return bool(self.given.get("fail") == processor)


def break_warehouse(orders: Orders) -> None:
    """From now on reads and writes are refused when that is ordered."""
    from shared.errors import WarehouseUnavailable  # noqa: PLC0415
    from warehouse.duckdb_engine import DuckDBWarehouse  # noqa: PLC0415

    def refusing(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*given: Any, **named: Any) -> Any:
            if orders.refuses():
                raise WarehouseUnavailable("refused on demand")
            return method(*given, **named)

        return call

    # `read` asks `read_table`.
    for name in ("read_table", "apply", "stage", "read_staged"):
        setattr(DuckDBWarehouse, name, refusing(getattr(DuckDBWarehouse, name)))


def break_processors(orders: Orders) -> None:
    """From now on a processor raises when that is ordered, as one with a bug would."""
    from shared.phases import PHASES  # noqa: PLC0415

    def breaking(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def process(*given: Any) -> Any:
            if orders.fails(name):
                raise RuntimeError(f"{name} is broken until somebody mends it")
            return function(*given)

        return process

    for processor in (p for phase in PHASES for p in phase.processors):
        module_name, _, function = processor.path.partition(":")
        module = import_module(module_name)
        setattr(module, function, breaking(processor.name, getattr(module, function)))


def main() -> int:
    """The worker's own exit code."""
    # Before anything else is imported: every module takes the clock by name.
    shared.clock.utc_now = ServerClock()
    orders = Orders(Path(os.environ[ORDERS]))
    break_warehouse(orders)
    break_processors(orders)
    from worker import main as process  # noqa: PLC0415

    if os.environ.get(DOOMED):
        process.new_worker = functools.partial(process.new_worker, max_cached_workflows=0)
    return process.main()


if __name__ == "__main__":
    sys.exit(main())
