"""The production topology under kills, without containers: `python -m benchmarks.topology --days 10`.

The production Temporal server on PostgreSQL, several worker processes, one BigQuery-API endpoint (an
emulator) and the replay server. The same backfill runs twice, each time from nothing: undisturbed, and with a
random worker killed (SIGKILL) every few seconds, the Temporal server killed once and PostgreSQL crashed once
(SIGQUIT: no checkpoint, recovery at its next start). Then every table must have the same content, and no key
two rows. Exit code 1: it has not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.production_server import NAMESPACE, Missing, PostgreSQL, TemporalServer, connected
from shared.backfill import BackfillProgress
from shared.config import Source
from starter.backfill import backfill_workflow_id
from starter.places import PROJECT, choose_source, find_data
from starter.ports import HOST, Ports
from starter.supervisor import Child, Supervisor
from starter.temporal import ask_query
from tests.emulator import emulator
from warehouse.connect import connect
from warehouse.hashing import hash_table

PROJECT_ID = "tipoff-topology"
READY_WITHIN = 180.0
"""Seconds."""
console = Console(stderr=True, highlight=False)


@dataclass
class Outcome:
    """What one run came to."""

    seconds: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)
    workers_killed: int = 0
    server_restarts: int = 0
    database_restarts: int = 0
    hashes: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    doubled: dict[str, int] = field(default_factory=dict)
    """Rows of a table beyond the first of their key."""


@dataclass(frozen=True)
class Options:
    """What to run."""

    first: date
    last: date
    source: Source
    data: Path | None
    seasons: int
    workers: int
    parallel: int
    kill_every: float
    seed: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Topology:
    """All processes of one run, in one folder."""

    def __init__(self, options: Options, folder: Path, warehouse: str) -> None:
        self.options = options
        self.folder = folder
        self.warehouse = warehouse
        self.ports = Ports()
        self.supervisor = Supervisor(lambda: None, lambda text: console.print(f"  {text}", soft_wrap=True))
        self.postgres = PostgreSQL(self.ports, folder)
        self.server = TemporalServer(self.postgres, self.ports, folder / "temporal")
        self.replay_port = self.ports.take(None)
        self.workers: list[Child] = []
        self.health: list[str] = []

    async def start(self) -> None:
        """Brings everything up, what others need first."""
        self.supervisor.start(self.postgres.child)
        await self.postgres.answers()
        await asyncio.to_thread(self.server.create_schemas)
        self.supervisor.start(self.server.child)
        await self.server.register()
        await self.initialised()
        words = ["--port", str(self.replay_port), "--source", self.options.source]
        words += ["--data", str(self.options.data)] if self.options.data else []
        self.supervisor.start(self._python("replay", "replay", {}, words))
        for number in range(1, self.options.workers + 1):
            port = self.ports.take(None)
            self.health.append(f"http://{HOST}:{port}/ready")
            self.workers.append(
                self.supervisor.start(
                    self._python(f"worker-{number}", "worker", {"TIPOFF_HEALTH_PORT": str(port)}, [])
                )
            )
        await self.ready()
        self.supervisor.watch()

    async def initialised(self) -> None:
        """`tipoff init`, as before a first deployment; again while the server learns its namespace."""
        until = time.monotonic() + READY_WITHIN
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "starter", "init", "--json", env=self.environ(), cwd=self.folder,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            said, _ = await process.communicate()
            if process.returncode == 0:
                return
            if time.monotonic() > until:
                raise Missing(f"tipoff init: {said.decode()[-500:]}")
            await asyncio.sleep(1)

    def _python(self, name: str, module: str, extra: dict[str, str], words: list[str]) -> Child:
        environ = {**self.environ(), **extra}
        command = [sys.executable, "-m", module, *words]
        return Child(name, command, environ, self.folder, self.folder / f"{name}.log", grace=45.0)

    def environ(self) -> dict[str, str]:
        """The settings that all processes share; the home, too: responses and models are in it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIPOFF_", "TEMPORAL_"))}
        return {
            **kept,
            "PYTHONPATH": str(PROJECT),
            "TIPOFF_HOME": str(self.folder / "shared"),
            "TIPOFF_WAREHOUSE": self.warehouse,
            "TIPOFF_SOURCE": self.options.source,
            "TIPOFF_HISTORY_SEASONS": str(self.options.seasons),
            "TIPOFF_REPLAY_URL": f"http://{HOST}:{self.replay_port}",
            "TEMPORAL_ADDRESS": self.server.address,
            "TEMPORAL_NAMESPACE": NAMESPACE,
        }

    async def ready(self) -> None:
        """Waits until every worker says that it is ready."""
        until = time.monotonic() + READY_WITHIN
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            for url, worker in zip(self.health, self.workers, strict=True):
                while True:
                    try:
                        answer = await http.get(url)
                        if answer.is_success:
                            break
                    except httpx.HTTPError:
                        pass
                    if worker.exited() is not None or time.monotonic() > until:
                        raise Missing(f"{worker.name} is not ready: {worker.said()}")
                    await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Workers first, PostgreSQL last."""
        order = {"PostgreSQL": 0, "Temporal server": 1, "replay": 2}
        await self.supervisor.stop(key=lambda child: order.get(child.name, 3))
        self.ports.release()
        self.postgres.remove()


@asynccontextmanager
async def running(options: Options, folder: Path) -> AsyncIterator[Topology]:
    """The topology, up and ready."""
    folder.mkdir(parents=True)
    with emulator() as endpoint:
        topology = Topology(options, folder, f"bigquery://{PROJECT_ID}/US?endpoint={endpoint}")
        try:
            await topology.start()
            yield topology
        finally:
            await topology.stop()


async def backfilled(
    options: Options, folder: Path, disturb: Callable[[Topology, Outcome], Awaitable[None]] | None
) -> Outcome:
    """Runs the backfill once, with somebody disturbing it or not."""
    outcome = Outcome()
    async with running(options, folder) as topology:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "starter", "backfill", str(options.first), str(options.last),
            "--max-parallel", str(options.parallel), "--json", "--address", topology.server.address,
            env=topology.environ(), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=None,
        )  # fmt: skip
        disturbing = asyncio.ensure_future(disturb(topology, outcome)) if disturb else None
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
            if disturbing:
                disturbing.cancel()
        outcome.seconds = time.monotonic() - began
        outcome.summary = json.loads(said or b"{}")
        if disturbing and disturbing.done() and not disturbing.cancelled():
            disturbing.result()
        await asyncio.to_thread(examine, topology.warehouse, folder, outcome)
    return outcome


def examine(url: str, folder: Path, outcome: Outcome) -> None:
    """Hashes every table that equal runs leave equal, and looks in all for keys with two rows."""
    warehouse = connect(url, home=folder)
    for name, schema in sorted(warehouse.schemas.items()):
        rows = warehouse.read(name, columns=schema.key)
        outcome.rows += len(rows)
        doubled = int(rows.duplicated(list(schema.key)).sum()) if len(rows) else 0
        if doubled:
            outcome.doubled[name] = doubled
        if not schema.volatile:
            outcome.hashes[name] = hash_table(warehouse, name)
    warehouse.close()


async def disturbance(topology: Topology, outcome: Outcome) -> None:
    """Kills a worker every few seconds; the server after a third of the dates, PostgreSQL after two."""
    options, draw = topology.options, random.Random(topology.options.seed)
    restarts = asyncio.ensure_future(_restarts(topology, outcome))
    try:
        while True:
            await asyncio.sleep(options.kill_every)
            alive = [worker for worker in topology.workers if worker.exited() is None]
            if alive:
                struck = draw.choice(alive)
                os.kill(struck.pid, signal.SIGKILL)
                # Started again at once, as by an orchestrator to which this is its first failure.
                struck.failures = 0
                outcome.workers_killed += 1
            if restarts.done():
                restarts.result()
    finally:
        restarts.cancel()


async def _restarts(topology: Topology, outcome: Outcome) -> None:
    client = await Client.connect(
        topology.server.address, namespace=NAMESPACE, data_converter=pydantic_data_converter
    )
    days = topology.options.days
    await _done(client, topology.options, days // 3)
    os.kill(topology.server.child.pid, signal.SIGKILL)
    outcome.server_restarts += 1
    await asyncio.sleep(1)
    await connected(topology.server.address, topology.server.child)
    await _done(client, topology.options, max(days * 2 // 3, 1))
    os.kill(topology.postgres.child.pid, signal.SIGQUIT)
    outcome.database_restarts += 1


async def _done(client: Client, options: Options, number: int) -> None:
    handle = client.get_workflow_handle(backfill_workflow_id(options.first, options.last))
    while True:
        told = await ask_query(handle, "progress", BackfillProgress)
        if told and told.state == "running" and told.done >= number:
            return
        await asyncio.sleep(0.5)


def show(options: Options, plain: Outcome, disturbed: Outcome) -> bool:
    """Prints the table; whether all is as it should be."""
    wrong = sorted(t for t in plain.hashes if disturbed.hashes.get(t) != plain.hashes[t])
    days = f"{options.first} to {options.last} ({options.source})"
    table = Table(title=f"{days}, {options.workers} workers, {options.parallel} days at once")
    for column in ("", "undisturbed", "disturbed"):
        table.add_column(column, justify="left" if not column else "right")

    def row(name: str, value: Callable[[Outcome], object]) -> None:
        table.add_row(name, str(value(plain)), str(value(disturbed)))

    row("dates completed", lambda o: f"{o.summary.get('completed', 0)} of {options.days}")
    row("seconds", lambda o: f"{o.seconds:.0f}")
    row("workers killed (SIGKILL)", lambda o: o.workers_killed)
    row("Temporal server killed (SIGKILL)", lambda o: o.server_restarts)
    row("PostgreSQL crashed (SIGQUIT)", lambda o: o.database_restarts)
    row("tables compared", lambda o: len(o.hashes))
    row("rows in all tables", lambda o: f"{o.rows:,}")
    row("rows twice", lambda o: o.doubled or 0)
    table.add_row("hashes equal", "", "yes" if not wrong else f"NO: {', '.join(wrong)}")
    shown = Console(width=100)
    shown.print(table)
    shown.print(f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB")
    whole = all(o.summary.get("completed") == options.days for o in (plain, disturbed))
    struck = bool(disturbed.workers_killed and disturbed.server_restarts and disturbed.database_restarts)
    return not wrong and whole and struck and not plain.doubled and not disturbed.doubled


def parsed() -> tuple[Options, bool]:
    """The options of the command line, and whether to keep the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2025, 11, 6))
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--parallel", type=int, default=2, help="days under way at once")
    parser.add_argument("--kill-every", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--seasons", type=int, default=0, help="full seasons of history before this one")
    parser.add_argument("--source", default=None, help="default: recorded where its data is, else simulated")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=1, help="which worker is killed next")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    given = parser.parse_args()
    data = find_data(given.data)
    source = choose_source(given.source, data)
    options = Options(
        first=given.first, last=given.first + timedelta(days=given.days - 1), source=source,
        data=data if source == "recorded" else None, seasons=given.seasons, workers=given.workers,
        parallel=given.parallel, kill_every=given.kill_every, seed=given.seed,
    )  # fmt: skip
    return options, given.keep


def main() -> None:
    """Both runs, and the table."""
    options, keep = parsed()
    # Told to end, it still stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    root = Path(tempfile.mkdtemp(prefix="tipoff-topology-"))
    console.print(f"logs in {root}", soft_wrap=True)
    outcomes = []
    for name, disturb in (("undisturbed", None), ("disturbed", disturbance)):
        console.print(f"{name} ...")
        outcomes.append(asyncio.run(backfilled(options, root / name, disturb)))
        console.print(f"{name}: {outcomes[-1].seconds:.0f} s")
    good = show(options, *outcomes)
    if good and not keep:
        shutil.rmtree(root)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
