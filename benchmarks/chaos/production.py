"""A round's stack as in production: workers of a deployment, each a build, over one BigQuery endpoint.

The endpoint is the emulator. The server is the development server: what is shown here are the workers.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.tipoff import WORKER
from benchmarks.chaos.worlds import World
from benchmarks.day import prepare
from shared.names import SEARCH_ATTRIBUTES
from starter.places import PROJECT, find_data
from starter.ports import HOST, Ports
from starter.server_binary import find_server_binary
from starter.supervisor import Child, Supervisor
from starter.temporal import Connection
from starter.temporal import connect as connect_to
from tests.emulator import EmulatorMissingError, emulator
from warehouse.connect import connect
from warehouse.protocol import Warehouse

PROJECT_ID = "tipoff-chaos"
DEPLOYMENT = "chaos"
SERVER = "Temporal server"
WORKERS = 2
EMULATOR_STARTS = 4


class ProductionLived(Lived):
    """Two workers of a first build; deployments add builds."""

    def __init__(self, home: Path, source: str, world: World, days: Sequence[date]) -> None:
        super().__init__(home, source, world, days)
        self._ports = Ports()
        self._supervisor = Supervisor(lambda: None, lambda _text: None)
        self._emulator = ExitStack()
        self._endpoint = ""
        self._port, self._replay_port = self._ports.take(None), self._ports.take(None)
        self.builds = 0
        self.workers: list[Child] = []

    async def start(self) -> None:
        """All of it, with the games before the first day and a model trained on them."""
        self.home.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, EMULATOR_STARTS + 1):
            try:
                self._endpoint = await asyncio.to_thread(self._emulator.enter_context, emulator())
                break
            except EmulatorMissingError:
                # On a busy machine it takes longer than is waited for at once.
                if attempt == EMULATOR_STARTS:
                    raise
        attributes = [
            part for name in SEARCH_ATTRIBUTES for part in ("--search-attribute", f"{name}=Keyword")
        ]
        server = [
            str(find_server_binary().path), "server", "start-dev", "--ip", HOST, "--port", str(self._port),
            "--headless", "--log-level", "error", "--db-filename", str(self.home / "temporal.db"),
            "--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000", *attributes,
        ]  # fmt: skip
        self._supervisor.start(self._child(SERVER, server, {}))
        replay = [sys.executable, "-m", "replay", "--port", str(self._replay_port), "--source", self.source]
        self._supervisor.start(self._child("replay server", replay, {}))
        self._supervisor.watch()
        await self._until_done("init")
        await self.new_build(WORKERS)
        await prepare(f"{HOST}:{self._port}", self.days[0], 0)
        for edit in self.world.edits(self.days, self.replay_url):
            await self.upstream(edit)

    async def stop(self) -> None:
        """Workers first, the server last; the warehouse can still be read."""
        order = {SERVER: 0, "replay server": 1}
        await self._supervisor.stop(key=lambda child: order.get(child.name, 2))
        self._ports.release()

    def warehouse(self) -> Warehouse:
        """What the round has left."""
        return connect(self._warehouse_url, home=self.home)

    def close(self) -> None:
        """The endpoint and the receivers."""
        self._emulator.close()
        super().close()

    # ---- builds

    async def new_build(self, workers: int = 1) -> None:
        """Starts workers of a new build and deploys it."""
        self.builds += 1
        for number in range(1, workers + 1):
            name = f"worker-{self.builds}-{number}"
            environ = {"TIPOFF_HEALTH_PORT": str(self._ports.take(None))}
            self.workers.append(self._supervisor.start(self._child(name, WORKER, environ)))
        await self._until_done("deploy", "--json")

    async def _until_done(self, *words: str) -> None:
        """A command of ours, tried again for as long as the server starts."""
        for _ in range(60):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "starter", *words, env=self.environ(), cwd=self.home,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            said, _ = await process.communicate()
            if process.returncode == 0:
                return
            await asyncio.sleep(1)
        msg = f"tipoff {' '.join(words)}: {said.decode()[-400:]}"
        raise TimeoutError(msg)

    # ---- what the faults strike

    def pid(self, child: str) -> int:
        """Of a child that runs; of several workers the first that does."""
        for one in self._supervisor.children:
            if one.name.startswith(child) and one.exited() is None:
                return one.pid
        return 0

    async def kill_by_turns(self, times: int, pause: float) -> bool:
        """SIGKILL of one worker after another; whether any was there."""
        struck = False
        for number in range(times):
            worker = self.workers[number % len(self.workers)]
            if worker.exited() is None:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
                    struck = True
            worker.failures = 0
            await asyncio.sleep(pause)
        return struck

    # ---- where it is

    @property
    def replay_url(self) -> str:
        """Of its upstreams."""
        return f"http://{HOST}:{self._replay_port}"

    @property
    def _warehouse_url(self) -> str:
        return f"bigquery://{PROJECT_ID}/US?endpoint={self._endpoint}"

    async def connection(self) -> Connection:
        """To its server."""
        while self._connection is None:
            with suppress(Exception):
                self._connection = await connect_to(f"{HOST}:{self._port}")
                break
            await asyncio.sleep(0.3)
        return self._connection

    def environ(self) -> dict[str, str]:
        """What all its processes share; the build is the newest."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIPOFF_", "TEMPORAL_"))}
        data = find_data(None)
        return {
            **kept,
            **({"TIPOFF_DATA": str(data)} if data else {}),
            "PYTHONPATH": str(PROJECT),
            "TIPOFF_HOME": str(self.home),
            "TIPOFF_WAREHOUSE": self._warehouse_url,
            "TIPOFF_SOURCE": self.source,
            "TIPOFF_HISTORY_SEASONS": "0",
            "TIPOFF_REPLAY_URL": self.replay_url,
            "TIPOFF_DEPLOYMENT": DEPLOYMENT,
            "TIPOFF_BUILD_ID": f"build-{self.builds}",
            "TIPOFF_ALERT_URLS": self.receivers.urls,
            "TEMPORAL_ADDRESS": f"{HOST}:{self._port}",
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }

    def _child(self, name: str, command: Sequence[str], extra: dict[str, str]) -> Child:
        log = self.home / "logs" / f"{name.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        return Child(name, command, {**self.environ(), **extra}, self.home, log, grace=45.0)
