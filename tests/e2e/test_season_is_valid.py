"""A recorded season, backfilled from nothing, is found well by every validator.

`TIPOFF_TEST_SEASON="2024-12-17 2024-12-21"` takes fewer dates than the season.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import ROOT, RunningStack

SEASON = "2024-10-22 2025-04-13"
PATIENCE = 3_600


def said(stack: RunningStack, *words: str) -> dict[str, Any]:
    """What a command says as JSON; it must end with 0."""
    ended = subprocess.run(
        [sys.executable, "-m", "starter", *words, "--json"], capture_output=True, text=True, cwd=ROOT,
        env={**stack.environ, "TIPOFF_HOME": str(stack.home)}, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, (ended.stdout[-6_000:], ended.stderr[-2_000:])
    return dict(json.loads(ended.stdout))


@pytest.mark.soak
@pytest.mark.timeout(2 * PATIENCE)
def test_a_backfilled_season_has_no_finding_that_fails(recorded_data: Path, tmp_path: Path) -> None:
    start, end = os.environ.get("TIPOFF_TEST_SEASON", SEASON).split()
    stack = RunningStack(
        tmp_path / "home", "recorded", TIPOFF_DATA=str(recorded_data), TIPOFF_HISTORY_SEASONS="1"
    )
    try:
        made = said(stack, "backfill", start, end, "--max-parallel", "2")
        assert (made["status"], made["failed"]) == ("completed", 0)
        validated = said(stack, "validate", "historical", start, end)
        again = said(stack, "spot-check", "--samples", "200", "--seed", "1")
        tables = said(stack, "schema", "check")
    finally:
        stack.stop()
    for report in (validated, again, tables):
        assert [finding for finding in report["findings"] if finding["status"] == "fail"] == []
    assert [finding for finding in again["findings"] if finding["status"] != "ok"] == []
