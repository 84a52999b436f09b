"""The days that validators are tried on, run once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.operations.lived_days import live
from tests.replay.conftest import start, stop


@pytest.fixture(scope="session")
async def lived_home(server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose three days were run by a real worker against a real replay server."""
    home = tmp_path_factory.mktemp("lived") / "home"
    home.mkdir()
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    try:
        await live(server.client, home, replay.base)
    finally:
        stop(replay)
    return home
