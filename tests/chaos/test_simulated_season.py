"""The season's command on its first days, and that its checks see what is wrong.

`pytest -m soak tests/chaos/test_simulated_season.py`: some minutes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from benchmarks.simulated_season import Calendar, Options, season
from benchmarks.simulated_season_checks import Lived, show
from benchmarks.simulated_season_server import ServerMissingError, jars

FIRST, DAYS = date(2024, 11, 20), 3
RESULTS = "nba_predictions.prediction_results"
OF_THE_22ND = "WHERE game_date = '2024-11-22'"
pytestmark = [pytest.mark.soak, pytest.mark.timeout(1_200)]

SEED = 105
"""The worker killed; messages that contradict each other; a processor that an operator must mend."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A season of three days with faults, and one more date without."""
    try:
        jars()
    except ServerMissingError as reason:
        pytest.skip(f"no time-skipping server: {reason}")
    folder = tmp_path_factory.mktemp("season")
    assert season(folder, DAYS, Options(SEED, seasons=0, quiet=True), FIRST)
    return folder


def days_of(root: Path) -> list[Lived]:
    """What the season has noted of its dates."""
    return [Lived(**json.loads(line)) for line in (root / "days.jsonl").read_text().splitlines()]


def verdict(home: Path, lived: list[Lived]) -> bool:
    """What the checks say."""
    return show(home, lived, Calendar.of(FIRST, DAYS).games, SEED)


def test_days_with_faults_come_to_a_true_end_with_nothing_lost_and_nothing_twice(root: Path) -> None:
    lived = days_of(root)
    assert [one.status for one in lived] == ["completed"] * (DAYS + 1)
    struck = {kind for one in lived for kind in one.kinds}
    assert struck >= {"worker_killed", "contradictory", "first_source_down", "processor_broken"}
    assert sum(one.kills for one in lived) == 1
    mended = next(one for one in lived if "processor_broken" in one.kinds)
    assert (mended.operator, mended.waited > 0) == (1, True)


def test_a_season_that_was_lived_is_told_again_without_being_lived_again(root: Path) -> None:
    before = (root / "days.jsonl").read_text()
    assert season(root, DAYS, Options(SEED, seasons=0, quiet=True), FIRST)
    assert (root / "days.jsonl").read_text() == before


@pytest.mark.parametrize(
    "spoilt",
    [
        "DELETE FROM nba_raw.player_box_scores WHERE game_date = '2024-11-21' AND points > 30",
        f"DELETE FROM {RESULTS} WHERE game_date = '2024-11-20'",
        f"UPDATE nba_predictions.player_prop_predictions SET is_active = FALSE {OF_THE_22ND}",
        f"UPDATE nba_orchestration.phase_status SET status = 'running' {OF_THE_22ND}",
        f"INSERT INTO {RESULTS} SELECT * FROM {RESULTS} LIMIT 1",
        "UPDATE nba_orchestration.quality_results SET status = 'fail', blocking = 'phase'",
    ],
    ids=["a player's game", "results", "a prediction", "a phase", "a row twice", "a gate"],
)
def test_the_checks_see(root: Path, tmp_path: Path, spoilt: str) -> None:
    home = tmp_path / "home"
    shutil.copytree(root / "home", home)
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        rows = warehouse.execute(spoilt).fetchall()
    assert rows[0][0] > 0, "nothing was spoilt"
    assert not verdict(home, days_of(root))


def test_the_checks_see_a_history_that_is_too_long_and_an_end_that_is_none(root: Path) -> None:
    lived = days_of(root)
    assert verdict(root / "home", lived)
    assert not verdict(root / "home", [replace(lived[0], events=2_000), *lived[1:]])
    assert not verdict(root / "home", [replace(lived[0], status="lost"), *lived[1:]])
