"""What each upstream is asked at most, and when it is left alone: one line an upstream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class SourceLimits:
    """How one upstream is treated."""

    per_second: float
    """Calls begun a second, below what it allows."""
    at_once: int = 4
    """Calls under way, of all activities of a worker: a slow source never holds more."""
    failures: int = 3
    """Failed calls in a row that open its circuit breaker."""
    open_first: timedelta = timedelta(seconds=30)
    """How long it is left alone then; each failed probe makes it five times as long."""
    open_longest: timedelta = timedelta(minutes=30)
    failed_a_day: int = 100
    """Failed calls of a UTC day after which it is left alone until the next: the budget of all retries."""

    def open_for(self, openings: int) -> timedelta:
        """How long it is left alone after so many openings in a row."""
        times = 5 ** min(openings - 1, 8)
        return min(self.open_first * int(times), self.open_longest)


LIMITS: dict[str, SourceLimits] = {
    # Another source has all that it has: five probes in 24 hours, after 0.5, 3, 15.5, 78 and 390 minutes.
    "nba-cdn": SourceLimits(per_second=10, open_longest=timedelta(hours=24)),
    "stats-nba": SourceLimits(per_second=1, at_once=2),
    "espn": SourceLimits(per_second=10),
    # Its documentation: 30 a second.
    "odds-api": SourceLimits(per_second=10),
    # Its documentation: 60 a minute with the plan that has statistics.
    "balldontlie": SourceLimits(per_second=1, at_once=2),
}
"""By the upstream's name in `http.HOSTS`."""
