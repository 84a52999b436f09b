"""Child processes: started, watched, started again with backoff, stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starter.failure import CommandError
from starter.home import ChildRecord, started_at

POLL_SECONDS = 0.1
BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 60.0
"""A child that ran this long starts again without delay."""
LOG_LIMIT = 20_000_000
TETHER = Path(__file__).with_name("tether.py")


@dataclass
class Child:
    """One child process. It writes to its log only and dies with this process."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    cwd: Path
    log: Path
    grace: float
    """Seconds between SIGTERM and SIGKILL."""
    process: subprocess.Popen[bytes] | None = None
    started: str = ""
    since: float = 0.0
    failures: int = 0
    _log_start: int = field(default=0, repr=False)

    def spawn(self) -> None:
        """Start it, in a process group of its own so that Ctrl-C leaves the order to us."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", str(TETHER), str(os.getpid()), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environ),
                cwd=self.cwd,
                process_group=0,
            )
        self.started = started_at(self.process.pid)
        self.since = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process number, 0 before the first start."""
        return self.process.pid if self.process else 0

    def exited(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll() if self.process else None

    def said(self, lines: int = 5) -> str:
        """The last lines it logged since its last start."""
        try:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                text = log.read()[-8_000:].decode(errors="replace")
        except OSError:
            return ""
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    async def stop(self) -> None:
        """SIGTERM, its grace, SIGKILL. The exit code is not asked: some abort on their way out."""
        if self.process is None or self.exited() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + self.grace
        while self.exited() is None:
            if time.monotonic() > until:
                self.process.kill()
                self.process.wait()
                return
            await asyncio.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL, now."""
        if self.process and self.exited() is None:
            self.process.kill()

    def record(self) -> ChildRecord:
        """What stack.json says of it."""
        return ChildRecord(name=self.name, pid=self.pid, started=self.started)


class Supervisor:
    """Watches children and starts those again that die."""

    def __init__(
        self,
        changed: Callable[[], None],
        note: Callable[[str], None],
        replaced: Callable[[Child, int], None] = lambda _child, _pid: None,
    ) -> None:
        """`replaced` is told which child was started again, and the number of the process that is gone."""
        self._changed = changed
        self._note = note
        self._replaced = replaced
        self._children: list[Child] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def children(self) -> tuple[Child, ...]:
        """In the order they were started."""
        return tuple(self._children)

    def start(self, child: Child) -> Child:
        """Start a child. It is watched from `watch` on."""
        self._children.append(child)
        child.spawn()
        self._changed()
        return child

    def drop(self, child: Child) -> None:
        """Forget a child that was stopped."""
        self._children.remove(child)

    def watch(self) -> None:
        """From now on a child that dies is started again."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        again: dict[str, float] = {}
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for child in self._children:
                code = child.exited()
                if code is None:
                    continue
                now = time.monotonic()
                if child.name not in again:
                    steady = now - child.since > STEADY_SECONDS
                    child.failures = 0 if steady else child.failures + 1
                    delay = BACKOFF[min(child.failures, len(BACKOFF) - 1)]
                    again[child.name] = now + delay
                    self._note(f"the {child.name} {ended(code)}; starting it again in {delay:g} s")
                elif now >= again[child.name]:
                    del again[child.name]
                    gone = child.pid
                    child.spawn()
                    self._changed()
                    self._replaced(child, gone)

    async def stop(self, key: Callable[[Child], int]) -> None:
        """Stop all, the highest key first; each is gone before the next is told."""
        if self._task:
            self._task.cancel()
        for child in sorted(self._children, key=key, reverse=True):
            await child.stop()

    def kill(self) -> None:
        """End all, now."""
        for child in self._children:
            child.kill()


def ended(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def failed_to_start(child: Child) -> CommandError:
    """The error for a child that ended before it was ready: what it said, and where the rest is."""
    code = child.exited()
    how = "is not ready" if code is None else ended(code)
    said = child.said() or "it said nothing"
    return CommandError(f"the {child.name} {how}: {said} (log: {child.log})")
