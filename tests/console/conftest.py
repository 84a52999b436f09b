"""A console over the lived days, one over a season of them, and a browser where there is one."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.console.season import plant_season
from tests.console.serving import Served, pages, served
from tests.operations.lived_days import copied, surroundings
from tests.replay.conftest import Replay, start, stop

if TYPE_CHECKING:
    from playwright.async_api import Browser

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
async def league(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replay]:
    """The upstreams of the consoles' days: a simulated league, with faults on demand."""
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    yield replay
    stop(replay)


@pytest.fixture(scope="session")
async def console(
    server: WorkflowEnvironment, lived_home: Path, league: Replay, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The console of a worker that lived three days and can run more."""
    home = copied(lived_home, tmp_path_factory.mktemp("console") / "home")
    async with served(server.client, home, league.base) as running:
        yield running


@pytest.fixture(scope="session")
async def season(
    console: Served, lived_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The console over a season of data; for the days themselves the other one's worker answers."""
    home = copied(lived_home, tmp_path_factory.mktemp("season") / "home")
    plant_season(home)
    with surroundings(home, None) as around:
        async with pages(console.client, around) as running:
            yield running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window; skips, with the reason, where it is not installed."""
    binary = shutil.which("chromium")
    if binary is None or importlib.util.find_spec("playwright") is None:
        missing = "chromium" if binary is None else "playwright"
        pytest.skip(
            f"no {missing}: pages were not tried in a browser; `bin/chromium.sh` installs what it needs"
        )
    from playwright.async_api import async_playwright  # noqa: PLC0415

    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=binary, args=list(FLAGS))
        yield running
        await running.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where screenshots are kept: `TIPOFF_SCREENSHOTS`, else `.artefacts/console`."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("TIPOFF_SCREENSHOTS") or root / ".artefacts" / "console")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
