"""A simulated day up to its predictions, for each module of tests one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.in_process import Morning
from tests.replay.conftest import start, stop

DAY = date(2025, 11, 26)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """A simulated day through phase 4: every report comes over HTTP in its source's own format, once."""
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "simulated")
    try:
        morning = Morning(tmp_path_factory.mktemp("home"), replay.base, "simulated", DAY)
        morning.history(date(2025, 10, 1), DAY - timedelta(days=2))
        morning.run(lambda processor: processor.name == "prediction_chunk")
        yield morning
        morning.warehouse.close()
    finally:
        stop(replay)
