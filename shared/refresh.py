"""Intraday refreshes: what of a day is fetched and made again while its games are still to come."""

from __future__ import annotations

from datetime import date, datetime

from shared.messages import Message
from shared.phases import PHASES, dependants

REFRESHED_FIRST = "scrape"
REFRESHED_PROCESSORS = ("scrape_schedule", "scrape_prop_lines", "scrape_injuries")
"""What changes during a day. Box scores and rosters of the morning stand."""

REFRESHED_PHASES = tuple(
    # Grading reads what is over: nothing that changes during a day.
    phase.name
    for phase in PHASES
    if phase.name in (REFRESHED_FIRST, *dependants(REFRESHED_FIRST)) and phase.name != "grading"
)


class RefreshInput(Message):
    """What the schedule starts. Date and instant come from the scheduled time unless given."""

    game_date: date | None = None
    as_of: datetime | None = None
    """For a recorded or simulated date: the instant, in that day's own time, that it is refreshed as of."""


class RefreshPlanRequest(Message):
    """Asks whether there is anything to refresh of a date at an instant."""

    game_date: date
    now: datetime


class RefreshPlan(Message):
    """Whether there is, and if not, why not."""

    due: bool
    reason: str
    """If due: which games are still to come."""


class RefreshResult(Message):
    """What became of a refresh: the day does it, or why not."""

    workflow_id: str
    game_date: date
    asked: bool
    """Whether the day was asked to do it."""
    reason: str
