"""The embedded stack in this process, with another worker or another upstream where a benchmark needs one."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from shared.config import Source, load_settings
from starter.embedded import Stack, StackOptions
from starter.home import StackInfo
from starter.places import find_data
from starter.server_binary import find_server_binary


@asynccontextmanager
async def running(
    home: Path,
    source: Source,
    *,
    worker: Sequence[str] = (sys.executable, "-m", "worker"),
    replay: Sequence[str] = (sys.executable, "-m", "replay"),
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[StackInfo, Client]]:
    """The stack on a home, and a client of its server."""
    stack = Stack(
        StackOptions(
            settings=load_settings(home=home),
            source=source,
            data=find_data(None) if source == "recorded" else None,
            server=find_server_binary().path,
            worker=worker,
            replay=replay,
            environ={**os.environ, **(environ or {})},
        )
    )
    info = await stack.start()
    try:
        yield info, await Client.connect(info.address, data_converter=pydantic_data_converter)
    finally:
        await stack.stop()


def child(info: StackInfo, name: str) -> int:
    """The process number of a child: `worker`, `replay server`, `Temporal server`."""
    return next(one.pid for one in info.children if one.name == name)


def peak_mib(pid: int) -> float:
    """The most memory that a process and those below it have held: the sum of what each did at most."""
    root = psutil.Process(pid)
    return sum(_most_mib(one.pid) for one in (root, *root.children(recursive=True)))


def _most_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
    return int(peak.split()[1]) / 1024 if peak else 0.0
