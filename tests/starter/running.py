"""Runs the command line as a user would: in a process group of its own."""

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

PROJECT = Path(__file__).resolve().parents[2]


def environ(**extra: str) -> dict[str, str]:
    """Ours, without what would lead the command elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIPOFF_", "TEMPORAL_"))}
    return {**kept, "PYTHONPATH": str(PROJECT), **extra}


def start(*arguments: str, **extra: str) -> subprocess.Popen[str]:
    """Start the command with the fake worker."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.starter.tipoff_with_fake_worker", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=environ(**extra), cwd=PROJECT,
    )  # fmt: skip


def tipoff(*arguments: str, seconds: float = 90, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = start(*arguments, **extra)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_group(process)
        raise
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the whole group, as a harness does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def stop(process: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str, str]:
    """SIGTERM; the exit code and what it said."""
    process.terminate()
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def stack(home: Path) -> dict[str, Any]:
    """stack.json, empty if there is none."""
    try:
        found: dict[str, Any] = json.loads((home / "stack.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def eventually(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """The condition's value as soon as it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def ready(home: Path, process: subprocess.Popen[str]) -> dict[str, Any]:
    """The stack's description once it is up."""

    def is_up() -> dict[str, Any] | None:
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode}: {process.communicate()}")
        found = stack(home)
        return found if found.get("ready") and found["pid"] == process.pid else None

    found: dict[str, Any] = eventually(is_up, "the stack is up", 60)
    return found


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
