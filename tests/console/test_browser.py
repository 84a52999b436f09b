"""Every page in a real browser: it fits, it can be read by everybody, and it looks as its picture shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.serving import Served
from tests.console.test_every_page import PAGES

if TYPE_CHECKING:
    from playwright.async_api import Browser

WIDTHS = (360, 1440)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fits_its_window_and_axe_finds_nothing_serious(
    path: str, width: int, scheme: str, console: Served, browser: Browser, screenshots: Path
) -> None:
    await looked_at(browser, console.base + path, width, scheme, screenshots / named(path, width, scheme))


def named(path: str, width: int, scheme: str) -> str:
    """The file of a page's picture."""
    name = path.strip("/").replace("/", "-").replace("?", "-").replace("&", "-") or "days"
    return f"{name}-{width}-{scheme}.png"


async def looked_at(browser: Browser, address: str, width: int, scheme: str, picture: Path) -> None:
    """Opens a page, keeps its picture, and holds it against its window, its scripts and axe-core."""
    from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415

    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(address)
        await page.screenshot(path=picture, full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert not complaints
        # Its script is put into the page from here, so that the page's own policy stands as it is.
        found = await Axe().run(page)
        grave = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
        assert not grave, [(v["id"], v["help"], [n["html"][:120] for n in v["nodes"][:3]]) for v in grave]
    finally:
        await context.close()
