"""Children that die are started again, and who must know learns which process is gone."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from starter.supervisor import Child, Supervisor
from tests.workflows.world import assert_eventually


async def test_who_must_know_is_told_which_process_is_gone_once_another_runs_in_its_place(
    tmp_path: Path,
) -> None:
    told: list[tuple[str, int, int]] = []

    def replaced(child: Child, gone: int) -> None:
        told.append((child.name, gone, child.pid))

    supervisor = Supervisor(lambda: None, lambda _text: None, replaced)
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = Child("worker", waits, dict(os.environ), tmp_path, tmp_path / "log", grace=5)
    supervisor.start(child)
    supervisor.watch()
    try:
        first = child.pid
        os.kill(first, signal.SIGKILL)
        await assert_eventually(lambda: _is_there(told), timeout=30)
        assert told == [("worker", first, child.pid)]
        assert child.pid != first
        assert child.exited() is None
    finally:
        await supervisor.stop(key=lambda _: 0)


async def _is_there(told: list[tuple[str, int, int]]) -> bool:
    return bool(told)
