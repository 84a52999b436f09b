"""Every page of two recorded days in a real browser: real names, lines of eight books, bets won and lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.console.serving import Served, served, words
from tests.console.test_browser import WIDTHS, looked_at, named
from tests.operations.lived_days import live
from tests.replay.conftest import start, stop

if TYPE_CHECKING:
    from playwright.async_api import Browser

DAYS = (date(2025, 11, 8), date(2025, 11, 9))
"""The second grades the first."""

PAGES = ("/", f"/days/{DAYS[0]}", f"/predictions?date={DAYS[0]}", "/players", "/truth", "/health")


@pytest.fixture(scope="module")
async def recorded(
    browser: Browser,
    recorded_data: Path,
    server: WorkflowEnvironment,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Served]:
    """The console of a worker that lived both; only where there is a browser to look at it."""
    home = tmp_path_factory.mktemp("recorded") / "home"
    home.mkdir()
    replay = start(tmp_path_factory.mktemp("replay"), "--source", "recorded", "--data", str(recorded_data))
    try:
        await live(server.client, home, replay.base, DAYS, "recorded")
        async with served(server.client, home, replay.base, "recorded") as running:
            yield running
    finally:
        stop(replay)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_a_recorded_day_fits_its_window_and_axe_finds_nothing_serious(
    path: str, width: int, recorded: Served, browser: Browser, screenshots: Path
) -> None:
    picture = screenshots / f"recorded-{named(path, width, 'light')}"
    await looked_at(browser, recorded.base + path, width, "light", picture)


async def test_a_players_page_shows_what_was_predicted_and_what_he_scored(
    recorded: Served, browser: Browser, screenshots: Path
) -> None:
    rows = recorded.around.warehouse.read("nba_predictions.prediction_results", dates=[DAYS[0]])
    player = rows[rows["actual_points"] > 0].iloc[0]
    path = f"/players/{player['player_id']}?date={DAYS[1]}"
    await looked_at(browser, recorded.base + path, 1440, "light", screenshots / "recorded-player.png")
    async with recorded.http() as http:
        answer = await http.get(path)
    assert "Simulated league." not in words(answer.text)
    assert str(player["player_name"]) in words(answer.text)
