"""The page of a day by keyboard alone: every control is reached in order and seen to be, and Enter works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.console.serving import Served
from tests.operations.lived_days import DAYS
from worker.console.day import FRAGMENTS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

WIDTHS = (360, 1440)
DAY = DAYS[1]

CONTROLS = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  window.controls = [...all].filter((one) => one.type !== "hidden" && one.checkVisibility());
  return window.controls.map((one) => one.outerHTML.slice(0, 100));
}"""
"""What can be used, in the order in which it is read."""

FOCUSED = """() => {
  const one = document.activeElement;
  const at = one.getBoundingClientRect();
  const drawn = getComputedStyle(one);
  return {
    number: window.controls.indexOf(one),
    outlined: drawn.outlineStyle !== "none" && parseFloat(drawn.outlineWidth) >= 2,
    within: at.width > 0 && at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth,
  };
}"""


@pytest.fixture(params=WIDTHS)
async def page(request: pytest.FixtureRequest, console: Served, browser: Browser) -> AsyncIterator[Page]:
    """The page of a day that has ended, its parts pushed once: they are replaced no more."""
    context = await browser.new_context(viewport={"width": request.param, "height": 900})
    try:
        opened = await context.new_page()
        heard: list[object] = []
        wire = await context.new_cdp_session(opened)
        # Playwright takes no method of a built-in type.
        wire.on("Network.eventSourceMessageReceived", lambda event: heard.append(event))  # noqa: PLW0108
        await wire.send("Network.enable")
        await opened.goto(f"{console.base}/days/{DAY}")
        while len(heard) < len(FRAGMENTS):
            await opened.evaluate("() => new Promise(requestAnimationFrame)")
        yield opened
    finally:
        await context.close()


async def test_tab_reaches_every_control_of_a_day_in_order_and_shows_where_it_is(page: Page) -> None:
    controls = await page.evaluate(CONTROLS)
    reached: list[int] = []
    for _ in controls:
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        said = controls[focused["number"]]
        assert focused["number"] >= 0, f"{said}: reached, and no control"
        assert focused["within"], f"{said}: focused out of sight"
        assert focused["outlined"], f"{said}: not seen to have the focus"
        reached.append(focused["number"])
    assert reached == list(range(len(controls))), [c for i, c in enumerate(controls) if i not in reached]


async def test_the_first_tab_leads_past_the_navigation_to_the_day(page: Page) -> None:
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.rel") == "prev"
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/days/{DAYS[0]}")


async def test_enter_opens_what_is_folded_and_its_rows_come_next(page: Page) -> None:
    folded = page.locator("#part-checks details").first
    assert await folded.get_attribute("open") is None
    await folded.locator("summary").focus()
    await page.keyboard.press("Enter")
    assert await folded.get_attribute("open") is not None
    await page.keyboard.press("Enter")
    assert await folded.get_attribute("open") is None


async def test_a_day_is_told_something_by_keys_alone(page: Page) -> None:
    await page.get_by_label("Who asks").focus()
    await page.keyboard.type("Grace")
    await page.keyboard.press("Tab")
    await page.keyboard.type("looks whether keys do")
    for _ in range(2):
        await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.value") == "retrigger"
    for _ in range(2):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    # Of a day that has ended nothing can be paused: it says so, and nothing has changed.
    told = page.get_by_role("status").filter(has_text="pause refused.")
    await told.wait_for()
