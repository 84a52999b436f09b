"""The systems that are compared: what each runs, with which setting, and how it's killed."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import psutil

from benchmarks.peers import program, work
from benchmarks.production_server import USER, PostgreSQL
from starter.places import PROJECT
from starter.ports import HOST, Ports

STARTS_WITHIN = 120.0
"""Seconds."""
DONE_WITHIN = 1_800.0
"""Seconds: a process for each op imports everything 42 times."""
SAMPLED_EVERY = 0.25
"""Seconds."""


class NotDone(Exception):
    """A system did not start, or did not come to its day's end; the message says what it said last."""


@dataclass(frozen=True)
class System:
    """One row of the table."""

    name: str
    setting: str
    module: str
    """Of its program."""
    resumes: str
    """What makes it go on after a kill of everything."""
    variables: tuple[tuple[str, str], ...] = ()
    server: str = ""
    """`prefect` or `tipoff`: what has to run before the program."""
    postgresql: bool = False
    process_an_op: bool = False
    """A day of it takes minutes."""


_AGAIN = "program started again"
_SET = ((program.DURABLE, "1"),)
SYSTEMS = (
    System("floor", "a loop", "on_floor", _AGAIN),
    System("tipoff", "embedded: SQLite, synchronous=FULL", "on_tipoff", "by itself", server="tipoff"),
    System("prefect", "defaults", "on_prefect", _AGAIN, server="prefect"),
    System(
        "prefect durable", "results persisted, cached by date and processor", "on_prefect", _AGAIN, _SET,
        server="prefect",
    ),
    System("dbos", "defaults: SQLite", "on_dbos", "by itself, on launch"),
    System("dbos durable", "PostgreSQL, fsync", "on_dbos", "by itself, on launch", _SET, postgresql=True),
    System(
        "dagster in process", "SQLite, in_process executor", "on_dagster", "re-executed from failure",
        (("TIPOFF_PEER_IN_PROCESS", "1"),),
    ),
    System(
        "dagster", "defaults: SQLite, a process an op", "on_dagster", "re-executed from failure",
        process_an_op=True,
    ),
    System(
        "dagster durable", "PostgreSQL, retries, a process an op", "on_dagster", "re-executed from failure",
        _SET, postgresql=True, process_an_op=True,
    ),
)  # fmt: skip


class Course:
    """One system on one home: started, run, killed, run again."""

    def __init__(self, system: System, home: Path, day: date, replay: str, python: Path, data: Path) -> None:
        self.system, self.home = system, home
        self.peak_mib = 0.0
        self._state = home / "peer"
        self._state.mkdir(exist_ok=True)
        self._ports = Ports()
        self._database: PostgreSQL | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._program: subprocess.Popen[str] | None = None
        ours = system.server == "tipoff" or system.name == "floor"
        self._python = sys.executable if ours else str(python)
        self._environ = {
            **os.environ, work.HOME: str(home), work.DATE: str(day), work.REPLAY: replay,
            "PYTHONPATH": str(PROJECT), "TIPOFF_SOURCE": "recorded", "TIPOFF_DATA": str(data),
            "PREFECT_HOME": str(self._state), "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1", "DAGSTER_HOME": str(self._state), **dict(system.variables),
        }  # fmt: skip
        # Dagster starts a process for each op: whatever is compiled anew each time would count against it.
        self._environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self._said: queue.Queue[str | None] = queue.Queue()

    @contextmanager
    def lived(self) -> Iterator[None]:
        """The time in which anything of it may run."""
        try:
            self._configure()
            yield
        finally:
            self.kill()
            if self._database:
                asyncio.run(self._database.child.stop())
                self._database.remove()
            self._ports.release()

    def _configure(self) -> None:
        database = ""
        if self.system.postgresql:
            self._database = PostgreSQL(self._ports, self._state)
            self._database.child.spawn()
            asyncio.run(self._database.answers())
            database = f"postgresql://{USER}:{self._database.password}@{HOST}:{self._database.port}/postgres"
        self._environ["TIPOFF_PEER_DATABASE"] = database or f"sqlite:///{self._state}/dbos.sqlite"
        storage = {"postgres": {"postgres_url": database}} if database else None
        settings = {"telemetry": {"enabled": False}, **({"storage": storage} if storage else {})}
        (self._state / "dagster.yaml").write_text(json.dumps(settings))

    # ---- one run

    def start(self) -> None:
        """What has to run first."""
        if self.system.server == "tipoff":
            words = ["-m", "starter", "up", "--home", str(self.home), "--source", "recorded", "--json"]
            self._serve(words, self._stack_is_up)
        elif self.system.server == "prefect":
            port = self._ports.take(None)
            url = f"http://{HOST}:{port}/api"
            self._environ["PREFECT_API_URL"] = url
            words = ["-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
            self._serve(words, lambda: httpx.get(f"{url}/health").is_success)

    def _stack_is_up(self) -> bool:
        """What a killed stack has left stays: the next one reads there whose work has to be handed back."""
        file = self.home / "stack.json"
        found = json.loads(file.read_text()) if file.exists() else {}
        return bool(found.get("ready")) and self._server is not None and found["pid"] == self._server.pid

    def _serve(self, words: list[str], ready: Callable[[], bool]) -> None:
        with (self._state / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._python, *words], stdout=log, stderr=log, env=self._environ, cwd=PROJECT,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self._server.poll() is None:
            with suppress(httpx.HTTPError, json.JSONDecodeError):
                if ready():
                    return
            time.sleep(0.1)
        raise NotDone(f"{self.system.name}: its server does not start: {self._last('server.log')}")

    def _last(self, log: str) -> str:
        return (self._state / log).read_text(errors="replace")[-1_500:]

    def begin(self) -> None:
        """Starts the program and waits until its clock runs."""
        with (self._state / "program.log").open("ab") as log:
            self._program = subprocess.Popen(
                [self._python, "-m", f"benchmarks.peers.{self.system.module}"], stdout=subprocess.PIPE,
                stderr=log, env=self._environ, cwd=PROJECT, text=True, start_new_session=True,
            )  # fmt: skip
        self._said = queue.Queue()
        threading.Thread(target=self._listen, args=(self._program, self._said), daemon=True).start()
        self._heard(program.BEGUN, STARTS_WITHIN)

    @staticmethod
    def _listen(process: subprocess.Popen[str], said: queue.Queue[str | None]) -> None:
        assert process.stdout
        for line in process.stdout:
            said.put(line.strip())
        said.put(None)

    def _heard(self, start: str, within: float) -> str:
        until = time.monotonic() + within
        while time.monotonic() < until:
            with suppress(queue.Empty):
                line = self._said.get(timeout=SAMPLED_EVERY)
                if line is None:
                    break
                if line.startswith(start):
                    return line
            self._see_memory()
        raise NotDone(f"{self.system.name}: not done: {self._last('program.log')}")

    def finish(self) -> float:
        """Waits for the day's end; the seconds from where the clock was started.

        Raises:
            NotDone: it did not end, or its program failed.
        """
        seconds = float(json.loads(self._heard('{"seconds"', DONE_WITHIN))["seconds"])
        assert self._program
        with suppress(subprocess.TimeoutExpired):
            if not self._program.wait(timeout=STARTS_WITHIN):
                return seconds
        raise NotDone(f"{self.system.name} failed: {self._last('program.log')}")

    def stop(self) -> None:
        """Ends the server in order, so that the home's files can be read."""
        if self._server and self._server.poll() is None:
            self._server.terminate()
            self._server.wait(timeout=90)
        self.kill()

    def kill(self) -> None:
        """SIGKILL of everything but PostgreSQL, and waits until it's gone."""
        roots = [p for p in (self._server, self._program) if p]
        processes = [one for root in roots for one in _tree(root.pid)]
        for one in processes:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        for root in roots:
            # Whoever was started meanwhile is in the group.
            with suppress(ProcessLookupError):
                os.killpg(root.pid, signal.SIGKILL)
            root.wait()
        psutil.wait_procs(processes, timeout=10)
        self._server = self._program = None

    # ---- memory

    def _see_memory(self) -> None:
        """Proportional set sizes of all its processes, the upstream's and the clients' left out."""
        client_only = self.system.server == "tipoff"
        roots = [
            self._server,
            None if client_only else self._program,
            self._database and self._database.child,
        ]
        total = 0
        for root in roots:
            for one in _tree(root.pid) if root else ():
                with suppress(psutil.Error):
                    if "replay" not in one.cmdline():
                        total += one.memory_full_info().pss
        self.peak_mib = max(self.peak_mib, total / 2**20)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
