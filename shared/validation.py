"""What the validators are asked and answer: validate, spot-check, schema check."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.messages import Message
from shared.predeploy import Finding


class ValidateInput(Message):
    """Dates to be validated."""

    start: date | None = None
    end: date | None = None
    """Inclusive. Without dates: today in New York; where days are replayed, the latest that was run."""
    kind: Literal["daily", "historical"] = "historical"
    """Daily: the morning of a date and the games of the date before, which that morning brought in."""


class SpotCheckInput(Message):
    """How many stored player-days are to be computed again from the raw rows."""

    samples: int = Field(default=50, ge=1, le=5_000)
    seed: int = 0
    start: date | None = None
    end: date | None = None
    """Inclusive. Without dates: any that has features."""


class SchemaCheckInput(Message):
    """Compares the DDL with the live tables."""


class CheckReport(Message):
    """What a validator found: one finding a check, those that are well included."""

    validator: str
    subject: str
    """What was looked at, as `2025-11-05 to 2025-11-07`."""
    judged: int
    """Outcomes, one a check and date."""
    skipped: int = 0
    """Checks that had nothing to judge, on so many dates."""
    findings: tuple[Finding, ...] = ()

    def failed(self) -> bool:
        """Whether anything is wrong."""
        return any(finding.status == "fail" for finding in self.findings)

    def warned(self) -> bool:
        """Whether anything is odd."""
        return any(finding.status == "warn" for finding in self.findings)
