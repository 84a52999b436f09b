"""The page of days: a season's calendar, and the latest dates by phases."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from activities.operations.grid import grid_of
from activities.operations.status import PHASE_STATUS, latest_date
from shared.clock import game_date_of, season_of, season_start, utc_now
from shared.features import FEATURE_VERSION
from shared.grid import CellState, GridDay, GridInput
from shared.phases import PHASES
from warehouse.protocol import Warehouse
from worker.console.parameters import day_parameter, number_parameter
from worker.console.rendering import page
from worker.console.surroundings import Console

SHOWN = 21
MOST_SHOWN = 200
_GRAVEST = (
    CellState.FAILED, CellState.WAITING, CellState.STALE, CellState.RUNNING, CellState.MISSING,
    CellState.WARN, CellState.OK,
)  # fmt: skip
WANTS_SOMEBODY = (CellState.FAILED, CellState.WAITING, CellState.STALE)


@dataclass(frozen=True)
class CalendarDay:
    """A date in the calendar."""

    day: date
    state: str
    games: int

    @property
    def said(self) -> str:
        """What a screen reader says."""
        games = f"{self.games} games" if self.games else "no games"
        return f"{self.day:%A %d %B}, {games}, {'nothing run' if self.state == 'none' else self.state}"


@dataclass(frozen=True)
class Month:
    """A month in the calendar: weeks from Monday on, None outside the month or the season."""

    name: str
    weeks: tuple[tuple[CalendarDay | None, ...], ...]


@dataclass(frozen=True)
class Season:
    """All that the page shows."""

    name: str
    until: date
    months: tuple[Month, ...]
    rows: tuple[GridDay, ...]
    """The latest first."""
    attention: tuple[tuple[GridDay, str, str, str], ...]
    """Date, phase, state and why, of what wants somebody; the latest first."""
    counts: dict[str, int]
    """Dates by their gravest state."""


def state_of(day: GridDay) -> CellState:
    """The gravest state of a date's phases."""
    states = {cell.state for cell in day.phases.values()}
    return next((state for state in _GRAVEST if state in states), CellState.NONE)


def read_season(warehouse: Warehouse, until: date | None, shown: int) -> Season:
    """The season that a date is in, up to that date; without one, up to the latest that was run."""
    now = utc_now()
    last = until or latest_date(warehouse, PHASE_STATUS) or game_date_of(now)
    name = season_of(last)
    first = min(season_start(name), last - timedelta(days=shown - 1))
    days = grid_of(warehouse, GridInput(until=last, days=(last - first).days + 1), now).days
    of_season = [day for day in days if day.game_date >= season_start(name)]
    rows = tuple(reversed(days[-shown:]))
    counts: dict[str, int] = {}
    for day in of_season:
        state = str(state_of(day))
        counts[state] = counts.get(state, 0) + 1
    return Season(
        name=name,
        until=last,
        months=_months(of_season),
        rows=rows,
        attention=tuple(
            (day, phase.name, str(day.phases[phase.name].state), day.phases[phase.name].why)
            for day in reversed(of_season)
            for phase in PHASES
            if day.phases[phase.name].state in WANTS_SOMEBODY
        ),
        counts=counts,
    )


def _months(days: Sequence[GridDay]) -> tuple[Month, ...]:
    known = {day.game_date: CalendarDay(day.game_date, str(state_of(day)), day.games) for day in days}
    starts = sorted({day.game_date.replace(day=1) for day in days})
    return tuple(
        Month(
            f"{start:%B %Y}",
            tuple(
                tuple(known.get(day) if day.month == start.month else None for day in week)
                for week in calendar.Calendar().monthdatescalendar(start.year, start.month)
            ),
        )
        for start in starts
    )


async def days_page(console: Console, request: Request) -> Response:
    """`/?until=DATE&days=N`."""
    until = day_parameter(request, "until")
    shown = number_parameter(request, "days", SHOWN, 1, MOST_SHOWN)
    season = await console.reader(read_season, console.warehouse, until, shown)
    return page(
        "days.html",
        {
            **console.frame(request, "Days", f"Days of {season.name}"),
            "season": season,
            "phases": PHASES,
            "shown": shown,
            "version": FEATURE_VERSION,
            "older": season.until - timedelta(days=shown),
            "newer": season.until + timedelta(days=shown) if until else None,
            "state_of": state_of,
        },
    )
