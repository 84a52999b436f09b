"""Around the alert: what ends one, what `tipoff alerts` asks, what the absence alarm is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.messages import Message

Severity = Literal["info", "warning", "error", "critical"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
"""From the least grave to the gravest."""


class Resolution(Message):
    """Causes of a date are gone."""

    game_date: date
    causes: tuple[str, ...]
    """Each a cause, or the beginning of several up to a slash: `scrape` ends `scrape/…` too."""
    text: str
    """What ended it."""


class AlertsInput(Message):
    """Asks for the alerts of the last days, or sends one to try the channels."""

    days: int = Field(default=14, ge=1, le=90)
    test: bool = False
    severity: Severity = "error"
    """Of the test: it goes where an alert of this severity would."""


class AlertRow(Message):
    """One alert as the table has it."""

    game_date: date
    cause: str
    severity: Severity
    title: str
    text: str
    command: str = ""
    occurrences: int
    first_seen: datetime
    last_seen: datetime
    last_sent: datetime | None = None
    undelivered: tuple[str, ...] = ()
    failure: str = ""
    resolved_at: datetime | None = None


class ChannelReport(Message):
    """A channel, and what became of a test sent to it. Never its address, which is a secret."""

    name: str
    severities: tuple[Severity, ...]
    tried: bool = False
    error: str = ""


class AlertsReport(Message):
    """The channels there are, and the alerts: open ones first, the newest first."""

    channels: tuple[ChannelReport, ...]
    alerts: tuple[AlertRow, ...] = ()


class AbsenceInput(Message):
    """Asks whether the day that should have begun has."""

    due: str = Field(default="06:30", max_length=5)
    """Wall time in New York by which a day has begun."""
    game_date: date | None = None
    """Default: the date of the scheduled time."""


class AbsenceCheck(Message):
    """One look, at an instant of Temporal's clock."""

    game_date: date
    due: datetime
    now: datetime
    workflow_id: str


class AbsenceResult(Message):
    """What was found."""

    game_date: date
    absent: bool
    undelivered: int = 0
    """Alerts that no channel has taken yet."""
