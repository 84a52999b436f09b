"""Pages from templates. Every value is escaped; nothing on a page comes from another host."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from shared.clock import EASTERN, utc_now

HERE = Path(__file__).parent
STATIC = HERE / "static"

STATE_MARKS = {
    "ok": "✓", "completed": "✓", "pass": "✓", "warn": "!", "skipped": "–", "failed": "✕", "fail": "✕",
    "aborted": "✕", "running": "▶", "waiting": "‖", "paused": "‖", "missing": "○", "stale": "↻",
    "pending": "·", "none": "·", "not run": "·",
}  # fmt: skip
"""A mark beside each word: no state is told by its colour alone."""

STATE_STYLES = {
    "completed": "ok", "pass": "ok", "fail": "failed", "aborted": "failed", "paused": "waiting",
    "skipped": "warn", "pending": "none", "not run": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One entry of the navigation."""

    name: str
    path: str


TABS = (
    Tab("Days", "/"), Tab("Predictions", "/predictions"), Tab("Players", "/players"), Tab("Truth", "/truth"),
    Tab("Health", "/health"),
)  # fmt: skip


def moment(instant: datetime | None) -> str:
    """An instant in US/Eastern, to the minute."""
    return f"{instant.astimezone(EASTERN):%Y-%m-%d %H:%M} ET" if instant else ""


def clock(instant: datetime | None) -> str:
    """The time of an instant, to the second, in UTC: what logs and Temporal show."""
    return f"{instant:%H:%M:%S}" if instant else ""


def age(instant: datetime | None) -> str:
    """How long ago, roughly."""
    if instant is None:
        return ""
    return duration((utc_now() - instant).total_seconds())


def duration(seconds: float | None) -> str:
    """Seconds as `0.4 s`, `3 min`, `5 h`, `2 d`."""
    if seconds is None:
        return ""
    if seconds < 100:
        return f"{seconds:.1f} s"
    for size, unit in ((86_400 * 2, "d"), (3_600 * 2, "h"), (0, "min")):
        if seconds >= size:
            return f"{seconds / {'d': 86_400, 'h': 3_600, 'min': 60}[unit]:.0f} {unit}"
    return ""


def number(value: float | None) -> str:
    """A count, with thousands apart; empty for none."""
    return f"{value:,}" if value else ""


def weekday(day: date) -> str:
    """`Fri 28 Nov`."""
    return f"{day:%a} {day.day} {day:%b}"


@cache
def asset(name: str) -> str:
    """The address of a file of ours, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


@cache
def environment() -> Environment:
    """The templates."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {
        "moment": moment, "clock": clock, "age": age, "duration": duration, "number": number,
        "weekday": weekday, "mark": lambda state: STATE_MARKS.get(state, "·"),
        "style": lambda state: STATE_STYLES.get(state, state),
    }  # fmt: skip
    found.globals |= {"asset": asset, "tabs": TABS}
    return found


def fragment(template: str, values: Mapping[str, Any]) -> str:
    """A part of a page."""
    return environment().get_template(template).render(values)


def page(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A whole page."""
    return HTMLResponse(fragment(template, values), status_code=status)
