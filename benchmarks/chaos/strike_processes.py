"""Faults of processes: killed, told to stop, frozen."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import psutil

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection
from tests.e2e.stack import compute_process

WORKER, SERVER = "worker", "Temporal server"
FROZEN = 12.0
"""Seconds: just longer than the heartbeat timeout of 10."""
AGAIN = 2.0
"""Seconds in which a supervisor notices and starts again."""


async def strike(lived: Lived, injection: Injection) -> bool:
    """Injects one of them; whether there was somebody to strike."""
    who, _, how = injection.kind.partition("_")
    if who == "everything":
        lived.lasts(AGAIN)
        await lived.kill_everything()
        return True
    if who == "compute":
        lived.lasts(AGAIN)
        process = compute_process(lived.pid(WORKER))
        with suppress(psutil.NoSuchProcess):
            if process:
                process.kill()
                return True
        return False
    child = WORKER if who == "worker" else SERVER
    if how != "sigstop":
        lived.lasts(AGAIN)
        return lived.signal(child, signal.SIGKILL if how == "sigkill" else signal.SIGTERM)
    pid = lived.pid(child)
    struck = lived.signal(child, signal.SIGSTOP)
    if struck:
        lived.lasts(FROZEN)
        await asyncio.sleep(FROZEN)
        if lived.pid(child) == pid:
            lived.signal(child, signal.SIGCONT)
    return struck
