"""Faults of what the worker needs: its warehouse, its disk, its clock, its upstreams, its alert channels."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.chaos.kinds import LINES
from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection
from benchmarks.chaos.strike_processes import WORKER

HANGS = 21.0
"""Seconds: just longer than the client's patience of 20."""
PATIENCE = 60.0
"""Seconds in which a day begins to ask, at most."""
ASKED_BEFORE = {
    "espn/scoreboard": ("nba-cdn/schedule",),
    "espn/summary": ("nba-cdn/boxscore",),
    "balldontlie/stats": ("nba-cdn/boxscore", "espn/summary"),
    "balldontlie/player_injuries": ("espn/injuries",),
}
"""The routes in whose place one is asked."""
OTHER_ACCOUNTS = ("espn/summary", "balldontlie/stats")
"""Routes whose recorded box scores, or those of who is asked next, say something else in some rows.

In the place of others they would show that, and nothing more. They are asked anyway, of games of which
nba.com lacks players.
"""
ALL_RETRIES = 16.0
"""Seconds: five attempts at an upstream are over by then."""
HOUR = 3_600.0
SHAPES = ("list", "null", "text", "page", "empty")
ILLS = {
    "warehouse_refuses": "refuses", "warehouse_slow": "slow", "warehouse_ambiguous": "ambiguous",
    "warehouse_quota": "quota",
}  # fmt: skip


def between(injection: Injection, least: float, most: float) -> float:
    """What the injection drew, in a range."""
    return least + (most - least) * injection.draw


async def warehouse(lived: Lived, injection: Injection) -> bool:
    """The engine refuses, is slow, is full or loses acknowledgements: from 3 to 7 seconds."""
    seconds = between(injection, 3, 7)
    lived.lasts(seconds)
    lived.control.set(seconds, ILLS[injection.kind])
    await asyncio.sleep(seconds)
    return True


async def disk(lived: Lived, injection: Injection) -> bool:
    """No file of the live worker can be written: what a full disk is to it, by RLIMIT_FSIZE."""
    pid = lived.pid(WORKER)
    if not pid:
        return False
    seconds = between(injection, 2, 5)
    lived.lasts(seconds)
    try:
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    except ProcessLookupError:
        return False
    lived.disks_full += 1
    await asyncio.sleep(seconds)
    lived.disks_full -= 1
    with suppress(ProcessLookupError):
        # One that was started again meanwhile has its own limits; another fault may be under way.
        if not lived.disks_full:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
    return True


async def clock(lived: Lived, injection: Injection) -> bool:
    """The worker's clock is hours off for 4 to 8 seconds, and then right again."""
    seconds = between(injection, 4, 8)
    hours = between(injection, 0.5, 30)
    lived.lasts(seconds)
    ahead = hours * HOUR * (1 if injection.kind == "clock_forward" else -1)
    lived.control.set(seconds, "clock", clock_offset=ahead)
    await asyncio.sleep(seconds)
    return True


async def channel(lived: Lived, injection: Injection) -> bool:
    """A channel is down for 10 to 20 seconds."""
    seconds = between(injection, 10, 20)
    if injection.kind == "slack_down":
        lived.receivers.slack_down(seconds)
    else:
        lived.receivers.smtp_down(seconds)
    return True


def upstream_fault(injection: Injection) -> tuple[dict[str, Any], float]:
    """What is told to the upstreams, and for how many seconds."""
    seconds = between(injection, 3, 7)
    if injection.route in LINES and injection.draw > 0.5:
        # Longer than all retries take: the day parks.
        seconds += ALL_RETRIES
    faults: dict[str, tuple[dict[str, Any], float]] = {
        "upstream_down": ({"kind": "status", "value": 503}, seconds),
        "upstream_hangs": ({"kind": "latency", "value": HANGS, "times": 2}, HANGS + 1),
        "upstream_429": ({"kind": "status", "value": {"code": 429, "retry_after": 3}}, seconds),
        "key_refused": ({"kind": "status", "value": 401}, seconds),
        "upstream_500s": ({"kind": "status", "value": 500, "times": 2 + int(3 * injection.draw)}, seconds),
        "upstream_truncated": ({"kind": "truncated"}, seconds),
        "wrong_json": ({"kind": "wrong_json", "value": SHAPES[int(len(SHAPES) * injection.draw)]}, seconds),
        "unknown_field": ({"kind": "unknown_field"}, seconds),
        "removed_field": ({"kind": "removed_field"}, seconds),
        "stale_copy": ({"kind": "stale_copy"}, seconds),
        "missing_game": ({"kind": "missing_game"}, seconds),
        "missing_players": ({"kind": "missing_player"}, seconds),
        "duplicate_rows": ({"kind": "duplicate_row"}, seconds),
    }
    fault, time = faults[injection.kind]
    return {"route": injection.route, "requested_by": "chaos", **fault}, time


async def upstream(lived: Lived, injection: Injection) -> bool:
    """One route answers wrongly, late or not at all until a while after it was first asked.

    Where a route is asked only if others failed, those are down meanwhile. Whether any request met it.
    """
    fault, seconds = upstream_fault(injection)
    lived.lasts(PATIENCE)
    made = []
    try:
        made.append(await lived.upstream(fault))
        another = lived.source == "recorded" and injection.route in OTHER_ACCOUNTS
        for route in () if another else ASKED_BEFORE.get(injection.route, ()):
            made.append(await lived.upstream({**fault, "route": route, "kind": "status", "value": 503}))
        until = time.monotonic() + PATIENCE
        while not await lived.met(made[0]):
            if lived.has_asked[lived.days[injection.day]].is_set() or time.monotonic() > until:
                seconds = 0.0
                break
            await asyncio.sleep(0.2)
    except httpx.HTTPError:
        # The upstreams are away themselves; what was set is taken back.
        seconds = 0.0
    lived.ends(seconds)
    await asyncio.sleep(seconds)
    with suppress(httpx.HTTPError):
        met = await lived.met(made[0]) if made else 0
        for one in made:
            await lived.mend_upstream(one)
        return met > 0
    return False
