"""A waiting day is brought to its end by clicking, in a browser; a click that isn't ours does nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from activities.operations.status import CLAIMS
from shared.messages import DayReport, DayStatus
from tests.console.acting import started
from tests.console.serving import Served
from tests.operations.lived_days import DAYS
from tests.replay.conftest import Replay

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PARKED = DAYS[-1] + timedelta(days=3)
PATIENCE = 120_000
"""Milliseconds."""


async def click(page: Page, action: str, reason: str) -> None:
    """Fills the form as a person would, and presses a button."""
    await page.get_by_label("Who asks").fill("Grace")
    await page.get_by_label("Why").fill(reason)
    await page.get_by_role("button", name=action).click()


async def test_a_parked_day_is_retriggered_by_clicking_and_seen_completing_without_a_reload(
    console: Served, league: Replay, browser: Browser, screenshots: Path
) -> None:
    fault = league.fault("odds-api/events", "status", value=401, requested_by="a test", reason="parks a day")
    page = await browser.new_page()
    try:
        handle = await started(console, PARKED)
        await page.goto(f"{console.base}/days/{PARKED}")
        await page.get_by_role("heading", name="Waits for a person").wait_for(timeout=PATIENCE)
        await page.screenshot(path=screenshots / "recovery-1-waits.png", full_page=True)
        httpx.delete(f"{league.base}/faults/{fault}").raise_for_status()
        await page.get_by_role("link", name="Tell the day what to do").click()
        assert await page.locator("select[name=target]").input_value() == "scrape"
        await click(page, "Retrigger", "the odds feed takes our key again")
        await page.get_by_text("retrigger accepted.").wait_for(timeout=PATIENCE)
        loaded: list[str] = []
        page.on("framenavigated", lambda frame: loaded.append(frame.url))
        await page.locator("#part-headline").get_by_text("completed").wait_for(timeout=PATIENCE)
        await page.locator("#part-requests").get_by_text("by Grace (console)").wait_for(timeout=PATIENCE)
        assert not loaded, "nothing was loaded anew"
        assert await page.locator("#part-waiting").inner_text() == ""
        await page.screenshot(path=screenshots / "recovery-2-completed.png", full_page=True)
        report: DayReport = await handle.result()
        assert report.status is DayStatus.COMPLETED
        kept = console.around.warehouse.read(CLAIMS, dates=[PARKED]).iloc[0]
        assert (kept["action"], kept["requested_by"]) == ("retrigger", "Grace (console)")
        assert kept["reason"] == "the odds feed takes our key again"
    finally:
        league.http.delete("/faults")
        await page.close()


async def test_a_click_without_the_visitor_s_cookie_is_refused(console: Served, browser: Browser) -> None:
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{console.base}/days/{DAYS[0]}")
        await context.clear_cookies()
        await click(page, "Abort", "not mine to abort")
        await page.get_by_role("heading", name="403").wait_for()
        assert claims(console, DAYS[0]) == 0
    finally:
        await context.close()


async def test_a_page_of_another_site_can_t_press_our_buttons(
    console: Served, browser: Browser, tmp_path: Path
) -> None:
    forged = tmp_path / "forged.html"
    forged.write_text(
        f'<form method="post" action="{console.base}/days/{DAYS[0]}/act">'
        '<input name="action" value="retrigger">'
        '<input name="target" value="scrape"><input name="who" value="x"><input name="reason" value="x">'
        "<button>a prize</button></form>"
    )
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{console.base}/days/{DAYS[0]}")
        await page.goto(forged.as_uri())
        async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            await page.get_by_role("button", name="a prize").click()
        assert (await answered.value).status == 403
        assert claims(console, DAYS[0]) == 0
    finally:
        await context.close()


def claims(console: Served, day: date) -> int:
    """How many requests of a day were kept."""
    return len(console.around.warehouse.read(CLAIMS, dates=[day]))
