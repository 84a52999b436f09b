"""The simulated league over HTTP, for each module of tests one of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.replay.conftest import Replay, start, stop


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The simulated league over HTTP."""
    server = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    yield server
    stop(server)
