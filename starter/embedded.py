"""The stack in one folder: Temporal's dev server, the replay server and one worker."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shared.access import from_here, token_header
from shared.config import Settings, Source
from shared.errors import BadRequest, TemporalUnavailable
from shared.names import SEARCH_ATTRIBUTES
from shared.redaction import is_secret_variable
from starter.failure import CommandError
from starter.home import HomeLock, StackInfo, end_leftovers, forget_stack, read_stack, write_stack
from starter.output import stderr_console
from starter.places import PROJECT
from starter.ports import HOST, Ports
from starter.server_binary import find_server_binary
from starter.supervisor import Child, Supervisor, failed_to_start

if TYPE_CHECKING:
    from temporalio.client import Client

TEMPORAL_PORT = 7233
UI_PORT = 8233
RETENTION = timedelta(days=30)
SERVER_SECONDS = 60.0
REPLAY_SECONDS = 60.0
WORKER_SECONDS = 120.0
WORKER_GRACE = 45.0
"""More than the worker's own grace: it finishes or hands back what it does."""
START_ATTEMPTS = 3
REPLAY_BAD_DATA = 2


@dataclass(frozen=True)
class StackOptions:
    """What to start. The commands can be replaced by a test; None leaves that child out."""

    settings: Settings
    source: Source
    data: Path | None = None
    address: str | None = None
    port: int | None = None
    server: Path | None = None
    """The Temporal CLI, where it was found already."""
    worker: Sequence[str] | None = (sys.executable, "-m", "worker")
    replay: Sequence[str] | None = (sys.executable, "-m", "replay")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class Stack:
    """Started once, stopped once; in between its children are kept alive."""

    def __init__(self, options: StackOptions) -> None:
        self.options = options
        self.home = options.settings.home
        self._lock = HomeLock(self.home)
        self._ports = Ports()
        self._supervisor = Supervisor(self._write, self._note, self._replaced)
        self._handing_back: set[asyncio.Task[None]] = set()
        self._console = stderr_console()
        self.info = StackInfo(
            home=self.home,
            pid=os.getpid(),
            source=options.source,
            data=options.data,
            address=options.address or "",
            own_server=options.address is None,
            ui_url=options.settings.temporal_ui,
        )

    async def start(self) -> StackInfo:
        """Bring everything up; what was started is stopped again if something fails.

        Raises:
            CommandError: the home is in use, or a part did not become ready; the message says which.
            BadRequest: the recorded data can't be read.
        """
        self._lock.acquire()
        try:
            end_leftovers(self.home)
            killed = read_stack(self.home)
            replay = self._start_replay()
            await self._start_server()
            if killed and killed.own_server and self.info.own_server:
                # Before there is another worker: it may be given the number of the one that is gone.
                for child in killed.children:
                    if child.name == "worker":
                        await self._hand_back(child.pid)
            worker = await self._start_worker(replay)
            if replay:
                await self._wait_for_replay(replay)
            if worker:
                await self._wait_for_worker(worker)
        except BaseException:
            await self.stop()
            raise
        self._update(ready=True)
        self._supervisor.watch()
        return self.info

    async def stop(self) -> None:
        """Worker, replay server, Temporal server, each gone before the next is told."""
        order = {"worker": 2, "replay server": 1, "Temporal server": 0}
        await self._supervisor.stop(key=lambda child: order[child.name])
        if self._lock.held:
            forget_stack(self.home)
        self._ports.release()
        self._lock.release()

    def kill(self) -> None:
        """End the children without waiting."""
        self._supervisor.kill()

    # ---- the Temporal server

    async def _start_server(self) -> None:
        if self.options.address:
            return
        binary = self.options.server or find_server_binary().path
        for attempt in range(START_ATTEMPTS):
            preferred = self.options.port or (TEMPORAL_PORT if attempt == 0 else None)
            port = self._ports.take(preferred)
            if self.options.port and port != self.options.port:
                raise CommandError(f"port {self.options.port} is taken; leave --port out or free it")
            ui_port = self._ports.take(UI_PORT if attempt == 0 else None)
            self._update(address=f"{HOST}:{port}", ui_url=f"http://{HOST}:{ui_port}")
            command = self._server_command(binary, port, ui_port)
            child = self._supervisor.start(self._child("Temporal server", command, {}, grace=10.0))
            if await self._server_answers(child):
                return
            self._supervisor.drop(child)
        raise failed_to_start(child)

    def _server_command(self, binary: Path, port: int, ui_port: int) -> list[str]:
        attributes = [
            part for name in SEARCH_ATTRIBUTES for part in ("--search-attribute", f"{name}=Keyword")
        ]
        return [
            str(binary), "server", "start-dev",
            "--db-filename", str(self.home / "temporal.db"),
            "--ip", HOST, "--port", str(port), "--ui-port", str(ui_port),
            *attributes,
            # Measured: 100 ms per activity in sequence without it, 18 ms with it.
            "--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000",
            # An activity that its own worker has a thread for comes with the answer to the workflow task that
            # scheduled it, and is not polled for: 5 % of the server's CPU.
            "--dynamic-config-value", "system.enableActivityEagerExecution=true",
            # Four partitions of a task queue are for many workers: with one, tasks and those who ask for them
            # are passed on from one to another. 5 % of a backfill's time.
            "--dynamic-config-value", "matching.numTaskqueueReadPartitions=1",
            "--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
            "--sqlite-pragma", "journal_mode=WAL",
            "--sqlite-pragma", "synchronous=FULL",
            "--log-level", "error",
        ]  # fmt: skip

    async def _server_answers(self, child: Child) -> bool:
        """Wait until it answers and keeps 30 days; False if it ended instead."""
        # Imported while the server starts: it takes as long.
        from worker.connection import connect_client, embedded_server  # noqa: PLC0415

        until = time.monotonic() + SERVER_SECONDS
        while time.monotonic() < until:
            if child.exited() is not None:
                return False
            if _listens(self.info.address):
                try:
                    client = await connect_client(embedded_server(self.info.address))
                    if await _namespace_ready(client):
                        return child.exited() is None
                except TemporalUnavailable:
                    pass
            await asyncio.sleep(0.05)
        raise failed_to_start(child)

    # ---- the replay server

    def _start_replay(self) -> Child | None:
        if self.options.source == "live" or self.options.replay is None:
            return None
        # A port of its own from the start: the worker needn't wait for it, and a restart keeps it.
        port = self._ports.take(None)
        self._port_file.unlink(missing_ok=True)
        command = [
            *self.options.replay,
            "--port", str(port), "--port-file", str(self._port_file), "--source", self.options.source,
        ]  # fmt: skip
        if self.options.source == "recorded" and self.options.data:
            command += ["--data", str(self.options.data)]
        self._update(replay_url=f"http://{HOST}:{port}")
        return self._supervisor.start(self._child("replay server", command, {}, grace=5.0))

    async def _wait_for_replay(self, child: Child) -> None:
        until = time.monotonic() + REPLAY_SECONDS
        while not self._port_file.exists():
            code = child.exited()
            if code == REPLAY_BAD_DATA:
                raise BadRequest(child.said(1))
            if code is not None or time.monotonic() > until:
                raise failed_to_start(child)
            await asyncio.sleep(0.05)

    @property
    def _port_file(self) -> Path:
        return self.home / "replay.port"

    # ---- the worker

    async def _start_worker(self, replay: Child | None) -> Child | None:
        if self.options.worker is None:
            return None
        settings = self.options.settings
        port = self._ports.take(settings.health_port)
        console_port = self._ports.take(settings.console_port)
        here = from_here(settings.listen)
        self._update(health_url=f"http://{here}:{port}", console_url=f"http://{here}:{console_port}")
        extra = {
            "TIPOFF_SOURCE": self.options.source,
            "TEMPORAL_ADDRESS": self.info.address,
            "TIPOFF_HEALTH_PORT": str(port),
            "TIPOFF_CONSOLE_PORT": str(console_port),
        }
        if self.info.ui_url:
            extra["TIPOFF_TEMPORAL_UI"] = self.info.ui_url
        if self.info.replay_url:
            extra["TIPOFF_REPLAY_URL"] = self.info.replay_url
        child = self._child("worker", self.options.worker, extra, grace=WORKER_GRACE)
        return self._supervisor.start(child)

    async def _wait_for_worker(self, child: Child) -> None:
        # Takes 0.2 s to import, which every command would wait for.
        import httpx  # noqa: PLC0415

        until = time.monotonic() + WORKER_SECONDS
        attempts = 1
        reason = ""
        headers = token_header(self.options.settings.token)
        async with httpx.AsyncClient(trust_env=False, timeout=5.0) as http:
            while True:
                if child.exited() is not None:
                    if attempts == START_ATTEMPTS:
                        raise failed_to_start(child)
                    attempts += 1
                    await asyncio.sleep(0.3)
                    child.spawn()
                    self._write()
                try:
                    answer = await http.get(f"{self.info.health_url}/ready", headers=headers)
                    if answer.status_code == httpx.codes.OK:
                        return
                    reason = answer.text[:500]
                except httpx.HTTPError:
                    pass
                if time.monotonic() > until:
                    said = f"; /ready says {reason}" if reason else ""
                    raise CommandError(f"{failed_to_start(child)}{said}")
                await asyncio.sleep(0.1)

    def _replaced(self, child: Child, pid: int) -> None:
        """While the new worker is still starting, the server learns that the old one is gone."""
        if child.name == "worker" and self.info.own_server:
            task = asyncio.get_running_loop().create_task(self._hand_back(pid))
            self._handing_back.add(task)
            task.add_done_callback(self._handing_back.discard)

    async def _hand_back(self, pid: int) -> None:
        from temporalio.service import RPCError  # noqa: PLC0415

        from starter.hand_back import hand_back  # noqa: PLC0415
        from worker.connection import connect_client, embedded_server  # noqa: PLC0415

        try:
            await hand_back(await connect_client(embedded_server(self.info.address)), pid)
        except (TemporalUnavailable, RPCError) as error:
            self._note(f"what the worker was doing is tried again after its timeouts only: {error}")

    # ---- common

    def _child(self, name: str, command: Sequence[str], extra: Mapping[str, str], grace: float) -> Child:
        environ = {**self._environ(), **extra}
        if name != "worker":
            # Whoever needs no key is given none.
            kept = ("TIPOFF_TOKEN",) if name == "replay server" else ()
            environ = {k: v for k, v in environ.items() if k in kept or not is_secret_variable(k)}
        environ["TIPOFF_HOME"] = str(self.home)
        if self.options.data:
            environ["TIPOFF_DATA"] = str(self.options.data)
        # Modules come from the project, never from the folder where the command was typed.
        environ["PYTHONSAFEPATH"] = "1"
        # Compiled anew at each start, a worker that died would be back after 5 s instead of 2.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        path = (str(PROJECT), environ.get("PYTHONPATH", ""))
        environ["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
        log = self.home / "logs" / f"{name.split(maxsplit=1)[0].lower()}.log"
        return Child(name, command, environ, self.home, log, grace)

    def _environ(self) -> dict[str, str]:
        """Ours; beside a server of our own without what leads to another one."""
        environ = dict(self.options.environ)
        if self.info.own_server:
            environ = {name: value for name, value in environ.items() if not name.startswith("TEMPORAL_")}
            environ["TEMPORAL_CONFIG_FILE"] = os.devnull
        return environ

    def _update(self, **fields: object) -> None:
        self.info = self.info.model_copy(update=fields)
        self._write()

    def _write(self) -> None:
        children = tuple(child.record() for child in self._supervisor.children)
        self.info = self.info.model_copy(update={"children": children})
        write_stack(self.info)

    def _note(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, int(port))) == 0


async def _namespace_ready(client: Client) -> bool:
    """Whether the namespace is there; keeps its closed workflows for 30 days from now on."""
    from google.protobuf.duration_pb2 import Duration  # noqa: PLC0415
    from temporalio.api.namespace.v1 import NamespaceConfig  # noqa: PLC0415
    from temporalio.api.workflowservice.v1 import (  # noqa: PLC0415
        DescribeNamespaceRequest,
        UpdateNamespaceRequest,
    )
    from temporalio.service import RPCError  # noqa: PLC0415

    wanted = int(RETENTION.total_seconds())
    try:
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=timedelta(seconds=5)
        )
        if found.config.workflow_execution_retention_ttl.seconds != wanted:
            config = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=wanted))
            await client.workflow_service.update_namespace(
                UpdateNamespaceRequest(namespace=client.namespace, config=config),
                timeout=timedelta(seconds=5),
            )
    except RPCError:
        return False
    return True
