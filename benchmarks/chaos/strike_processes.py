"""Faults of processes: killed, told to stop, frozen."""

from __future__ import annotations

import asyncio
import signal

from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection

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
