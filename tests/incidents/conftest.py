"""What several incidents need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.surroundings import Surroundings
from shared.config import load_settings
from warehouse.connect import connect
from warehouse.protocol import Warehouse
from warehouse.writer import Writer


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An embedded warehouse with every table, empty."""
    made = connect("duckdb", home=tmp_path)
    made.ensure_tables()
    yield made
    made.close()


@pytest.fixture
def around(tmp_path: Path, warehouse: Warehouse) -> Surroundings:
    """What the activities of a worker on it share."""
    return Surroundings(load_settings({}, home=tmp_path, source="simulated"), warehouse, Writer(warehouse))
