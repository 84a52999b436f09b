"""The home that rounds begin with, and the undisturbed run of one day: made once a session."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.chaos.base import base_home
from benchmarks.chaos.round import Setting

FIRST = date(2025, 11, 28)
"""Five weeks into the simulated season: enough history to train on, quick to load."""


@pytest.fixture(scope="session")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """One simulated day."""
    root = tmp_path_factory.mktemp("chaos")
    return Setting(root, base_home(root, "simulated", FIRST, 0), "simulated", (FIRST,), keep=True)
