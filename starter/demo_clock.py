"""What the replay server says of its dates: which can be run, and when a day is lived."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from shared.access import token_header
from shared.errors import BadRequest
from starter.failure import CommandError

MID_SEASON = (1, 15)


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class SeasonFacts(_Loose):
    """One season that can be run."""

    season: str
    first_date: date
    last_date: date
    games: int


class Seasons(_Loose):
    """The answer of `/seasons`."""

    source: str
    seasons: tuple[SeasonFacts, ...]
    dates_with_lines: tuple[date, ...]
    latest_date: date | None


class DayClock(_Loose):
    """The answer of `/clock/<date>`."""

    game_date: date
    as_of: datetime
    games: int


@dataclass(frozen=True)
class ReplayClock:
    """Asks the replay server."""

    url: str
    token: SecretStr | None = None

    async def seasons(self) -> Seasons:
        """Which dates can be run."""
        return Seasons.model_validate_json(await self._get("/seasons"))

    async def day(self, day: date) -> DayClock:
        """When a day is lived."""
        return DayClock.model_validate_json(await self._get(f"/clock/{day}"))

    async def _get(self, path: str) -> bytes:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=30.0) as http:
                answer = await http.get(self.url + path, headers=token_header(self.token))
                answer.raise_for_status()
                return answer.content
        except httpx.HTTPError as error:
            raise CommandError(f"replay server: {path} failed: {error}") from error


def default_day(seasons: Seasons) -> date:
    """Recorded: the latest date with lines that can be graded. Simulated: the middle of its season."""
    lines = sorted(seasons.dates_with_lines)
    gradable = [day for day in lines if can_grade(seasons, day)]
    if not gradable:
        raise BadRequest("date: no date has lines and a day after it; name one with --date")
    if seasons.source != "simulated":
        return gradable[-1]
    month, number = MID_SEASON
    middle = date(seasons.seasons[-1].first_date.year + 1, month, number)
    return gradable[min(bisect_left(gradable, middle), len(gradable) - 1)]


def can_grade(seasons: Seasons, day: date) -> bool:
    """Whether the day after is within the data, so that the day's outcomes come in."""
    return seasons.latest_date is not None and day + timedelta(days=1) <= seasons.latest_date


def check_day(seasons: Seasons, day: date) -> None:
    """See that a date is within the data.

    Raises:
        BadRequest: it isn't; the message says what is.
    """
    if not seasons.seasons or seasons.latest_date is None:
        raise BadRequest(f"date: the {seasons.source} source has no games")
    first = min(season.first_date for season in seasons.seasons)
    last = seasons.latest_date + timedelta(days=1)
    if not first <= day <= last:
        raise BadRequest(f"date: {day} is not in the {seasons.source} data, {first} to {last}")
