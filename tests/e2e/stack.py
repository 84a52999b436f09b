"""The embedded stack as a user starts it: real processes in a home of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


def wait_for(check: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true answer of a check; a failure that says what never came."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def compute_process(worker: int) -> psutil.Process | None:
    """The process in which a worker's processors compute; None while there is none."""
    try:
        children = psutil.Process(worker).children()
        return next((one for one in children if "spawn_main" in " ".join(one.cmdline())), None)
    except psutil.NoSuchProcess:
        return None


class RunningStack:
    """`tipoff up` in a process group of its own; `module` is another command line in its place."""

    def __init__(
        self, home: Path, source: str = "simulated", *, module: str = "starter", **environ: str
    ) -> None:
        self.home = home
        self.environ = {**os.environ, "TIPOFF_HISTORY_SEASONS": "0", **environ}
        home.mkdir(parents=True, exist_ok=True)
        with (home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "up", "--home", str(home), "--source", source, "--json"],
                stdout=log, stderr=log, cwd=ROOT, env=self.environ, start_new_session=True,
            )  # fmt: skip
        wait_for(self._is_up, "the stack is ready")

    def _is_up(self) -> bool:
        """A stack that was killed leaves its file, which still says that it is ready."""
        info = self.info
        return bool(info.get("ready")) and info["pid"] == self.process.pid and self.alive("worker")

    @property
    def info(self) -> dict[str, Any]:
        """`stack.json`, empty before there is one."""
        try:
            found: dict[str, Any] = json.loads((self.home / "stack.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found

    def pid(self, child: str) -> int:
        """The process id of a child; 0 if it is not recorded."""
        found = [c["pid"] for c in self.info.get("children", []) if c["name"] == child]
        return found[0] if found else 0

    def alive(self, child: str) -> bool:
        """Whether a child runs."""
        pid = self.pid(child)
        return bool(pid) and psutil.pid_exists(pid)

    def kill(self, child: str) -> None:
        """SIGKILL; the supervisor starts another."""
        pid = self.pid(child)
        assert pid, f"{child} is not among the children of {self.info}"
        os.kill(pid, signal.SIGKILL)

    def kill_compute(self) -> None:
        """SIGKILL of the process in which the worker's processors compute; the worker starts another."""
        process = wait_for(
            lambda: compute_process(self.pid("worker")), "the worker has a process that computes"
        )
        process.kill()

    def cli(self, *words: str, module: str = "starter") -> subprocess.CompletedProcess[str]:
        """One `tipoff` command against this stack."""
        return subprocess.run(
            [sys.executable, "-m", module, *words], capture_output=True, text=True, cwd=ROOT,
            env={**self.environ, "TIPOFF_HOME": str(self.home)}, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def stop(self) -> int:
        """SIGTERM, as Ctrl-C would; waits for a clean end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)
