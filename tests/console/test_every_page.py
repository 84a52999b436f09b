"""What holds for every page: nothing from another host, simulated data marked, quick on a season of data."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest

from tests.console.season import DATES, FIRST
from tests.console.serving import Served, parsed, words
from tests.operations.lived_days import DAYS

DAY = DAYS[1]
PLAYER = 9_000_030
"""Of the simulated league."""

PAGES = (
    "/", f"/days/{DAY}", f"/predictions?date={DAY}", "/players", f"/players/{PLAYER}?date={DAY}",
    "/truth", "/health",
)  # fmt: skip
BUDGET = 0.3
"""Seconds."""


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_on_a_page_comes_from_another_host(path: str, console: Served) -> None:
    async with console.http() as http:
        answer = await http.get(path)
        page = parsed(answer.text)
        for tag, address in page.addresses:
            ours = address.startswith(("/", "#")) and not address.startswith("//")
            assert ours or (tag == "a" and address.startswith("http://127.0.0.1:8233")), (tag, address)
        assert len(page.ids) == len(set(page.ids)), "an id names one thing"
        for _, asset in (a for a in page.addresses if a[0] in ("link", "script", "img")):
            found = await http.get(asset)
            assert found.status_code == 200
            assert "//" not in found.text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", [*PAGES, "/days/2020-01-01", "/days/nonsense", "/nowhere"])
async def test_simulated_data_is_marked_on_every_page(path: str, console: Served) -> None:
    async with console.http() as http:
        answer = await http.get(path)
    assert "Simulated league." in words(answer.text)


@pytest.mark.soak
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_takes_under_300_ms_on_a_season_of_data(path: str, season: Served) -> None:
    last = FIRST + timedelta(days=DATES - 1)
    asked = f"{path}?until={last}&days=163" if path == "/" else path
    async with season.http() as http:
        await http.get(asked)
        by_wall, by_processor = [], []
        for _ in range(5):
            began, worked = time.perf_counter(), time.process_time()
            answer = await http.get(asked)
            by_wall.append(time.perf_counter() - began)
            by_processor.append(time.process_time() - worked)
            assert answer.status_code == 200
    # Where others use the machine, waiting for a core is no work of the page's: then its own work counts.
    taken = min(statistics.median(by_wall), statistics.median(by_processor))
    assert taken < BUDGET, (by_wall, by_processor)
