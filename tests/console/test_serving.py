"""How the console is served: at another port where its own is taken; never in the way of a stop."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import httpx
import pytest

from tests.console.serving import Served
from tests.operations.lived_days import DAYS
from worker.console.app import console_app
from worker.console.surroundings import Console
from worker.serving import PageServer


async def test_where_the_port_is_taken_pages_are_served_at_another(console: Served) -> None:
    app = console_app(Console(console.around, console.client))
    async with PageServer(app, 0) as first, PageServer(app, first.port, or_another=True) as second:
        assert second.port != first.port
        async with console.http() as http:
            for server in (first, second):
                assert (await http.get(f"http://127.0.0.1:{server.port}/players")).status_code == 200
        with pytest.raises(OSError, match="in use"):
            PageServer(app, first.port)


async def test_a_day_that_is_looked_at_does_not_hold_up_the_stop(console: Served) -> None:
    app = console_app(Console(console.around, console.client))
    looked_at = asyncio.Event()

    async def look(port: int) -> None:
        async with console.http() as http:
            # Cut off in the middle, or ended: either is a stop.
            with suppress(httpx.HTTPError):
                async with http.stream("GET", f"http://127.0.0.1:{port}/days/{DAYS[0]}/live") as stream:
                    async for _ in stream.aiter_lines():
                        looked_at.set()

    async with PageServer(app, 0) as server:
        looking = asyncio.create_task(look(server.port))
        await looked_at.wait()
        began = time.monotonic()
    assert time.monotonic() - began < 10
    await looking
