"""The folder of an embedded stack: its lock, and the file by which other commands find it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from starter.failure import CommandError

STACK_FILE = "stack.json"
GONE_SECONDS = 5.0


class ChildRecord(BaseModel):
    """A process of the stack; `started` tells it from a later one with the same number."""

    name: str
    pid: int
    started: str


class StackInfo(BaseModel):
    """A running stack, as `<home>/stack.json`."""

    model_config = ConfigDict(extra="ignore")

    home: Path
    pid: int
    source: str
    data: Path | None = None
    address: str
    own_server: bool = True
    """Whether the stack runs the server itself; otherwise it was given its address."""
    ui_url: str | None = None
    health_url: str | None = None
    console_url: str | None = None
    replay_url: str | None = None
    children: tuple[ChildRecord, ...] = ()
    ready: bool = False


class HomeLock:
    """Exclusive hold on a home. The kernel lets go of it when the process dies, however it dies."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            CommandError: another process holds it; the message names it.
        """
        try:
            (self.home / "logs").mkdir(parents=True, exist_ok=True)
            file = (self.home / "lock").open("a+")
        except OSError as error:
            raise CommandError(f"home: can't use {self.home}: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise CommandError(
                f"{self.home} is in use by another tipoff, process {holder}: "
                "stop that one, or choose another folder with --home"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._file is not None

    def release(self) -> None:
        """Let go."""
        if self._file:
            self._file.close()
            self._file = None


def write_stack(info: StackInfo) -> None:
    """Write stack.json whole or not at all."""
    target = info.home / STACK_FILE
    partial = target.with_name(f"{STACK_FILE}.partial")
    partial.write_text(info.model_dump_json(indent=2))
    partial.replace(target)


def read_stack(home: Path) -> StackInfo | None:
    """The stack last started in this home, running or not; None if there was none."""
    try:
        return StackInfo.model_validate_json((home / STACK_FILE).read_text())
    except (OSError, ValidationError):
        return None


def running_stack(home: Path) -> StackInfo | None:
    """The stack that is up in this home; None if the last one was stopped, or killed and left its file."""
    info = read_stack(home)
    return info if info is not None and info.ready and _is_held(home) else None


def _is_held(home: Path) -> bool:
    """Whether a process holds the home. The lock says it, for its holder can't die and keep it."""
    lock = HomeLock(home)
    try:
        lock.acquire()
    except CommandError:
        return True
    lock.release()
    return False


def forget_stack(home: Path) -> None:
    """Remove stack.json: the stack was stopped."""
    (home / STACK_FILE).unlink(missing_ok=True)


def started_at(pid: int) -> str:
    """When a process began, as an opaque text; empty if it is gone or a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    found = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.strip()


def end_leftovers(home: Path) -> None:
    """End what is left of a stack whose supervisor was killed.

    Its children die with it, though not in the same instant, and where the system has no death signal
    not at all. Two servers on one database file would both start happily.
    """
    info = read_stack(home)
    left = list(info.children) if info else []
    until = time.monotonic() + GONE_SECONDS
    killed = False
    while left := [child for child in left if started_at(child.pid) == child.started != ""]:
        if time.monotonic() > until - GONE_SECONDS / 2 and not killed:
            killed = True
            for child in left:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)
        if time.monotonic() > until:
            names = ", ".join(f"{child.name} ({child.pid})" for child in left)
            raise CommandError(f"{home}: left from an earlier run and not to be ended: {names}")
        time.sleep(0.02)
