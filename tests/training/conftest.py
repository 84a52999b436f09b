"""A registry of models for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.training.registry import Registry, running_registry


@pytest.fixture
async def registry(client: Client, tmp_path: Path) -> AsyncIterator[Registry]:
    """A worker on a queue of its own, over forty days of games."""
    async with running_registry(client, tmp_path) as registry:
        yield registry
