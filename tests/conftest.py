"""A real Temporal server for the whole session, and where recorded data is."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from shared.names import SEARCH_ATTRIBUTES
from starter.server_binary import find_server_binary
from tests.emulator import EmulatorMissingError, emulator
from tests.operations.lived_days import live
from tests.replay.conftest import Replay, start, stop

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder of recorded data; a test that needs it is skipped, visibly, where there is none."""
    folder = Path(os.environ.get("TIPOFF_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "box_scores").is_dir():
        pytest.skip(f"no recorded data at {folder}; set TIPOFF_DATA")
    return folder


@pytest.fixture(scope="session")
def emulator_address() -> Iterator[str]:
    """The address of the one BigQuery emulator of the session; skips, with the reason, without one."""
    try:
        with emulator() as address:
            yield address
    except EmulatorMissingError as reason:
        pytest.skip(f"no BigQuery emulator: {reason}")


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal dev server with the search attributes of tipoff."""
    binary = find_server_binary()
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(binary.path),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"],
        search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
    ) as environment:
        yield environment


@pytest.fixture
def client(server: WorkflowEnvironment) -> Client:
    """A client of the session's server."""
    return server.client


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The simulated league over HTTP, for each module of tests one of its own."""
    served = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    yield served
    stop(served)


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
